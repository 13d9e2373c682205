#include "accounts/refresh_token.h"

#include <sodium.h>
#include <string.h>

#include "accounts/bytes.h"
#include "auth/base64url.h"
#include "base/assert.h"
#include "service/secret.h"

static const char mark[] = "dpr_";

enum {
    MARK_BYTES = sizeof(mark) - 1,
    NUMBER_AT = REFRESH_TOKEN_SESSION_BYTES,
    SECRET_AT = NUMBER_AT + 4,
    PACKED_BYTES = SECRET_AT + REFRESH_TOKEN_SECRET_BYTES,
    VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    TEXT_BYTES = MARK_BYTES + sodium_base64_ENCODED_LEN(PACKED_BYTES, VARIANT),
};

static void
pack(const struct refresh_token *self, unsigned char out[static PACKED_BYTES])
{
    memcpy(out, self->session, sizeof(self->session));
    for (int i = 0; i < 4; i++) {
        out[NUMBER_AT + i] = (unsigned char)(self->number >> (24 - 8 * i));
    }
    memcpy(out + SECRET_AT, self->secret, sizeof(self->secret));
}

static void
unpack(const unsigned char packed[static PACKED_BYTES], struct refresh_token *out)
{
    memcpy(out->session, packed, sizeof(out->session));
    out->number = 0;
    for (int i = 0; i < 4; i++) {
        out->number = out->number << 8 | packed[NUMBER_AT + i];
    }
    memcpy(out->secret, packed + SECRET_AT, sizeof(out->secret));
}

void
refresh_token_first(const char *session_id, struct refresh_token *first)
{
    size_t bytes = 0;

    ASSERT(sodium_hex2bin(first->session, sizeof(first->session), session_id, strlen(session_id),
                          "-", &bytes, NULL) == 0 &&
           bytes == sizeof(first->session));
    first->number = 0;
    randombytes_buf(first->secret, sizeof(first->secret));
}

bool
refresh_token_read(const char *text, struct refresh_token *token)
{
    unsigned char packed[PACKED_BYTES];
    struct refresh_token found;
    size_t bytes = 0;

    if (strncmp(text, mark, MARK_BYTES) != 0 ||
        !base64url_decode(text + MARK_BYTES, strlen(text + MARK_BYTES), packed, sizeof(packed),
                          &bytes) ||
        bytes != sizeof(packed)) {
        return false;
    }
    unpack(packed, &found);
    if (found.number >= INT32_MAX) {
        return false;
    }
    *token = found;
    return true;
}

/* The secret of the next one: a MAC over its session and number, and the secret so far. */
static void
step(struct refresh_token *self, const unsigned char key[static SECRET_BYTES])
{
    unsigned char packed[PACKED_BYTES];

    _Static_assert(SECRET_BYTES == crypto_auth_hmacsha256_KEYBYTES, "a key of the MAC");
    _Static_assert(REFRESH_TOKEN_SECRET_BYTES == crypto_auth_hmacsha256_BYTES, "a secret");
    ASSERT(self->number < INT32_MAX);
    self->number++;
    pack(self, packed);
    crypto_auth_hmacsha256(self->secret, packed, sizeof(packed), key);
}

void
refresh_token_next(const struct refresh_token *self, struct refresh_token *next)
{
    unsigned char key[SECRET_BYTES];

    service_secret("refresh", key);
    *next = *self;
    step(next, key);
}

static void
hash(const struct refresh_token *self, unsigned char out[static REFRESH_TOKEN_HASH_BYTES])
{
    unsigned char packed[PACKED_BYTES];

    _Static_assert(REFRESH_TOKEN_HASH_BYTES == crypto_hash_sha256_BYTES, "a hash");
    pack(self, packed);
    crypto_hash_sha256(out, packed, sizeof(packed));
}

bool
refresh_token_leads_to(const struct refresh_token *self, int64_t number,
                       const unsigned char wanted[static REFRESH_TOKEN_HASH_BYTES])
{
    unsigned char found[REFRESH_TOKEN_HASH_BYTES];
    struct refresh_token token = *self;
    unsigned char key[SECRET_BYTES];

    if (number < token.number || number - token.number > REFRESH_TOKEN_CHAIN_MAX) {
        return false;
    }
    service_secret("refresh", key);
    while (token.number < number) {
        step(&token, key);
    }
    hash(&token, found);
    return sodium_memcmp(found, wanted, sizeof(found)) == 0;
}

const char *
refresh_token_text(struct arena *arena, const struct refresh_token *self)
{
    char *text = arena_alloc(arena, TEXT_BYTES);
    unsigned char packed[PACKED_BYTES];

    if (text != NULL) {
        pack(self, packed);
        memcpy(text, mark, MARK_BYTES);
        sodium_bin2base64(text + MARK_BYTES, TEXT_BYTES - MARK_BYTES, packed, sizeof(packed),
                          VARIANT);
    }
    return text;
}

const char *
refresh_token_session(struct arena *arena, const struct refresh_token *self)
{
    char hex[2 * REFRESH_TOKEN_SESSION_BYTES + 1];

    sodium_bin2hex(hex, sizeof(hex), self->session, sizeof(self->session));
    return arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                        hex + 20);
}

const char *
refresh_token_hash(struct arena *arena, const struct refresh_token *self)
{
    unsigned char digest[REFRESH_TOKEN_HASH_BYTES];

    hash(self, digest);
    return bytes_param(arena, digest, sizeof(digest));
}
