#include "auth/base64url.h"

#include <sodium.h>

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

static bool
is_base64url(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool
base64url_decode(const char *text, size_t bytes, void *out, size_t room_bytes, size_t *out_bytes)
{
    /* libsodium 1.0.18 takes some bytes above 0x7f for characters of the alphabet. */
    for (size_t i = 0; i < bytes; i++) {
        if (!is_base64url(text[i])) {
            return false;
        }
    }
    return sodium_base642bin(out, room_bytes, text, bytes, NULL, out_bytes, NULL, VARIANT) == 0;
}

void
base64url_put(struct buf *out, const void *data, size_t bytes)
{
    size_t room = sodium_base64_encoded_len(bytes, VARIANT); /* with a NUL byte */

    sodium_bin2base64(buf_reserve(out, room), room, data, bytes, VARIANT);
    buf_grown(out, room - 1);
}
