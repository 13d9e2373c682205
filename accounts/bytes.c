#include "accounts/bytes.h"

#include <sodium.h>
#include <string.h>

const char *
bytes_param(struct arena *arena, const unsigned char *data, size_t bytes)
{
    char *text = arena_alloc(arena, 2 + 2 * bytes + 1);

    if (text != NULL) {
        memcpy(text, "\\x", 2);
        sodium_bin2hex(text + 2, 2 * bytes + 1, data, bytes);
    }
    return text;
}

bool
bytes_read(const char *hex, unsigned char *data, size_t bytes)
{
    size_t length = 0;

    return strlen(hex) == 2 * bytes &&
           sodium_hex2bin(data, bytes, hex, strlen(hex), NULL, &length, NULL) == 0 &&
           length == bytes;
}
