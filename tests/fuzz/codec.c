/*
 * The codec: the same bytes as JSON and as a packed message, of any message of the contract.
 *
 * Input: two bytes that choose the message, then the document.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fuzz.h"
#include "pb/json.h"
#include "pb/validate.h"
#include "pb/wire.h"

/* More members or levels than one document may have: writing adds members that were left out. */
static bool
is_large(const struct buf *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->length_bytes; i++) {
        n += strchr(",{[", text->data[i]) != NULL;
    }
    return n > LIMIT_JSON_DEPTH;
}

static void
expect_only_read_only(const struct call *call)
{
    for (const struct violation *v = call->problem.violations; v != NULL; v = v->next) {
        ASSERT(v->reason == &reason_read_only);
    }
}

/* What is written is read again as what it was; only what clients may not set is left out. */
static void
expect_same_again(const struct pb_message *schema, const ProtobufCMessage *message)
{
    struct buf once = BUF_INIT;
    struct buf twice = BUF_INIT;
    struct fuzz_call again;
    ProtobufCMessage *read;

    fuzz_call_open(&again);
    pb_json_write(&once, schema, message);
    fuzz_expect_json(&once);
    if (pb_json_read(&again.call, schema, "", once.data, once.length_bytes, &read) != STATUS_OK) {
        ASSERT(is_large(&once));
    } else if (again.call.problem.n_violations < LIMIT_VIOLATIONS) {
        expect_only_read_only(&again.call);
        pb_json_write(&twice, schema, read);
        ASSERT(twice.length_bytes == once.length_bytes);
        ASSERT(memcmp(twice.data, once.data, once.length_bytes) == 0);
    }
    fuzz_call_close(&again);
    buf_fini(&once);
    buf_fini(&twice);
}

/* Packed and unpacked it is the same, byte for byte. */
static void
expect_same_packed(const struct pb_message *schema, const ProtobufCMessage *message)
{
    struct fuzz_call one;
    ProtobufCMessage *unpacked;
    uint8_t *first, *second;
    size_t first_bytes, second_bytes;

    fuzz_call_open(&one);
    one.arena.cap_bytes = 0;
    first = pb_pack(&one.arena, message, &first_bytes);
    ASSERT(pb_unpack(&one.arena, schema, first, first_bytes, &unpacked) == STATUS_OK);
    second = pb_pack(&one.arena, unpacked, &second_bytes);
    ASSERT(first_bytes == second_bytes && memcmp(first, second, first_bytes) == 0);
    fuzz_call_close(&one);
}

static void
expect_verdict(struct fuzz_call *one, const struct pb_message *schema,
               const ProtobufCMessage *message)
{
    if (pb_validate(&one->call, schema, message) != STATUS_OK) {
        fuzz_expect_problem(&one->call, NULL);
    }
}

/*
 * Where jansson and we differ on what JSON is, it must be for a bound of one of us; or for a NUL:
 * behind the document, which jansson takes for its end, or in a member's name.
 */
static void
expect_agreement(const char *text, size_t bytes, bool taken, const struct call *call)
{
    const struct buf buf = {.data = (char *)text, .length_bytes = bytes};
    json_error_t error;
    json_t *json = json_loadb(text, bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    if (taken && json == NULL) {
        ASSERT(json_error_code(&error) == json_error_numeric_overflow ||
               json_error_code(&error) == json_error_null_byte_in_key);
    }
    if (!taken && json != NULL && call->problem.reason == &reason_malformed_json) {
        ASSERT(is_large(&buf) || memchr(text, '\0', bytes) != NULL);
    }
    json_decref(json);
}

static void
read_json(const struct pb_message *schema, const char *text, size_t bytes)
{
    ProtobufCMessage *message;
    struct fuzz_call one;
    enum status status;

    fuzz_call_open(&one);
    status = pb_json_read(&one.call, schema, "", text, bytes, &message);
    expect_agreement(text, bytes, status == STATUS_OK, &one.call);
    if (status != STATUS_OK) {
        fuzz_expect_problem(&one.call, NULL);
    } else {
        bool fits = one.call.problem.n_violations == 0;

        if (fits) {
            expect_same_again(schema, message);
            expect_same_packed(schema, message);
        }
        expect_verdict(&one, schema, message);
    }
    fuzz_call_close(&one);
}

static void
read_packed(const struct pb_message *schema, const uint8_t *data, size_t bytes)
{
    struct buf text = BUF_INIT;
    ProtobufCMessage *message;
    struct fuzz_call one;

    fuzz_call_open(&one);
    if (pb_unpack(&one.arena, schema, data, bytes, &message) == STATUS_OK) {
        pb_json_write(&text, schema, message);
        fuzz_expect_json(&text);
        buf_clear(&text, SIZE_MAX);
        pb_json_write_whole(&text, schema, message);
        fuzz_expect_json(&text);
        expect_same_packed(schema, message);
        expect_verdict(&one, schema, message);
    }
    buf_fini(&text);
    fuzz_call_close(&one);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const struct pb_message *schema = fuzz_message(&data, &bytes);
    char *copy = fuzz_copy(data, bytes);

    read_json(schema, copy, bytes);
    read_packed(schema, (const uint8_t *)copy, bytes);
    free(copy);
    return 0;
}
