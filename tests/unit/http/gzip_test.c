#include "http/gzip.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct accept_case {
    const char *lines;
    bool accepted;
};

Test(gzip, accepted)
{
    static const struct accept_case cases[] = {
        {"", false},
        {"Accept-Encoding:\r\n", false},
        {"Accept-Encoding: gzip\r\n", true},
        {"Accept-Encoding: GZip\r\n", true},
        {"Accept-Encoding: x-gzip\r\n", true},
        {"Accept-Encoding: gzip, deflate, br, zstd\r\n", true},
        {"Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n", true},
        {"Accept-Encoding: br\r\n", false},
        {"Accept-Encoding: identity\r\n", false},
        {"Accept-Encoding: gzipped\r\n", false},
        {"Accept-Encoding: gzip;q=0\r\n", false},
        {"Accept-Encoding: gzip;q=0.000\r\n", false},
        {"Accept-Encoding: gzip;q=0.001\r\n", true},
        {"Accept-Encoding: gzip ; q=1.000\r\n", true},
        {"Accept-Encoding: *\r\n", true},
        {"Accept-Encoding: *;q=0\r\n", false},
        {"Accept-Encoding: gzip;q=0, *\r\n", false},
        {"Accept-Encoding: *;q=0, gzip\r\n", true},
        {"Accept-Encoding: gzip;q=0.5, identity\r\n", false},
        {"Accept-Encoding: gzip, identity;q=0.5\r\n", true},
        {"Accept-Encoding: gzip;q=0.5, identity;q=0.5\r\n", true},
        {"Accept-Encoding: gzip;q=0.5, identity;q=0\r\n", true},
        {"Accept-Encoding: gzip;q=2\r\n", false},
        {"Accept-Encoding: gzip;q=1.001\r\n", false},
        {"Accept-Encoding: gzip;q=0.0001\r\n", false},
        {"Accept-Encoding: gzip;q=-1\r\n", false},
        {"Accept-Encoding: gzip;q=\r\n", false},
        {"Accept-Encoding: gzip;q=x\r\n", false},
        {"Accept-Encoding: ;;,,\r\n", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_message message;
        struct buf text = BUF_INIT;
        size_t used;

        buf_printf(&text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", cases[i].lines);
        http_message_init(&message);
        cr_assert_eq(http_message_feed(&message, text.data, text.length_bytes, &used),
                     HTTP_PARSE_DONE);
        cr_assert_eq(http_gzip_accepted(&message), cases[i].accepted, "%s", cases[i].lines);
        http_message_fini(&message);
        buf_fini(&text);
    }
}

Test(gzip, worth)
{
    cr_assert(http_gzip_worth("application/json"));
    cr_assert(http_gzip_worth("application/problem+json"));
    cr_assert(http_gzip_worth("text/html; charset=utf-8"));
    cr_assert_not(http_gzip_worth("application/octet-stream"));
    cr_assert_not(http_gzip_worth("image/png"));
    cr_assert_not(http_gzip_worth(""));
}

static void
expect_same(const struct buf *packed, const char *content, size_t bytes)
{
    z_stream stream = {0};
    unsigned char *back = malloc(bytes + 1);

    cr_assert_eq(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    stream.next_in = (unsigned char *)packed->data;
    stream.avail_in = (unsigned)packed->length_bytes;
    stream.next_out = back;
    stream.avail_out = (unsigned)bytes + 1;
    cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    cr_assert_eq(stream.avail_in, 0);
    cr_assert_eq(stream.total_out, bytes);
    cr_assert_eq(memcmp(back, content, bytes), 0);
    inflateEnd(&stream);
    free(back);
}

Test(gzip, one_after_another)
{
    enum { BYTES = 300000 };
    struct http_gzip *gzip = http_gzip_new();
    char *content = malloc(BYTES);
    struct buf first = BUF_INIT, again = BUF_INIT;
    uint32_t random = 1;

    for (size_t i = 0; i < BYTES; i++) {
        content[i] = "{\"id\":\"0123456789abcdef\"}"[i * i % 25];
    }
    for (size_t bytes = 0; bytes <= BYTES; bytes = bytes * 7 + 1) {
        buf_clear(&first, SIZE_MAX);
        http_gzip_write(gzip, &first, content, bytes);
        expect_same(&first, content, bytes);
    }
    for (size_t i = 0; i < BYTES; i++) { /* what cannot be made smaller */
        random = random * 1664525 + 1013904223;
        content[i] = (char)(random >> 24);
    }
    buf_clear(&first, SIZE_MAX);
    http_gzip_write(gzip, &first, content, BYTES);
    expect_same(&first, content, BYTES);
    http_gzip_write(gzip, &again, content, BYTES);
    cr_assert_eq(first.length_bytes, again.length_bytes);
    cr_assert_eq(memcmp(first.data, again.data, first.length_bytes), 0);
    buf_fini(&first);
    buf_fini(&again);
    free(content);
    http_gzip_free(gzip);
    http_gzip_free(http_gzip_new());
}
