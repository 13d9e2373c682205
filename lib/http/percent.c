/* Percent-encoding both ways. Decoding is strict: a bad escape is refused, never passed through. */
#include "http/percent.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "http/transcode.h"

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* The byte that `text` begins with, or -1 if that is a bad escape; `used` gets its length. */
static int
decode_byte(const char *text, size_t bytes, size_t *used)
{
    int high, low;

    *used = 1;
    if (text[0] != '%') {
        return (unsigned char)text[0];
    }
    if (bytes < 3) {
        return -1;
    }
    high = hex_value(text[1]);
    low = hex_value(text[2]);
    *used = 3;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool
http_percent_equals(const char *encoded, size_t bytes, const char *plain, size_t plain_bytes)
{
    size_t at = 0;

    for (size_t i = 0; i < plain_bytes; i++) {
        size_t used;

        if (at == bytes ||
            decode_byte(encoded + at, bytes - at, &used) != (unsigned char)plain[i]) {
            return false;
        }
        at += used;
    }
    return at == bytes;
}

/* The decoded length, or -1 when an escape is bad. `out` has room for `bytes`. */
static ptrdiff_t
decode_all(const char *text, size_t bytes, bool plus_is_space, char *out)
{
    size_t length = 0;

    for (size_t at = 0; at < bytes;) {
        size_t used;
        int byte = decode_byte(text + at, bytes - at, &used);

        if (byte < 0) {
            return -1;
        }
        out[length++] = plus_is_space && text[at] == '+' ? ' ' : (char)byte;
        at += used;
    }
    return (ptrdiff_t)length;
}

bool
http_percent_decode_bytes(struct arena *arena, const char *text, size_t bytes, bool plus_is_space,
                          const char **out, size_t *out_bytes)
{
    if (memchr(text, '%', bytes) != NULL || (plus_is_space && memchr(text, '+', bytes) != NULL)) {
        char *copy = arena_alloc(arena, bytes);
        ptrdiff_t result = copy == NULL ? -1 : decode_all(text, bytes, plus_is_space, copy);

        if (result < 0) {
            return false;
        }
        *out = copy;
        *out_bytes = (size_t)result;
        return true;
    }
    *out = text;
    *out_bytes = bytes;
    return true;
}

bool
http_percent_decode(struct arena *arena, const char *text, size_t bytes, bool plus_is_space,
                    const char **out, size_t *out_bytes)
{
    const char *decoded;
    size_t length;

    if (!http_percent_decode_bytes(arena, text, bytes, plus_is_space, &decoded, &length) ||
        memchr(decoded, '\0', length) != NULL || !utf8_valid(decoded, length, NULL)) {
        return false;
    }
    *out = decoded;
    *out_bytes = length;
    return true;
}

static bool
is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void
http_percent_encode(struct buf *out, const char *text, size_t bytes)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];

        if (is_unreserved(text[i])) {
            buf_putc(out, text[i]);
        } else {
            buf_putc(out, '%');
            buf_putc(out, hex[c >> 4]);
            buf_putc(out, hex[c & 15]);
        }
    }
}
