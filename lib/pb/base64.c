#include "pb/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
pb_base64_decoded_max(size_t bytes)
{
    return bytes / 4 * 3 + 3;
}

size_t
pb_base64_encoded(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

/* The six bits of a character, or -1. */
static int
value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+' || c == '-') {
        return 62;
    }
    return c == '/' || c == '_' ? 63 : -1;
}

/* The length without padding, or SIZE_MAX if there is padding that does not fill a quartet. */
static size_t
unpadded(const char *text, size_t bytes)
{
    size_t length = bytes;

    while (length > 0 && bytes - length < 2 && text[length - 1] == '=') {
        length--;
    }
    return length != bytes && bytes % 4 != 0 ? SIZE_MAX : length;
}

bool
pb_base64_decode(const char *text, size_t bytes, uint8_t *out, size_t *out_bytes)
{
    size_t length = unpadded(text, bytes);
    uint32_t bits = 0;
    unsigned n_bits = 0;
    size_t n = 0;

    if (length == SIZE_MAX || length % 4 == 1) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        int value = value_of(text[i]);

        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    *out_bytes = n;
    return true;
}

void
pb_base64_encode(const uint8_t *data, size_t bytes, char *out)
{
    for (size_t i = 0; i < bytes; i += 3) {
        size_t left = bytes - i;
        uint32_t bits = (uint32_t)data[i] << 16;

        bits |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
        bits |= left > 2 ? data[i + 2] : 0;
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 63];
        *out++ = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? alphabet[bits & 63] : '=';
    }
}
