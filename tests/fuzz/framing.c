/*
 * What clients of Connect and gRPC-Web send beyond HTTP: frames, base64, a message in a query,
 * deadlines.
 *
 * Input: two bytes that choose the message, then the bytes, which are read in every way.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/connect.h"
#include "http/deadline.h"
#include "http/grpc_web.h"
#include "pb/base64.h"
#include "pb/json.h"
#include "pb/validate.h"
#include "pb/wire.h"

/* A message as the client meant it, in either form. */
static void
read_message(const struct pb_message *schema, const char *text, size_t bytes, bool packed)
{
    ProtobufCMessage *message;
    struct fuzz_call one;
    enum status status;

    fuzz_call_open(&one);
    status = packed ? pb_unpack(&one.arena, schema, (const uint8_t *)text, bytes, &message)
                    : pb_json_read(&one.call, schema, "", text, bytes, &message);
    if (status == STATUS_OK && pb_validate(&one.call, schema, message) != STATUS_OK) {
        fuzz_expect_problem(&one.call, NULL);
    }
    fuzz_call_close(&one);
}

static void
read_frame(const struct pb_message *schema, const char *body, size_t bytes)
{
    const char *message = NULL;
    size_t message_bytes = 0;
    const char *wrong = http_grpc_web_read(body, bytes, &message, &message_bytes);

    if (wrong != NULL) {
        ASSERT(wrong[0] != '\0');
        return;
    }
    ASSERT(message == body + HTTP_GRPC_WEB_HEAD_BYTES);
    ASSERT(message_bytes == bytes - HTTP_GRPC_WEB_HEAD_BYTES);
    read_message(schema, message, message_bytes, true);
}

static void
read_text(const struct pb_message *schema, const char *text, size_t bytes)
{
    char *out = malloc(pb_base64_decoded_max(bytes) + 1);
    size_t out_bytes = SIZE_MAX;

    ASSERT(out != NULL);
    if (http_grpc_web_text_decode(text, bytes, out, &out_bytes)) {
        char *exact;

        ASSERT(out_bytes <= pb_base64_decoded_max(bytes));
        exact = fuzz_copy(out, out_bytes);
        read_frame(schema, exact, out_bytes);
        free(exact);
    }
    free(out);
}

/* What is made base64 is read as what it was. */
static void
expect_text_again(const char *data, size_t bytes)
{
    struct buf content = BUF_INIT;
    char *out;
    size_t out_bytes;

    buf_append(&content, data, bytes);
    http_grpc_web_text_encode(&content);
    out = malloc(pb_base64_decoded_max(content.length_bytes) + 1);
    ASSERT(out != NULL);
    ASSERT(http_grpc_web_text_decode(content.data, content.length_bytes, out, &out_bytes));
    ASSERT(out_bytes == bytes && (bytes == 0 || memcmp(out, data, bytes) == 0));
    free(out);
    buf_fini(&content);
}

static void
read_query(const struct pb_message *schema, const char *text, size_t bytes)
{
    struct http_connect_query query;
    struct fuzz_call one;

    fuzz_call_open(&one);
    if (http_connect_query_read(&one.call, text, bytes, &query) != STATUS_OK) {
        fuzz_expect_problem(&one.call, NULL);
    } else {
        char *exact = fuzz_copy(query.message, query.message_bytes);

        read_message(schema, exact, query.message_bytes, query.packed);
        free(exact);
    }
    fuzz_call_close(&one);
}

static void
read_timeouts(const char *text, size_t bytes)
{
    const int32_t day_ms = 24 * 3600 * 1000;
    int32_t ms = -1;

    if (http_connect_timeout_parse(text, bytes, &ms)) {
        ASSERT(ms >= 0 && ms <= day_ms);
    }
    if (http_grpc_timeout_parse(text, bytes, &ms)) {
        ASSERT(ms >= 0 && ms <= day_ms);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const struct pb_message *schema = fuzz_message(&data, &bytes);
    char *copy = fuzz_copy(data, bytes);

    read_frame(schema, copy, bytes);
    read_text(schema, copy, bytes);
    expect_text_again(copy, bytes);
    read_query(schema, copy, bytes);
    read_timeouts(copy, bytes);
    free(copy);
    return 0;
}
