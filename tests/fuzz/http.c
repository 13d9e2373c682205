/*
 * From a client's bytes to a request message: the parser, targets, conditions, deadlines, the
 * router and the transcoder. However the bytes are cut into pieces, they mean the same.
 *
 * Input: a byte that says how they are cut, then the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/deadline.h"
#include "http/etag.h"
#include "http/message.h"
#include "http/rpc.h"
#include "http/target.h"
#include "http/transcode.h"
#include "pb/json.h"

/* How the bytes come: whole, one by one, or in pieces of changing sizes. */
struct cutter {
    uint8_t choice;
    uint32_t state;
};

static size_t
next_piece(struct cutter *self, size_t left)
{
    size_t piece;

    if (self->choice == 0) {
        return left;
    }
    self->state = self->state * 1103515245 + 12345;
    piece = self->choice == 1 ? 1 : 1 + (self->state >> 16) % self->choice;
    return piece < left ? piece : left;
}

static void
transcribe_fields(const struct http_message *message, struct buf *out)
{
    enum http_condition match = http_condition_read(message, "if-match");
    struct http_rpc_form form;
    struct fuzz_call one;
    int32_t ms = -1;
    const char *wrong = http_deadline_read(message, &ms);

    fuzz_call_open(&one);
    buf_printf(out, " %d %s %d %d", (int)match, wrong == NULL ? "" : wrong,
               wrong == NULL ? (int)ms : 0, (int)http_condition_read(message, "if-none-match"));
    if (match == HTTP_CONDITION_TAGS) {
        const struct http_etag tag = http_etag_of_version("7");

        buf_printf(out, " %s %d", http_condition_join(message, "if-match", &one.arena),
                   (int)http_condition_names(message, "if-match", &tag, true));
    }
    if (http_rpc_form_find(message, &form)) {
        buf_printf(out, " %s", form.content_type);
    }
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct http_field *field = &message->fields[i];

        buf_append(out, message->text.data + field->name_at, field->name_bytes);
        buf_append(out, message->text.data + field->value_at, field->value_bytes);
    }
    fuzz_call_close(&one);
}

static void
transcribe(const struct http_message *message, struct buf *out)
{
    buf_printf(out, "[%s %d", message->verb, (int)message->keep_alive);
    buf_append(out, message->target, message->target_bytes);
    buf_append(out, message->path, message->path_bytes);
    buf_append(out, message->query, message->query_bytes);
    buf_append(out, message->body.data, message->body.length_bytes);
    transcribe_fields(message, out);
    buf_puts(out, "]");
}

static const struct http_router *
router(void)
{
    static struct http_router *router;

    if (router == NULL) {
        router = http_router_new(http_contract.routes, http_contract.n_routes);
    }
    return router;
}

/* A request that was read whole, as far as a call to a service. */
static void
read_request(const struct http_message *message)
{
    struct http_match match = {0};
    ProtobufCMessage *request;
    struct fuzz_call one;

    if (!http_path_valid(message->path, message->path_bytes)) {
        return;
    }
    http_router_find(router(), message->verb, strlen(message->verb), message->path,
                     message->path_bytes, &match);
    if (match.route == NULL) {
        return;
    }
    fuzz_call_open(&one);
    if (http_request_read(&one.call, &match, message->query, message->query_bytes,
                          message->body.data, message->body.length_bytes, &request) != STATUS_OK) {
        fuzz_expect_problem(&one.call, match.route);
    } else {
        struct buf out = BUF_INIT;

        pb_json_write(&out, match.route->method->request, request);
        fuzz_expect_json(&out);
        buf_fini(&out);
    }
    fuzz_call_close(&one);
}

/* Feeds one piece; false once the stream is refused. */
static bool
feed(struct http_message *message, const char *data, size_t bytes, bool read, struct buf *out)
{
    for (size_t at = 0; at < bytes;) {
        size_t used;
        enum http_parse parse = http_message_feed(message, data + at, bytes - at, &used);

        ASSERT(used <= bytes - at);
        at += used;
        if (parse == HTTP_PARSE_REFUSED) {
            ASSERT(message->refusal != NULL && message->refusal_detail != NULL);
            buf_printf(out, "!%s", message->refusal->name);
            return false;
        }
        if (parse == HTTP_PARSE_DONE) {
            transcribe(message, out);
            if (read) {
                read_request(message);
            }
            http_message_reset(message);
        }
        ASSERT(parse != HTTP_PARSE_MORE || at == bytes);
    }
    return true;
}

static void
feed_all(const char *data, size_t bytes, struct cutter cutter, struct buf *out)
{
    struct http_message message;
    bool good = true;

    http_message_init(&message);
    for (size_t at = 0; at < bytes && good;) {
        size_t piece = next_piece(&cutter, bytes - at);
        char *copy = fuzz_copy(data + at, piece);

        good = feed(&message, copy, piece, cutter.choice == 0, out);
        free(copy);
        at += piece;
    }
    if (good && http_message_begun(&message)) {
        buf_puts(out, "...");
    }
    http_message_fini(&message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const struct cutter cutter = {.choice = (uint8_t)(1 + fuzz_byte(&data, &bytes) % 64)};
    struct buf whole = BUF_INIT;
    struct buf cut = BUF_INIT;

    feed_all((const char *)data, bytes, (struct cutter){0}, &whole);
    feed_all((const char *)data, bytes, cutter, &cut);
    ASSERT(whole.length_bytes == cut.length_bytes);
    ASSERT(whole.length_bytes == 0 || memcmp(whole.data, cut.data, cut.length_bytes) == 0);
    buf_fini(&whole);
    buf_fini(&cut);
    return 0;
}
