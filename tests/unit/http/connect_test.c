/* The Connect protocol: queries of GETs, and errors. */
#include "http/connect.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/error.pb-c.h"
#include "depot/rpc/v1/error.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/base64.h"
#include "pb/wire.h"

static struct arena arena;
static struct call call;

static void
start(void)
{
    arena_init(&arena, 4096, 1 << 20);
    call_init(&call, &arena);
    call.request_id = "r-1";
}

static void
stop(void)
{
    arena_fini(&arena);
}

TestSuite(connect, .init = start, .fini = stop);

/* --- queries --- */

/* "json {}", or the reason of the refusal. The query is copied, for a sanitizer to see its end. */
static const char *
read_query(const char *query)
{
    static char said[256];
    size_t bytes = strlen(query);
    char *copy = malloc(bytes + 1);
    struct http_connect_query out;

    memcpy(copy, query, bytes);
    call_init(&call, &arena);
    if (http_connect_query_read(&call, copy, bytes, &out) == STATUS_OK) {
        snprintf(said, sizeof(said), "%s %.*s", out.packed ? "proto" : "json",
                 (int)out.message_bytes, out.message);
    } else {
        snprintf(said, sizeof(said), "%s", call.problem.reason->name);
    }
    free(copy);
    return said;
}

Test(connect, a_query_holds_a_message)
{
    static const struct {
        const char *query, *said;
    } cases[] = {
        {"encoding=json&message=%7B%22a%22%3A1%7D", "json {\"a\":1}"},
        {"connect=v1&encoding=json&message={}", "json {}"},
        {"message=&encoding=proto&connect=v1", "proto "},
        {"encoding=json&message=eyJhIjoxfQ&base64=1", "json {\"a\":1}"},
        {"encoding=json&message=eyJhIjoxfQ==&base64=1", "json {\"a\":1}"},
        {"encoding=json&message=eyJhIjoxfQ%3D%3D&base64=1", "json {\"a\":1}"},
        {"encoding=json&message=fn4-&base64=1", "json ~~>"}, /* the alphabet of URLs */
        {"encoding=json&message=a+b%2B", "json a b+"},       /* a form */
        {"encoding=json&message=fn4+&base64=1", "json ~~>"}, /* but for base64 */
        {"encoding=json&message={}&compression=identity", "json {}"},
        {"encoding=json&message={}&compression=&base64=0", "json {}"},
        {"&&encoding=json&&message={}&", "json {}"},
        {"encoding=json&message=a=b", "json a=b"},
        {"", "MALFORMED_REQUEST"},
        {"encoding=json", "MALFORMED_REQUEST"},
        {"message={}", "MALFORMED_REQUEST"},
        {"connect=v2&encoding=json&message={}", "MALFORMED_REQUEST"},
        {"connect&encoding=json&message={}", "MALFORMED_REQUEST"},
        {"encoding=xml&message={}", "MEDIA_TYPE"},
        {"encoding=json&message={}&compression=gzip", "CONTENT_CODING"},
        {"encoding=json&message=%7", "MALFORMED_REQUEST"},
        {"encoding=json&message=%zz", "MALFORMED_REQUEST"},
        {"encoding=json&message=%7B&base64=1", "MALFORMED_REQUEST"},
        {"encoding=json&message=eyJ=hI&base64=1", "MALFORMED_REQUEST"},
        {"encoding=json&message={}&base64=yes", "MALFORMED_REQUEST"},
        {"encoding=json&message={}&x=1", "UNKNOWN_PARAMETER"},
        {"encoding=json&message={}&Message={}", "UNKNOWN_PARAMETER"},
        {"encoding=json&message={}&message={}", "DUPLICATE_PARAMETER"},
        {"encoding=json&encoding=json&message={}", "DUPLICATE_PARAMETER"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_str_eq(read_query(cases[i].query), cases[i].said, "%s: %s", cases[i].query,
                         read_query(cases[i].query));
    }
}

Test(connect, a_message_in_a_query_may_be_any_bytes)
{
    static const char query[] = "encoding=proto&message=%00%ff%0a";
    struct http_connect_query out;

    cr_assert_eq(http_connect_query_read(&call, query, strlen(query), &out), STATUS_OK);
    cr_assert(out.packed);
    cr_assert_eq(out.message_bytes, 3);
    cr_assert_eq(memcmp(out.message, "\0\xff\n", 3), 0);
}

Test(connect, a_query_that_takes_too_much_memory_is_refused)
{
    static const char query[] = "encoding=json&message=eyJhIjoxfQ&base64=1";
    struct http_connect_query out;

    arena.cap_bytes = 1;
    cr_assert_eq(http_connect_query_read(&call, query, strlen(query), &out), STATUS_INTERNAL);
    cr_assert_eq(call.problem.reason, &reason_internal_error);
}

/* --- errors --- */

Test(connect, every_code_has_a_name_and_a_status)
{
    static const struct {
        enum status code;
        const char *name;
        int http;
    } codes[] = {
        {STATUS_CANCELLED, "canceled", 499},
        {STATUS_UNKNOWN, "unknown", 500},
        {STATUS_INVALID_ARGUMENT, "invalid_argument", 400},
        {STATUS_DEADLINE_EXCEEDED, "deadline_exceeded", 504},
        {STATUS_NOT_FOUND, "not_found", 404},
        {STATUS_ALREADY_EXISTS, "already_exists", 409},
        {STATUS_PERMISSION_DENIED, "permission_denied", 403},
        {STATUS_RESOURCE_EXHAUSTED, "resource_exhausted", 429},
        {STATUS_FAILED_PRECONDITION, "failed_precondition", 400},
        {STATUS_ABORTED, "aborted", 409},
        {STATUS_OUT_OF_RANGE, "out_of_range", 400},
        {STATUS_UNIMPLEMENTED, "unimplemented", 501},
        {STATUS_INTERNAL, "internal", 500},
        {STATUS_UNAVAILABLE, "unavailable", 503},
        {STATUS_DATA_LOSS, "data_loss", 500},
        {STATUS_UNAUTHENTICATED, "unauthenticated", 401},
        {(enum status)17, "unknown", 500},
        {(enum status) - 1, "unknown", 500},
        {STATUS_OK, "unknown", 500}, /* no error is a success */
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        cr_assert_str_eq(http_connect_code(codes[i].code), codes[i].name);
        cr_assert_eq(http_connect_status(codes[i].code), codes[i].http, "%s", codes[i].name);
    }
}

/* The error of the call as JSON. */
static json_t *
write_error(void)
{
    struct buf out = BUF_INIT;
    json_error_t error;
    json_t *document;

    http_connect_error_write(&out, &call);
    document = json_loadb(out.data, out.length_bytes, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(document, "%s: %.*s", error.text, (int)out.length_bytes, out.data);
    buf_fini(&out);
    return document;
}

static const char *
text_of(const json_t *document, const char *member)
{
    const char *text = json_string_value(json_object_get(document, member));

    cr_assert_not_null(text, "%s", member);
    return text;
}

/* Unpacks the `index`th detail, which must be of this type. */
static ProtobufCMessage *
unpack_detail(const json_t *document, size_t index, const struct pb_message *schema)
{
    const json_t *detail = json_array_get(json_object_get(document, "details"), index);
    const char *value = text_of(detail, "value");
    uint8_t data[1024];
    ProtobufCMessage *message;
    size_t bytes;

    cr_assert_str_eq(text_of(detail, "type"), schema->full_name);
    cr_assert_null(strchr(value, '='));
    cr_assert_leq(pb_base64_decoded_max(strlen(value)), sizeof(data));
    cr_assert(pb_base64_decode(value, strlen(value), data, &bytes));
    cr_assert_eq(pb_unpack(&arena, schema, data, bytes, &message), STATUS_OK);
    return message;
}

Test(connect, an_error_says_all_that_is_wrong)
{
    const Depot__Rpc__V1__ErrorInfo *info;
    json_t *document;

    call_violation(&call, &reason_required, "/resource/name", "It is missing.");
    call_violation(&call, &reason_too_long, "/resource/description", "\"%s\"\n", "\xc3\xa4");
    call.problem.retry_after_ms = 2500;
    cr_assert_neq(call_invalid(&call, &reason_validation_failed), STATUS_OK);
    document = write_error();
    cr_assert_str_eq(text_of(document, "code"), "invalid_argument");
    cr_assert_str_eq(text_of(document, "message"), call.problem.detail);
    cr_assert_eq(json_array_size(json_object_get(document, "details")), 1);
    info = (const Depot__Rpc__V1__ErrorInfo *)unpack_detail(document, 0,
                                                            &depot__rpc__v1__error_info__schema);
    cr_assert_str_eq(info->reason, "VALIDATION_FAILED");
    cr_assert_str_eq(info->request_id, "r-1");
    cr_assert_eq(info->n_violations, 2);
    cr_assert_str_eq(info->violations[0]->field, "/resource/name");
    cr_assert_str_eq(info->violations[0]->reason, "REQUIRED");
    cr_assert_str_eq(info->violations[1]->detail, "\"\xc3\xa4\"\n");
    cr_assert_eq(info->retry_delay->seconds, 2);
    cr_assert_eq(info->retry_delay->nanos, 500000000);
    json_decref(document);
}

Test(connect, what_the_service_adds_is_a_detail)
{
    Depot__Inventory__V1__AllocationOverlap overlap =
        DEPOT__INVENTORY__V1__ALLOCATION_OVERLAP__INIT;
    Google__Protobuf__Timestamp next = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    const Depot__Inventory__V1__AllocationOverlap *read;
    const json_t *debug;
    json_t *document;

    next.seconds = 1893456000;
    overlap.next_available = &next;
    call_extra(&call, &depot__inventory__v1__allocation_overlap__schema, &overlap);
    call_fail(&call, &reason_allocation_overlap, "It is taken.");
    document = write_error();
    cr_assert_str_eq(text_of(document, "code"), "aborted");
    cr_assert_eq(json_array_size(json_object_get(document, "details")), 2);
    read = (const Depot__Inventory__V1__AllocationOverlap *)unpack_detail(
        document, 1, &depot__inventory__v1__allocation_overlap__schema);
    cr_assert_eq(read->next_available->seconds, next.seconds);
    debug = json_object_get(json_array_get(json_object_get(document, "details"), 1), "debug");
    cr_assert_str_eq(text_of(debug, "nextAvailable"), "2030-01-01T00:00:00Z");
    json_decref(document);
}

Test(connect, an_error_is_written_without_memory_too)
{
    json_t *document;

    call_fail(&call, &reason_db_unavailable, "Away.");
    arena.cap_bytes = arena.used_bytes;
    document = write_error();
    cr_assert_str_eq(text_of(document, "code"), "unavailable");
    cr_assert_eq(json_array_size(json_object_get(document, "details")), 0);
    json_decref(document);
}
