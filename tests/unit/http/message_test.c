#include "http/message.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/*
 * A transcript of what the parser makes of a stream: one `[VERB path?query body]` per request, then
 * `!REASON` if it was refused, or `...` if it is incomplete. Nothing is read behind a refusal.
 */
static bool
step(struct http_message *message, struct buf *out, const char *data, size_t bytes)
{
    size_t at = 0;

    while (at < bytes) {
        size_t used;
        enum http_parse parse = http_message_feed(message, data + at, bytes - at, &used);

        at += used;
        if (parse == HTTP_PARSE_REFUSED) {
            buf_printf(out, "!%s", message->refusal->name);
            return false;
        }
        if (parse == HTTP_PARSE_DONE) {
            buf_printf(out, "[%s %.*s?%.*s %.*s%s]", message->verb, (int)message->path_bytes,
                       message->path, (int)message->query_bytes, message->query,
                       (int)message->body.length_bytes,
                       message->body.data == NULL ? "" : message->body.data,
                       message->keep_alive ? "" : " close");
            http_message_reset(message);
        }
        cr_assert(parse != HTTP_PARSE_MORE || at == bytes);
    }
    return true;
}

/* The stream in three pieces, cut at `first` and `second`; or byte by byte if `second` is 0. */
static char *
transcript(const char *data, size_t bytes, size_t first, size_t second)
{
    struct http_message message;
    struct buf out = BUF_INIT;
    bool good = true;

    http_message_init(&message);
    if (second == 0) {
        for (size_t at = 0; at < bytes && good; at++) {
            good = step(&message, &out, data + at, 1);
        }
    } else {
        good = step(&message, &out, data, first) &&
               step(&message, &out, data + first, second - first) &&
               step(&message, &out, data + second, bytes - second);
    }
    if (good && http_message_begun(&message)) {
        buf_puts(&out, "...");
    }
    http_message_fini(&message);
    buf_putc(&out, '\0');
    return out.data;
}

static void
expect_piece(const char *name, const char *data, size_t bytes, size_t first, size_t second,
             const char *expected)
{
    char *got = transcript(data, bytes, first, second);

    cr_assert_str_eq(got, expected, "%s, cut at %zu and %zu: %s instead of %s", name, first, second,
                     got, expected);
    free(got);
}

/* However the stream is cut into pieces, it means the same. */
static void
expect(const char *name, const char *data, size_t bytes, const char *expected)
{
    expect_piece(name, data, bytes, 0, bytes, expected);
    expect_piece(name, data, bytes, 0, 0, expected);
    for (size_t at = 1; at < bytes; at++) {
        expect_piece(name, data, bytes, at, bytes, expected);
        expect_piece(name, data, bytes, at,
                     at + (bytes - at) / 2 + 1 > bytes ? bytes : at + (bytes - at) / 2 + 1,
                     expected);
    }
}

struct stream {
    const char *name, *data;
    size_t bytes;
    const char *expected;
};

/* clang-format off */
#define BYTES(text) (text), sizeof(text) - 1
#define GET "GET /a HTTP/1.1\r\nHost: h\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: h\r\n"
#define NEXT "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
#define BAD "!MALFORMED_REQUEST"

static const struct stream hostile[] = {
    /* Two lengths. */
    {"length and coding", BYTES(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT), BAD},
    {"coding and length", BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT), BAD},
    {"coding and length 0", BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"), BAD},
    {"two lengths", BYTES(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), BAD},
    {"two equal lengths", BYTES(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), BAD},
    {"list of lengths", BYTES(POST "Content-Length: 5, 5\r\n\r\nhello"), BAD},
    {"plus length", BYTES(POST "Content-Length: +5\r\n\r\nhello"), BAD},
    {"minus length", BYTES(POST "Content-Length: -5\r\n\r\nhello"), BAD},
    {"hexadecimal length", BYTES(POST "Content-Length: 0x5\r\n\r\nhello"), BAD},
    {"empty length", BYTES(POST "Content-Length:\r\n\r\nhello"), BAD},
    {"blank length", BYTES(POST "Content-Length:  \r\n\r\nhello"), BAD},
    {"length with a space inside", BYTES(POST "Content-Length: 1 5\r\n\r\nhello"), BAD},
    {"length with a point", BYTES(POST "Content-Length: 5.0\r\n\r\nhello"), BAD},
    {"length beyond 64 bits", BYTES(POST "Content-Length: 18446744073709551621\r\n\r\nhello"), BAD},
    {"length in other digits", BYTES(POST "Content-Length: \xd9\xa5\r\n\r\nhello"), BAD},
    {"length, case changed", BYTES(POST "content-LENGTH: 5\r\nContent-length: 5\r\n\r\nhello"), BAD},
    /* Codings. */
    {"identity", BYTES(POST "Transfer-Encoding: identity\r\n\r\nhello"), BAD},
    {"gzip, chunked", BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"chunked, chunked", BYTES(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"chunked, identity", BYTES(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), BAD},
    {"two codings", BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"coding and empty coding", BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"), BAD},
    {"empty coding", BYTES(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"), BAD},
    {"quoted coding", BYTES(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"), BAD},
    {"xchunked", BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), BAD},
    {"chunked with a parameter", BYTES(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), BAD},
    {"comma before chunked", BYTES(POST "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"vertical tab before chunked", BYTES(POST "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"coding on GET that is not chunked", BYTES(GET "Transfer-Encoding: x\r\n\r\n"), BAD},
    {"coding with 1.0", BYTES("POST /a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD},
    /* Line ends and control characters. */
    {"bare LF after the request line", BYTES("GET /a HTTP/1.1\nHost: h\r\n\r\n"), BAD},
    {"bare LF after a field", BYTES("GET /a HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"), BAD},
    {"bare LF at the end", BYTES(GET "\n"), BAD},
    {"bare LF only", BYTES("GET /a HTTP/1.1\nHost: h\n\n"), BAD},
    {"bare CR in a value", BYTES(GET "X: a\rTransfer-Encoding: chunked\r\n\r\n"), BAD},
    {"bare CR as a line end", BYTES("GET /a HTTP/1.1\rHost: h\r\r"), BAD},
    {"two CR", BYTES(GET "X: a\r\r\n\r\n"), BAD},
    {"CR CR LF at the end", BYTES(GET "\r\r\n"), BAD},
    {"NUL in a value", BYTES(GET "X: a\0b\r\n\r\n"), BAD},
    {"NUL in a name", BYTES(GET "X\0Y: b\r\n\r\n"), BAD},
    {"NUL in the target", BYTES("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"control character in a value", BYTES(GET "X: a\x01\r\n\r\n"), BAD},
    {"DEL in a value", BYTES(GET "X: a\x7f\r\n\r\n"), BAD},
    {"empty line first", BYTES("\r\n" GET "\r\n"), BAD},
    {"LF first", BYTES("\n" GET "\r\n"), BAD},
    {"NUL first", BYTES("\0" GET "\r\n"), BAD},
    /* Fields. */
    {"folded field", BYTES(GET "X: a\r\n b\r\n\r\n"), BAD},
    {"folded with a tab", BYTES(GET "X: a\r\n\tb\r\n\r\n"), BAD},
    {"folded coding", BYTES(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"space before the first field", BYTES("GET /a HTTP/1.1\r\n Host: h\r\n\r\n"), BAD},
    {"folded empty line", BYTES(GET " \r\n\r\n"), BAD},
    {"empty name", BYTES(GET ": a\r\n\r\n"), BAD},
    {"space before the colon", BYTES(GET "X : a\r\n\r\n"), BAD},
    {"space before the colon of a length", BYTES(POST "Content-Length : 5\r\n\r\nhello"), BAD},
    {"tab before the colon", BYTES(POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"), BAD},
    {"space in a name", BYTES(GET "X Y: a\r\n\r\n"), BAD},
    {"no colon", BYTES(GET "X\r\n\r\n"), BAD},
    {"brackets in a name", BYTES(GET "X(): a\r\n\r\n"), BAD},
    {"byte above 127 in a name", BYTES(GET "X\xc3\xa4: a\r\n\r\n"), BAD},
    {"no Host", BYTES("GET /a HTTP/1.1\r\n\r\n"), BAD},
    {"two Hosts", BYTES(GET "Host: h\r\n\r\n"), BAD},
    {"two other Hosts", BYTES(GET "host: i\r\n\r\n"), BAD},
    {"two Hosts with 1.0", BYTES("GET /a HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"), BAD},
    {"empty Host", BYTES("GET /a HTTP/1.1\r\nHost:\r\n\r\n"), BAD},
    {"list of Hosts", BYTES("GET /a HTTP/1.1\r\nHost: h, i\r\n\r\n"), BAD},
    {"Host with a path", BYTES("GET /a HTTP/1.1\r\nHost: h/b\r\n\r\n"), BAD},
    {"Host with a user", BYTES("GET /a HTTP/1.1\r\nHost: u@h\r\n\r\n"), BAD},
    {"Host with a bad port", BYTES("GET /a HTTP/1.1\r\nHost: h:80x\r\n\r\n"), BAD},
    {"other expectation", BYTES(POST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\na"), BAD},
    /* The request line. */
    {"HTTP/2.0", BYTES("GET /a HTTP/2.0\r\nHost: h\r\n\r\n"), BAD},
    {"HTTP/2 preface", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BAD},
    {"HTTP/1.2", BYTES("GET /a HTTP/1.2\r\nHost: h\r\n\r\n"), BAD},
    {"HTTP/0.9", BYTES("GET /a HTTP/0.9\r\nHost: h\r\n\r\n"), BAD},
    {"HTTP/1.01", BYTES("GET /a HTTP/1.01\r\nHost: h\r\n\r\n"), BAD},
    {"HTTP/11", BYTES("GET /a HTTP/11\r\nHost: h\r\n\r\n"), BAD},
    {"http/1.1", BYTES("GET /a http/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"no version", BYTES("GET /a\r\nHost: h\r\n\r\n"), BAD},
    {"other protocol", BYTES("GET /a ICE/1.0\r\nHost: h\r\n\r\n"), BAD},
    {"RTSP", BYTES("OPTIONS /a RTSP/1.0\r\nHost: h\r\n\r\n"), BAD},
    {"two spaces before the target", BYTES("GET  /a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"two spaces behind the target", BYTES("GET /a  HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"space behind the version", BYTES("GET /a HTTP/1.1 \r\nHost: h\r\n\r\n"), BAD},
    {"space before the method", BYTES(" GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"tabs in the request line", BYTES("GET\t/a\tHTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"lower-case method", BYTES("get /a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"unknown method", BYTES("BREW /a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"method cut short", BYTES("GE /a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"CONNECT", BYTES("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" NEXT), BAD},
    {"authority form", BYTES("GET h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n"), BAD},
    {"target without slash", BYTES("GET a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"asterisk with GET", BYTES("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"other scheme", BYTES("GET ftp://h/a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"absolute form, other host", BYTES("GET http://i/a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"absolute form with a user", BYTES("GET http://u@h/a HTTP/1.1\r\nHost: u@h\r\n\r\n"), BAD},
    {"absolute form without host", BYTES("GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"fragment", BYTES("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"bad character in the path", BYTES("GET /a<b HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"backslash in the path", BYTES("GET /a\\b HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"quote in the query", BYTES("GET /a?\"b HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"raw UTF-8 in the path", BYTES("GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n"), BAD},
    {"TLS", BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), BAD},
    /* Chunks. */
    {"chunk size is no number", BYTES(POST "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n"), BAD},
    {"chunk size 0x1", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"), BAD},
    {"chunk size +1", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n"), BAD},
    {"chunk size -1", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n"), BAD},
    {"chunk size with a space", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n 1\r\na\r\n0\r\n\r\n"), BAD},
    {"chunk size, space behind", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n"), BAD},
    {"chunk size empty", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n"), BAD},
    {"chunk size beyond 64 bits", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n"), BAD},
    {"chunk larger than said", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"), BAD},
    {"chunk ends with LF", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n"), BAD},
    {"chunk size ends with LF", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n"), BAD},
    {"chunk size ends with CR", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1\ra\r\n0\r\n\r\n"), BAD},
    {"extension with LF", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n"), BAD},
    {"extension with LF in quotes", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1;a=\"\nb\"\r\na\r\n0\r\n\r\n"), BAD},
    {"folded trailer", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\r\n b\r\n\r\n"), BAD},
    {"trailer with LF", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\n\r\n"), BAD},
    {"trailer with NUL", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: \0\r\n\r\n"), BAD},
    /* A good request before a bad one. */
    {"bad second request", BYTES(GET "\r\n" "GET /b HTTP/1.1\n"), "[GET /a? ]" BAD},
    {"bytes behind the body", BYTES(POST "Content-Length: 2\r\n\r\nabXGET / HTTP/1.1\r\n"), "[POST /a? ab]" BAD},
    {"empty line between requests", BYTES(GET "\r\n\r\n" GET "\r\n"), "[GET /a? ]" BAD},
};

static const struct stream good[] = {
    {"a request", BYTES(GET "\r\n"), "[GET /a? ]"},
    {"pipelining", BYTES(GET "\r\n" NEXT POST "Content-Length: 3\r\n\r\nabc" GET "\r\n"),
     "[GET /a? ][GET /smuggled? ][POST /a? abc][GET /a? ]"},
    {"a query", BYTES("GET /a/b?c=d&e=/?:@ HTTP/1.1\r\nHost: h\r\n\r\n"), "[GET /a/b?c=d&e=/?:@ ]"},
    {"an empty query", BYTES("GET /a? HTTP/1.1\r\nHost: h\r\n\r\n"), "[GET /a? ]"},
    {"length 0", BYTES(POST "Content-Length: 0\r\n\r\n" NEXT), "[POST /a? ][GET /smuggled? ]"},
    {"leading zeroes", BYTES(POST "Content-Length: 0003\r\n\r\nabc"), "[POST /a? abc]"},
    {"blanks around a value", BYTES(POST "X: \t y \t \r\nContent-Length:   3  \r\n\r\nabc"), "[POST /a? abc]"},
    {"an empty value", BYTES(GET "X:\r\nY:  \r\n\r\n"), "[GET /a? ]"},
    {"bytes above 127 in a value", BYTES(GET "X: \xe4\r\n\r\n"), "[GET /a? ]"},
    {"chunks", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n" NEXT),
     "[POST /a? abc0123456789][GET /smuggled? ]"},
    {"Chunked", BYTES(POST "transfer-encoding:Chunked\r\n\r\n0\r\n\r\n"), "[POST /a? ]"},
    {"a chunk with line ends", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"),
     "[POST /a? \r\n0\r\n\r\n]"},
    {"chunk extensions", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1;a=\"d e\"\r\nx\r\n0;z\r\n\r\n" NEXT),
     "[POST /a? x][GET /smuggled? ]"},
    {"trailers", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: y\r\nExpires: z\r\n\r\n" NEXT),
     "[POST /a? x][GET /smuggled? ]"},
    {"Connection: close", BYTES(GET "Connection: close\r\n\r\n"), "[GET /a?  close]"},
    {"Connection: a list", BYTES(GET "Connection: foo, Close\r\n\r\n"), "[GET /a?  close]"},
    {"Connection: both", BYTES(GET "Connection: keep-alive\r\nConnection: close\r\n\r\n"), "[GET /a?  close]"},
    {"HTTP/1.0", BYTES("GET /a HTTP/1.0\r\n\r\n"), "[GET /a?  close]"},
    {"HTTP/1.0 keep-alive", BYTES("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "[GET /a?  close]"},
    {"HTTP/1.0 with a body", BYTES("POST /a HTTP/1.0\r\nContent-Length: 1\r\n\r\na"), "[POST /a? a close]"},
    {"absolute form", BYTES("GET http://h/a?b HTTP/1.1\r\nHost: H\r\n\r\n"), "[GET /a?b ]"},
    {"absolute form with a port", BYTES("GET HTTPS://h:8443/a HTTP/1.1\r\nHost: h:8443\r\n\r\n"), "[GET /a? ]"},
    {"absolute form without path", BYTES("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n"), "[GET /? ]"},
    {"absolute form, query only", BYTES("GET http://h?b HTTP/1.1\r\nHost: h\r\n\r\n"), "[GET /?b ]"},
    {"IPv6 host", BYTES("GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), "[GET /a? ]"},
    {"asterisk", BYTES("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), "[OPTIONS *? ]"},
    {"upgrade is ignored", BYTES(GET "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n" NEXT), "[GET /a? ][GET /smuggled? ]"},
    {"upgrade with a body", BYTES(POST "Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\na" NEXT),
     "[POST /a? a][GET /smuggled? ]"},
    {"DELETE with a body", BYTES("DELETE /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na" NEXT),
     "[DELETE /a? a][GET /smuggled? ]"},
    {"GET with a body", BYTES(GET "Content-Length: 1\r\n\r\na" NEXT), "[GET /a? a][GET /smuggled? ]"},
    {"incomplete head", BYTES(GET), "..."},
    {"incomplete body", BYTES(POST "Content-Length: 5\r\n\r\nhell"), "..."},
    {"incomplete chunk", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello"), "..."},
    {"no last chunk", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "..."},
};
/* clang-format on */

Test(message, hostile_requests_are_refused_however_they_are_cut)
{
    cr_assert_geq(sizeof(hostile) / sizeof(hostile[0]), 60);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        expect(hostile[i].name, hostile[i].data, hostile[i].bytes, hostile[i].expected);
    }
}

Test(message, good_requests_are_understood_however_they_are_cut)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        expect(good[i].name, good[i].data, good[i].bytes, good[i].expected);
    }
}

/* Streams that nobody thought of: good ones with some bytes changed, doubled or left out. */
Test(message, mutated_requests_mean_the_same_however_they_are_cut)
{
    static const char bytes[] = "\r\n\t \0:;,0aF/%\x7f\x80\xff";
    unsigned seed = 20261120;

    for (int round = 0; round < 20000; round++) {
        const struct stream *from = &good[(size_t)rand_r(&seed) % (sizeof(good) / sizeof(good[0]))];
        size_t length = from->bytes;
        char *data = malloc(2 * length);
        char *whole, *single;

        memcpy(data, from->data, length);
        for (int change = rand_r(&seed) % 3; change >= 0; change--) {
            size_t at = (size_t)rand_r(&seed) % length;

            switch (rand_r(&seed) % 3) {
            case 0:
                data[at] = bytes[(size_t)rand_r(&seed) % (sizeof(bytes) - 1)];
                break;
            case 1:
                memmove(data + at + 1, data + at, length - at);
                length++;
                break;
            default:
                memmove(data + at, data + at + 1, length - at - 1);
                length--;
            }
        }
        whole = transcript(data, length, 0, length);
        single = transcript(data, length, 0, 0);
        cr_assert_str_eq(whole, single, "%.*s", (int)length, data);
        free(whole);
        free(single);
        free(data);
    }
}

/* A framing field among the trailers must not change where the next request begins. */
Test(message, trailers_cannot_frame)
{
    static const char *const trailers[] = {"Content-Length: 5", "Transfer-Encoding: chunked",
                                           "Host: i", "Connection: close", "Upgrade: x"};

    for (size_t i = 0; i < sizeof(trailers) / sizeof(trailers[0]); i++) {
        struct buf stream = BUF_INIT;
        char *got;

        buf_printf(&stream, POST "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n%s\r\n\r\n" NEXT,
                   trailers[i]);
        got = transcript(stream.data, stream.length_bytes, 0, stream.length_bytes);
        if (strcmp(got, BAD) != 0) { /* refusing them is as good as ignoring them */
            expect(trailers[i], stream.data, stream.length_bytes, "[POST /a? x][GET /smuggled? ]");
        }
        free(got);
        buf_fini(&stream);
    }
}

static void
repeat(struct buf *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        buf_puts(out, text);
    }
}

/* Large streams: whole and byte by byte, which is enough there. */
static void
expect_large(const char *name, struct buf *stream, const char *expected)
{
    char *got = transcript(stream->data, stream->length_bytes, 0, stream->length_bytes);

    cr_assert_str_eq(got, expected, "%s: %.80s", name, got);
    free(got);
    got = transcript(stream->data, stream->length_bytes, 0, 0);
    cr_assert_str_eq(got, expected, "%s byte by byte: %.80s", name, got);
    free(got);
    buf_fini(stream);
}

static char *
request_with_path(size_t path_bytes)
{
    struct buf text = BUF_INIT;

    buf_puts(&text, "[GET /");
    repeat(&text, "a", path_bytes - 1);
    buf_append(&text, "? ]", 4);
    return text.data;
}

Test(message, request_line_has_a_limit)
{
    size_t longest = LIMIT_HTTP_REQUEST_LINE_BYTES - strlen("GET  HTTP/1.1\r\n");

    for (size_t extra = 0; extra < 2; extra++) {
        struct buf stream = BUF_INIT;
        char *expected = extra == 0 ? request_with_path(longest) : strdup("!URI_TOO_LONG");

        buf_puts(&stream, "GET /");
        repeat(&stream, "a", longest - 1 + extra);
        buf_puts(&stream, " HTTP/1.1\r\nHost: h\r\n\r\n");
        expect_large("request line", &stream, expected);
        free(expected);
    }
}

Test(message, an_endless_request_line_is_refused_early)
{
    struct http_message message;
    char line[LIMIT_HTTP_REQUEST_LINE_BYTES + 1];
    size_t used;

    memset(line, 'a', sizeof(line));
    memcpy(line, "GET /", 5);
    http_message_init(&message);
    cr_assert_eq(http_message_feed(&message, line, sizeof(line), &used), HTTP_PARSE_REFUSED);
    cr_assert_str_eq(message.refusal->name, "URI_TOO_LONG");
    http_message_fini(&message);
}

Test(message, fields_are_counted)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct buf stream = BUF_INIT;

        buf_puts(&stream, GET);
        repeat(&stream, "X: y\r\n", LIMIT_HTTP_FIELDS - 1 + extra);
        buf_puts(&stream, "\r\n");
        expect_large("fields", &stream, extra == 0 ? "[GET /a? ]" : "!HEADERS_TOO_LARGE");
    }
}

Test(message, header_bytes_are_counted)
{
    size_t rest = LIMIT_HTTP_HEADER_BYTES - strlen("Host: h\r\nX: \r\n\r\n");

    for (size_t extra = 0; extra < 2; extra++) {
        struct buf stream = BUF_INIT;

        buf_puts(&stream, GET "X: ");
        repeat(&stream, "y", rest + extra);
        buf_puts(&stream, "\r\n\r\n");
        expect_large("header", &stream, extra == 0 ? "[GET /a? ]" : "!HEADERS_TOO_LARGE");
    }
}

Test(message, trailers_are_counted_with_the_header)
{
    struct buf stream = BUF_INIT;

    buf_puts(&stream, POST "Transfer-Encoding: chunked\r\n\r\n0\r\n");
    repeat(&stream, "X: y\r\n", LIMIT_HTTP_FIELDS);
    buf_puts(&stream, "\r\n");
    expect_large("trailers", &stream, "!HEADERS_TOO_LARGE");
}

Test(message, a_length_beyond_the_limit_is_refused_before_the_body)
{
    struct buf stream = BUF_INIT;

    buf_printf(&stream, POST "Content-Length: %d\r\n\r\n", LIMIT_HTTP_BODY_BYTES + 1);
    expect_large("length", &stream, "!BODY_TOO_LARGE");
}

Test(message, the_largest_body_is_taken_and_one_more_byte_in_chunks_is_not)
{
    struct http_message message;
    struct buf stream = BUF_INIT;
    size_t used;

    buf_printf(&stream, POST "Content-Length: %d\r\n\r\n", LIMIT_HTTP_BODY_BYTES);
    repeat(&stream, "b", LIMIT_HTTP_BODY_BYTES);
    http_message_init(&message);
    cr_assert_eq(http_message_feed(&message, stream.data, stream.length_bytes, &used),
                 HTTP_PARSE_HEAD);
    cr_assert_eq(http_message_feed(&message, stream.data + used, stream.length_bytes - used, &used),
                 HTTP_PARSE_DONE);
    cr_assert_eq(message.body.length_bytes, LIMIT_HTTP_BODY_BYTES);
    http_message_fini(&message);
    buf_fini(&stream);

    buf_puts(&stream, POST "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < LIMIT_HTTP_BODY_BYTES / 16; i++) {
        buf_puts(&stream, "10\r\n0123456789abcdef\r\n");
    }
    buf_puts(&stream, "1\r\nx\r\n0\r\n\r\n");
    expect_large("chunked body", &stream, "!BODY_TOO_LARGE");
}

Test(message, chunk_framing_has_limits)
{
    struct buf stream = BUF_INIT;

    buf_puts(&stream, POST "Transfer-Encoding: chunked\r\n\r\n1;x=");
    repeat(&stream, "y", LIMIT_HTTP_CHUNK_LINE_BYTES);
    buf_puts(&stream, "\r\nx\r\n0\r\n\r\n");
    expect_large("extension", &stream, BAD);

    buf_puts(&stream, POST "Transfer-Encoding: chunked\r\n\r\n");
    repeat(&stream, "0001\r\nx\r\n", LIMIT_HTTP_CHUNK_FRAMING_BYTES / 6 + 1);
    buf_puts(&stream, "0\r\n\r\n");
    expect_large("small chunks", &stream, BAD);
}

static void
expect_field(const struct http_message *message, const char *name, const char *value, size_t count)
{
    size_t bytes, n;
    const char *got = http_message_field(message, name, &bytes, &n);

    cr_assert_eq(n, count, "%s: %zu", name, n);
    if (value == NULL) {
        cr_assert_null(got);
        return;
    }
    cr_assert_eq(bytes, strlen(value));
    cr_assert_eq(memcmp(got, value, bytes), 0, "%s: %.*s", name, (int)bytes, got);
}

Test(message, fields_are_found_in_any_case_and_without_blanks)
{
    static const char data[] =
        GET "X-Request-ID:  a b\t \r\nAccept: x\r\nEmpty:\r\nACCEPT: y\r\n\r\n";
    struct http_message message;
    size_t used, bytes;
    const char *second;

    http_message_init(&message);
    cr_assert_eq(http_message_feed(&message, data, sizeof(data) - 1, &used), HTTP_PARSE_DONE);
    expect_field(&message, "host", "h", 1);
    expect_field(&message, "x-request-id", "a b", 1);
    expect_field(&message, "accept", "x", 2);
    expect_field(&message, "empty", "", 1);
    expect_field(&message, "x-request-i", NULL, 0);
    expect_field(&message, "x-request-id2", NULL, 0);
    second = http_message_field_at(&message, "accept", 1, &bytes);
    cr_assert_not_null(second);
    cr_assert_eq(bytes, 1);
    cr_assert_eq(*second, 'y');
    http_message_fini(&message);
}

Test(message, an_expectation_is_told_at_the_head)
{
    static const char data[] = POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
    struct http_message message;
    size_t used;

    http_message_init(&message);
    cr_assert_eq(http_message_feed(&message, data, sizeof(data) - 1, &used), HTTP_PARSE_HEAD);
    cr_assert_eq(used, sizeof(data) - 1);
    cr_assert(message.expects_continue);
    cr_assert_eq(http_message_feed(&message, "a", 1, &used), HTTP_PARSE_DONE);
    http_message_fini(&message);
}

Test(message, little_memory_is_kept)
{
    struct http_message message;
    struct buf stream = BUF_INIT;
    size_t used;

    buf_printf(&stream, POST "Content-Length: %d\r\n\r\n", LIMIT_HTTP_BODY_BYTES);
    repeat(&stream, "b", LIMIT_HTTP_BODY_BYTES);
    http_message_init(&message);
    cr_assert_not(http_message_begun(&message));
    cr_assert_eq(http_message_feed(&message, stream.data, stream.length_bytes, &used),
                 HTTP_PARSE_HEAD);
    cr_assert(http_message_begun(&message));
    cr_assert_eq(http_message_feed(&message, stream.data + used, stream.length_bytes - used, &used),
                 HTTP_PARSE_DONE);
    http_message_reset(&message);
    cr_assert_not(http_message_begun(&message));
    cr_assert_eq(message.body.size_bytes, 0);
    http_message_fini(&message);
    buf_fini(&stream);
}
