#include "http/response.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

static void
expect(const struct http_response *response, const char *expected)
{
    struct buf out = BUF_INIT;

    http_response_write(&out, response);
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, expected);
    buf_fini(&out);
}

#define POLICIES                                                                                   \
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"                          \
    "Cross-Origin-Resource-Policy: same-origin\r\n"
#define TAIL                                                                                       \
    POLICIES "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"             \
             "Cache-Control: no-store\r\n\r\n"

Test(response, with_content)
{
    const struct http_response response = {.status = 200,
                                           .date = "D",
                                           .content_type = "application/json",
                                           .content_bytes = 1234567890,
                                           .request_id = "r-1"};

    expect(&response, "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: application/json\r\n"
                      "Content-Length: 1234567890\r\nX-Request-Id: r-1\r\n" TAIL);
}

Test(response, with_everything_else)
{
    const struct http_response response = {.status = 503,
                                           .date = "D",
                                           .content_type = "application/problem+json",
                                           .request_id = "",
                                           .location = "/a/b...",
                                           .location_bytes = 4,
                                           .allow = "GET, HEAD",
                                           .retry_after_s = 7,
                                           .replayed = true,
                                           .close = true};

    expect(&response,
           "HTTP/1.1 503 Service Unavailable\r\nDate: D\r\n"
           "Content-Type: application/problem+json\r\nContent-Length: 0\r\nLocation: /a/b\r\n"
           "Allow: GET, HEAD\r\nRetry-After: 7\r\nIdempotent-Replayed: true\r\n"
           "Connection: close\r\n" TAIL);
}

Test(response, without_content_has_no_length)
{
    const struct http_response response = {.status = 204, .date = "D", .request_id = ""};

    expect(&response, "HTTP/1.1 204 No Content\r\nDate: D\r\n" TAIL);
}

Test(response, for_a_page_that_may_be_kept)
{
    struct buf fields = BUF_INIT;
    const struct http_response response = {.status = 304,
                                           .date = "D",
                                           .request_id = "",
                                           .cache_control = "public, max-age=60",
                                           .content_policy = "style-src 'self'",
                                           .fields = &fields};

    http_field_write(&fields, "ETag: ", "\"7\"x", 3);
    http_field_write(&fields, "Vary: ", "Origin", 6);
    expect(&response,
           "HTTP/1.1 304 Not Modified\r\nDate: D\r\nETag: \"7\"\r\nVary: Origin\r\n" POLICIES
           "Content-Security-Policy: style-src 'self'\r\n"
           "Cache-Control: public, max-age=60\r\n\r\n");
    buf_fini(&fields);
}

Test(response, a_line_break_in_a_value_is_a_bug, .signal = SIGABRT)
{
    const struct http_response response = {.status = 201,
                                           .date = "D",
                                           .request_id = "",
                                           .location = "/a\r\nX: y",
                                           .location_bytes = 8};
    struct buf out = BUF_INIT;

    http_response_write(&out, &response);
}

Test(response, dates)
{
    char text[HTTP_DATE_BYTES];

    http_date_format(784111777, text);
    cr_assert_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    http_date_format(0, text);
    cr_assert_str_eq(text, "Thu, 01 Jan 1970 00:00:00 GMT");
    http_date_format(951782400, text);
    cr_assert_str_eq(text, "Tue, 29 Feb 2000 00:00:00 GMT");
}
