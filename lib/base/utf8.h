/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef DEPOT_BASE_UTF8_H
#define DEPOT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The length in bytes, 1 to 4, of the valid sequence at the start of `text`; 0 if there is none. */
size_t utf8_sequence(const char *text, size_t bytes);

/* Whether all of `text` is valid. If `length` is not NULL, the number of code points goes there. */
bool utf8_valid(const char *text, size_t bytes, size_t *length);

/*
 * How many bytes at the start of `text` are ASCII and stand for themselves in a JSON string: no
 * control character, no quote, no backslash.
 */
static inline size_t
utf8_plain_run(const char *text, size_t bytes)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t at = 0;

    /* Eight bytes at once. A borrow can mark only bytes behind the first one that is marked
     * rightly, so the lowest mark is exact. */
    for (; bytes - at >= 8; at += 8) {
        uint64_t word, quote, slash, mark;

        memcpy(&word, text + at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        quote = word ^ (ones * '"');
        slash = word ^ (ones * '\\');
        mark = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
               ((slash - ones) & ~slash) | word;
        mark &= ones * 0x80;
        if (mark != 0) {
            return at + (size_t)__builtin_ctzll(mark) / 8;
        }
    }
    for (; at < bytes; at++) {
        unsigned char c = (unsigned char)text[at];

        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
            break;
        }
    }
    return at;
}

#endif
