#include "base/utf8.h"

static bool
is_tail(const char *text, size_t at, unsigned char low, unsigned char high)
{
    unsigned char c = (unsigned char)text[at];

    return c >= low && c <= high;
}

size_t
utf8_sequence(const char *text, size_t bytes)
{
    unsigned char c = bytes == 0 ? 0xff : (unsigned char)text[0];

    if (c < 0x80) {
        return 1;
    }
    if (c >= 0xc2 && c <= 0xdf) {
        return bytes >= 2 && is_tail(text, 1, 0x80, 0xbf) ? 2 : 0;
    }
    if (c >= 0xe0 && c <= 0xef) {
        unsigned char low = c == 0xe0 ? 0xa0 : 0x80;
        unsigned char high = c == 0xed ? 0x9f : 0xbf; /* no surrogates */

        return bytes >= 3 && is_tail(text, 1, low, high) && is_tail(text, 2, 0x80, 0xbf) ? 3 : 0;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        unsigned char low = c == 0xf0 ? 0x90 : 0x80;
        unsigned char high = c == 0xf4 ? 0x8f : 0xbf;

        return bytes >= 4 && is_tail(text, 1, low, high) && is_tail(text, 2, 0x80, 0xbf) &&
                       is_tail(text, 3, 0x80, 0xbf)
                   ? 4
                   : 0;
    }
    return 0;
}

bool
utf8_valid(const char *text, size_t bytes, size_t *length)
{
    size_t count = 0;

    for (size_t at = 0; at < bytes;) {
        size_t run = utf8_plain_run(text + at, bytes - at);
        size_t width = utf8_sequence(text + at + run, bytes - at - run);

        if (width == 0 && at + run < bytes) {
            return false;
        }
        at += run + width;
        count += run + (width != 0);
    }
    if (length != NULL) {
        *length = count;
    }
    return true;
}
