#include "service/page_token.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/wire.h"

enum {
    TOKEN_VERSION = 1,
    TOKEN_DIGEST_BYTES = 12, /* no accident makes two of these equal */
    TOKEN_HEAD_BYTES = 1 + TOKEN_DIGEST_BYTES,
    TOKEN_POSITION_MAX = 750, /* order fields and their lengths: protogen has the sum */
};

/* The arena is at its cap and says so: the call is refused, and nobody sees this. */
#define PAGE_TOKEN_LOST ""

static const struct pb_field *
page_field(const struct pb_message *schema, const char *name)
{
    const struct pb_field *field = pb_field_named(schema, name, strlen(name));

    ASSERT(field != NULL);
    return field;
}

/* The request without its page fields: what the list is of. */
static ProtobufCMessage *
query_of(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request)
{
    size_t bytes = schema->descriptor->sizeof_message;
    ProtobufCMessage *query = arena_alloc(call->arena, bytes);
    const char *empty = "";

    if (query != NULL) {
        memcpy(query, request, bytes);
        memset(pb_member(page_field(schema, "page_size"), query), 0, sizeof(int32_t));
        memcpy(pb_member(page_field(schema, "page_token"), query), &empty, sizeof(empty));
    }
    return query;
}

static bool
digest(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
       const char *position, unsigned char out[static TOKEN_DIGEST_BYTES])
{
    const ProtobufCMessage *query = query_of(call, schema, request);
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    const uint8_t *packed;
    size_t bytes;

    if (query == NULL || (packed = pb_pack(call->arena, query, &bytes)) == NULL) {
        return false;
    }
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)schema->full_name,
                              strlen(schema->full_name) + 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)position, strlen(position) + 1);
    crypto_hash_sha256_update(&state, packed, bytes);
    crypto_hash_sha256_final(&state, hash);
    memcpy(out, hash, TOKEN_DIGEST_BYTES);
    return true;
}

const char *
page_token_make(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
                const char *position)
{
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    unsigned char raw[TOKEN_HEAD_BYTES + TOKEN_POSITION_MAX] = {TOKEN_VERSION};
    size_t length, text_bytes;
    char *text;

    if (position == NULL) {
        return PAGE_TOKEN_LOST;
    }
    length = strlen(position);
    ASSERT(length <= TOKEN_POSITION_MAX);
    text_bytes = sodium_base64_encoded_len(TOKEN_HEAD_BYTES + length, variant);
    text = arena_alloc(call->arena, text_bytes);
    if (text == NULL || !digest(call, schema, request, position, raw + 1)) {
        return PAGE_TOKEN_LOST;
    }
    memcpy(raw + TOKEN_HEAD_BYTES, position, length);
    return sodium_bin2base64(text, text_bytes, raw, TOKEN_HEAD_BYTES + length, variant);
}

enum status
page_token_refuse(struct call *call)
{
    call_violation(call, &reason_bad_page_token, "/pageToken",
                   "`pageToken` is none of this list: it must be `nextPageToken` of the page "
                   "before, asked for with the same query.");
    return call_invalid(call, &reason_bad_page_token);
}

enum status
page_token_read(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
                const char **position)
{
    unsigned char raw[TOKEN_HEAD_BYTES + TOKEN_POSITION_MAX];
    unsigned char expected[TOKEN_DIGEST_BYTES];
    const char *token;
    const char *found;
    size_t bytes;

    memcpy(&token, pb_member_const(page_field(schema, "page_token"), request), sizeof(token));
    if (token[0] == '\0') {
        *position = "";
        return STATUS_OK;
    }
    if (sodium_base642bin(raw, sizeof(raw), token, strlen(token), NULL, &bytes, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        bytes < TOKEN_HEAD_BYTES || raw[0] != TOKEN_VERSION) {
        return page_token_refuse(call);
    }
    found = arena_copy(call->arena, raw + TOKEN_HEAD_BYTES, bytes - TOKEN_HEAD_BYTES);
    if (found == NULL || strlen(found) != bytes - TOKEN_HEAD_BYTES ||
        !digest(call, schema, request, found, expected) ||
        memcmp(expected, raw + 1, TOKEN_DIGEST_BYTES) != 0) {
        return page_token_refuse(call);
    }
    *position = found;
    return STATUS_OK;
}
