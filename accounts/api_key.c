#include "accounts/api_key.h"

#include <sodium.h>
#include <string.h>

#include "accounts/bytes.h"
#include "auth/base64url.h"

enum { SECRET_BYTES = 32, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static const char mark[] = "dpk_";
enum { MARK_BYTES = sizeof(mark) - 1 };

void
api_key_make(char text[static API_KEY_TEXT_BYTES])
{
    unsigned char secret[SECRET_BYTES];

    randombytes_buf(secret, sizeof(secret));
    memcpy(text, mark, MARK_BYTES);
    sodium_bin2base64(text + MARK_BYTES, API_KEY_TEXT_BYTES - MARK_BYTES, secret, sizeof(secret),
                      VARIANT);
    sodium_memzero(secret, sizeof(secret));
}

bool
api_key_valid(const char *text)
{
    unsigned char secret[SECRET_BYTES];
    size_t bytes = 0;

    return strncmp(text, mark, MARK_BYTES) == 0 &&
           base64url_decode(text + MARK_BYTES, strlen(text + MARK_BYTES), secret, sizeof(secret),
                            &bytes) &&
           bytes == sizeof(secret);
}

const char *
api_key_hash(struct arena *arena, const char *text)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    return bytes_param(arena, hash, sizeof(hash));
}
