#include "http/connect.h"

#include <string.h>

#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/percent.h"
#include "http/rpc.h"
#include "pb/base64.h"
#include "pb/json.h"

/* --- the query of a GET --- */

enum parameter { CONNECT, ENCODING, MESSAGE, BASE64, COMPRESSION, PARAMETERS };

static const char *const names[PARAMETERS] = {"connect", "encoding", "message", "base64",
                                              "compression"};

/* A parameter's value as it stands in the query. */
struct value {
    const char *text; /* NULL: absent */
    size_t bytes;
};

static bool
is(struct value value, const char *text)
{
    return value.text != NULL && value.bytes == strlen(text) &&
           memcmp(value.text, text, value.bytes) == 0;
}

static enum status
malformed(struct call *call, enum parameter parameter, const char *what)
{
    return call_fail(call, &reason_malformed_request, "The parameter `%s` %s.", names[parameter],
                     what);
}

static enum status
take_parameter(struct call *call, const char *text, size_t bytes, struct value values[])
{
    const char *equals = memchr(text, '=', bytes);
    size_t name_bytes = equals == NULL ? bytes : (size_t)(equals - text);

    for (int i = 0; i < PARAMETERS; i++) {
        if (!is((struct value){text, name_bytes}, names[i])) {
            continue;
        }
        if (values[i].text != NULL) {
            return call_fail(call, &reason_duplicate_parameter, "`%s` stands twice.", names[i]);
        }
        values[i] = equals == NULL ? (struct value){"", 0}
                                   : (struct value){equals + 1, bytes - name_bytes - 1};
        return STATUS_OK;
    }
    return call_fail(call, &reason_unknown_parameter,
                     "The parameters are connect, encoding, message, base64 and compression.");
}

static enum status
split_query(struct call *call, const char *query, size_t bytes, struct value values[])
{
    const char *end = query + bytes;
    enum status status = STATUS_OK;

    while (query != end && status == STATUS_OK) {
        const char *and = memchr(query, '&', (size_t)(end - query));
        const char *stop = and == NULL ? end : and;

        if (stop != query) {
            status = take_parameter(call, query, (size_t)(stop - query), values);
        }
        query = and == NULL ? end : stop + 1;
    }
    return status;
}

static enum status
check_values(struct call *call, const struct value values[])
{
    if (values[CONNECT].text != NULL && !is(values[CONNECT], "v1")) {
        return malformed(call, CONNECT, "must be v1");
    }
    if (values[ENCODING].text == NULL) {
        return malformed(call, ENCODING, "is missing");
    }
    if (!is(values[ENCODING], "json") && !is(values[ENCODING], "proto")) {
        return call_fail(call, &reason_media_type, "The encodings are json and proto.");
    }
    if (values[MESSAGE].text == NULL) {
        return malformed(call, MESSAGE, "is missing");
    }
    if (values[BASE64].text != NULL && !is(values[BASE64], "1") && !is(values[BASE64], "0")) {
        return malformed(call, BASE64, "must be 1");
    }
    if (values[COMPRESSION].text != NULL && !is(values[COMPRESSION], "identity") &&
        !is(values[COMPRESSION], "")) {
        return call_fail(call, &reason_content_coding, "The only compression is identity.");
    }
    return STATUS_OK;
}

static enum status
decode_message(struct call *call, const struct value values[], struct http_connect_query *out)
{
    bool is_base64 = is(values[BASE64], "1");
    const char *text;
    size_t bytes;
    uint8_t *data;

    /* Queries are forms, but a plus of base64 that somebody forgot to escape is one. */
    if (!http_percent_decode_bytes(call->arena, values[MESSAGE].text, values[MESSAGE].bytes,
                                   !is_base64, &text, &bytes)) {
        return malformed(call, MESSAGE, "is not percent-encoded");
    }
    if (is_base64) {
        data = arena_alloc(call->arena, pb_base64_decoded_max(bytes));
        if (data == NULL) {
            return call_fail(call, &reason_internal_error, "The query takes too much memory.");
        }
        if (!pb_base64_decode(text, bytes, data, &bytes)) {
            return malformed(call, MESSAGE, "is not base64");
        }
        text = (const char *)data;
    }
    *out = (struct http_connect_query){is(values[ENCODING], "proto"), text, bytes};
    return STATUS_OK;
}

enum status
http_connect_query_read(struct call *call, const char *query, size_t query_bytes,
                        struct http_connect_query *out)
{
    struct value values[PARAMETERS] = {0};
    enum status status = split_query(call, query, query_bytes, values);

    if (status == STATUS_OK) {
        status = check_values(call, values);
    }
    return status == STATUS_OK ? decode_message(call, values, out) : status;
}

/* --- errors --- */

static const struct {
    const char *name;
    int http;
} codes[] = {
    [STATUS_CANCELLED] = {"canceled", 499},
    [STATUS_UNKNOWN] = {"unknown", 500},
    [STATUS_INVALID_ARGUMENT] = {"invalid_argument", 400},
    [STATUS_DEADLINE_EXCEEDED] = {"deadline_exceeded", 504},
    [STATUS_NOT_FOUND] = {"not_found", 404},
    [STATUS_ALREADY_EXISTS] = {"already_exists", 409},
    [STATUS_PERMISSION_DENIED] = {"permission_denied", 403},
    [STATUS_RESOURCE_EXHAUSTED] = {"resource_exhausted", 429},
    [STATUS_FAILED_PRECONDITION] = {"failed_precondition", 400},
    [STATUS_ABORTED] = {"aborted", 409},
    [STATUS_OUT_OF_RANGE] = {"out_of_range", 400},
    [STATUS_UNIMPLEMENTED] = {"unimplemented", 501},
    [STATUS_INTERNAL] = {"internal", 500},
    [STATUS_UNAVAILABLE] = {"unavailable", 503},
    [STATUS_DATA_LOSS] = {"data_loss", 500},
    [STATUS_UNAUTHENTICATED] = {"unauthenticated", 401},
};

/* The code's place in the table; a number that is none is `unknown`. */
static size_t
code_index(enum status code)
{
    size_t index = (size_t)code;

    return index >= sizeof(codes) / sizeof(codes[0]) || codes[index].name == NULL ? STATUS_UNKNOWN
                                                                                  : index;
}

int
http_connect_status(enum status code)
{
    return codes[code_index(code)].http;
}

const char *
http_connect_code(enum status code)
{
    return codes[code_index(code)].name;
}

/* The packed message in base64 without padding, in quotes. */
static void
put_packed(struct buf *out, const ProtobufCMessage *message)
{
    size_t bytes = protobuf_c_message_get_packed_size(message);
    struct buf packed = BUF_INIT;
    size_t text_bytes = pb_base64_encoded(bytes);

    protobuf_c_message_pack(message, (uint8_t *)buf_reserve(&packed, bytes + 1));
    buf_putc(out, '"');
    pb_base64_encode((const uint8_t *)packed.data, bytes, buf_reserve(out, text_bytes + 1));
    buf_grown(out, (bytes * 4 + 2) / 3);
    buf_putc(out, '"');
    buf_fini(&packed);
}

static void
put_detail(struct buf *out, const struct http_rpc_detail *detail)
{
    buf_puts(out, "{\"type\":\"");
    buf_puts(out, detail->schema->full_name);
    buf_puts(out, "\",\"value\":");
    put_packed(out, detail->message);
    buf_puts(out, ",\"debug\":");
    pb_json_write(out, detail->schema, detail->message);
    buf_putc(out, '}');
}

void
http_connect_error_write(struct buf *out, const struct call *call)
{
    const struct problem *problem = &call->problem;
    struct http_rpc_detail details[HTTP_RPC_DETAILS_MAX];
    size_t n;

    ASSERT(problem->reason != NULL);
    n = http_rpc_details(call, details);
    buf_puts(out, "{\"code\":\"");
    buf_puts(out, http_connect_code(problem->reason->code));
    buf_puts(out, "\",\"message\":");
    buf_put_json_string(out, problem->detail, strlen(problem->detail));
    buf_puts(out, ",\"details\":[");
    for (size_t i = 0; i < n; i++) {
        if (i != 0) {
            buf_putc(out, ',');
        }
        put_detail(out, &details[i]);
    }
    buf_puts(out, "]}");
}
