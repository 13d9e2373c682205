#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"

static void
holds(const struct buf *buf, const char *text)
{
    cr_assert_eq(buf->length_bytes, strlen(text));
    cr_assert_arr_eq(buf->data, text, strlen(text));
}

Test(buf, grows)
{
    struct buf buf = BUF_INIT;

    buf_append(&buf, NULL, 0);
    cr_assert_null(buf.data);
    buf_puts(&buf, "a");
    buf_putc(&buf, 'b');
    buf_append(&buf, "cd", 2);
    buf_printf(&buf, "%d%s", 42, "!");
    holds(&buf, "abcd42!");
    for (int i = 0; i < 10000; i++) {
        buf_putc(&buf, 'x');
    }
    cr_assert_eq(buf.length_bytes, 10007);
    buf_fini(&buf);
    cr_assert_null(buf.data);
}

Test(buf, formats_more_than_it_has_room_for)
{
    struct buf buf = BUF_INIT;
    char text[1000];

    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    buf_puts(&buf, "x");
    buf_printf(&buf, "%s", text);
    cr_assert_eq(buf.length_bytes, 1000);
    buf_fini(&buf);
}

Test(buf, reserve_and_grown)
{
    struct buf buf = BUF_INIT;

    memcpy(buf_reserve(&buf, 3), "abc", 3);
    buf_grown(&buf, 2);
    holds(&buf, "ab");
    buf_fini(&buf);
}

Test(buf, consume_and_clear)
{
    struct buf buf = BUF_INIT;

    buf_puts(&buf, "abcdef");
    buf_consume(&buf, 0);
    buf_consume(&buf, 2);
    holds(&buf, "cdef");
    buf_consume(&buf, 4);
    cr_assert_eq(buf.length_bytes, 0);
    buf_puts(&buf, "x");
    buf_clear(&buf, 1 << 20);
    cr_assert_eq(buf.length_bytes, 0);
    cr_assert_not_null(buf.data);
    buf_clear(&buf, 0);
    cr_assert_null(buf.data);
    buf_fini(&buf);
}

Test(buf, json_strings)
{
    static const struct {
        const char *text;
        size_t bytes;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {"abc", 3, "\"abc\""},
        {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"a\xff"
         "b",
         3,
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc3", 1, "\"\xef\xbf\xbd\""},
        {"\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"12345678\"12345678\n1234567\\", 26, "\"12345678\\\"12345678\\n1234567\\\\\""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf buf = BUF_INIT;
        char *copy = malloc(cases[i].bytes + 1);

        memcpy(copy, cases[i].text, cases[i].bytes);
        copy[cases[i].bytes] = '"';
        buf_put_json_string(&buf, copy, cases[i].bytes);
        holds(&buf, cases[i].json);
        free(copy);
        buf_fini(&buf);
    }
}

/* Every byte at every place of a word. */
Test(buf, json_strings_read_back)
{
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 20; at++) {
            struct buf buf = BUF_INIT;
            char text[20];
            json_t *json;

            memset(text, 'a', sizeof(text));
            text[at] = (char)c;
            buf_put_json_string(&buf, text, sizeof(text));
            json = json_loadb(buf.data, buf.length_bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            cr_assert_not_null(json, "%d at %zu", c, at);
            if (c < 0x80) {
                cr_assert_eq(json_string_length(json), sizeof(text));
                cr_assert_arr_eq(json_string_value(json), text, sizeof(text));
            } else {
                cr_assert_eq(json_string_length(json), sizeof(text) + 2);
                cr_assert_eq(memcmp(json_string_value(json) + at, "\xef\xbf\xbd", 3), 0);
            }
            json_decref(json);
            buf_fini(&buf);
        }
    }
}
