#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* What a code point is in UTF-8, as the table in RFC 3629 says; 0 for surrogates and beyond. */
static size_t
encode(uint32_t code, unsigned char *out)
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (unsigned char)(0xc0 + code / 64);
        out[1] = (unsigned char)(0x80 + code % 64);
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (unsigned char)(0xe0 + code / 4096);
        out[1] = (unsigned char)(0x80 + code / 64 % 64);
        out[2] = (unsigned char)(0x80 + code % 64);
        return code >= 0xd800 && code <= 0xdfff ? 0 : 3;
    }
    out[0] = (unsigned char)(0xf0 + code / 262144);
    out[1] = (unsigned char)(0x80 + code / 4096 % 64);
    out[2] = (unsigned char)(0x80 + code / 64 % 64);
    out[3] = (unsigned char)(0x80 + code % 64);
    return code > 0x10ffff ? 0 : 4;
}

Test(utf8, every_code_point)
{
    for (uint32_t code = 0; code < 0x120000; code++) {
        unsigned char text[4] = {0};
        size_t width = encode(code, text);

        if (width != 0) {
            cr_assert_eq(utf8_sequence((char *)text, width), width, "%x", code);
            for (size_t cut = 0; cut < width; cut++) {
                cr_assert_eq(utf8_sequence((char *)text, cut), 0, "%x", code);
            }
        } else {
            cr_assert_eq(utf8_sequence((char *)text, 4), 0, "%x", code);
        }
    }
}

/* Two and three bytes of any kind: exactly the code points are accepted. */
Test(utf8, nothing_else)
{
    int two = 0, three = 0;

    for (unsigned value = 0; value < 1 << 24; value++) {
        char text[3] = {(char)(value >> 16), (char)(value >> 8), (char)value};
        size_t width = utf8_sequence(text, 3);

        three += width == 3;
        two += width == 2 && (value & 0xff) == 0;
    }
    cr_assert_eq(two, 0x800 - 0x80);
    cr_assert_eq(three, 0x10000 - 0x800 - 0x800);
}

Test(utf8, counts_characters)
{
    size_t length = 77;

    cr_assert(utf8_valid("", 0, &length));
    cr_assert_eq(length, 0);
    cr_assert(utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\0", 11, &length));
    cr_assert_eq(length, 5);
    length = 77;
    cr_assert_not(utf8_valid("abc\xff", 4, &length));
    cr_assert_eq(length, 77);
    cr_assert(utf8_valid("abc", 3, NULL));
}

/* Every byte at every place, behind bytes that could upset arithmetic over words. */
Test(utf8, plain_runs_end_at_the_first_byte_that_is_not_plain)
{
    static const char fills[] = {' ', 'a', '!', '#', '[', ']', '~', '\x7f'};

    for (size_t f = 0; f < sizeof(fills); f++) {
        for (int c = 0; c < 256; c++) {
            bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

            for (size_t at = 0; at < 24; at++) {
                char text[24];

                memset(text, fills[f], sizeof(text));
                text[at] = (char)c;
                cr_assert_eq(utf8_plain_run(text, sizeof(text)), plain ? sizeof(text) : at);
                if (at + 1 < sizeof(text)) {
                    text[at + 1] = '\x01';
                    cr_assert_eq(utf8_plain_run(text, sizeof(text)), plain ? at + 1 : at);
                }
            }
        }
    }
}

Test(utf8, plain_runs_do_not_read_beyond)
{
    for (size_t bytes = 0; bytes < 40; bytes++) {
        char *text = malloc(bytes == 0 ? 1 : bytes);

        memset(text, 'a', bytes);
        cr_assert_eq(utf8_plain_run(text, bytes), bytes);
        free(text);
    }
}
