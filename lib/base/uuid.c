#include "base/uuid.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"

static bool
is_dash(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

void
uuid_v7(char out[static UUID_TEXT_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t ms = (uint64_t)clock_wall_us() / 1000;
    uint8_t bytes[16];
    size_t at = 0;

    randombytes_buf(bytes, sizeof(bytes));
    for (int i = 0; i < 6; i++) {
        bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3f));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (is_dash(at)) {
            out[at++] = '-';
        }
        out[at++] = hex[bytes[i] >> 4];
        out[at++] = hex[bytes[i] & 15];
    }
    out[at] = '\0';
}

const char *
uuid_canonical(const char *text, char out[static UUID_TEXT_BYTES])
{
    if (!uuid_valid(text, strlen(text))) {
        return text;
    }
    for (size_t i = 0; i < UUID_TEXT_BYTES; i++) {
        out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] | 32 : text[i]);
    }
    return out;
}

bool
uuid_valid(const char *text, size_t bytes)
{
    if (bytes != UUID_TEXT_BYTES - 1) {
        return false;
    }
    for (size_t at = 0; at < bytes; at++) {
        char c = text[at];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (is_dash(at) ? c != '-' : !hex) {
            return false;
        }
    }
    return true;
}
