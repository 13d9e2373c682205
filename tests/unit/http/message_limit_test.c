/* Bodies with a limit of their own. */
#include "http/message.h"

#include <criterion/criterion.h>
#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"

static struct http_message message;

static void
setup(void)
{
    http_message_init(&message);
}

static void
teardown(void)
{
    http_message_fini(&message);
}

TestSuite(message_limit, .init = setup, .fini = teardown);

static enum http_parse
feed(const char *text)
{
    size_t used;
    size_t bytes = strlen(text);
    enum http_parse parse = http_message_feed(&message, text, bytes, &used);

    cr_assert(parse == HTTP_PARSE_REFUSED || used == bytes);
    return parse;
}

#define POST    "POST / HTTP/1.1\r\nHost: h\r\n"
#define FIVE    POST "Content-Length: 5\r\n\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static void
expect_refused(void)
{
    cr_assert_eq(message.refusal, &reason_body_too_large);
    cr_assert_str_eq(message.refusal_detail, "The body may have 4 bytes.");
}

Test(message_limit, set_before_anything)
{
    cr_assert(http_message_limit_body(&message, 4));
    cr_assert_eq(feed(FIVE), HTTP_PARSE_REFUSED);
    expect_refused();
}

Test(message_limit, lowered_at_the_head)
{
    cr_assert_eq(feed(FIVE), HTTP_PARSE_HEAD);
    cr_assert_not(http_message_limit_body(&message, 4));
    expect_refused();
}

Test(message_limit, just_enough)
{
    cr_assert_eq(feed(FIVE), HTTP_PARSE_HEAD);
    cr_assert(http_message_limit_body(&message, 5));
    cr_assert_eq(feed("12345"), HTTP_PARSE_DONE);
}

Test(message_limit, chunks_together)
{
    cr_assert_eq(feed(CHUNKED), HTTP_PARSE_HEAD);
    cr_assert(http_message_limit_body(&message, 4));
    cr_assert_eq(feed("2\r\n12\r\n2\r\n34\r\n"), HTTP_PARSE_MORE);
    cr_assert_eq(feed("1\r\n"), HTTP_PARSE_REFUSED);
    expect_refused();
}

Test(message_limit, the_general_one_again_for_the_next_request)
{
    cr_assert(http_message_limit_body(&message, 4));
    http_message_reset(&message);
    cr_assert_eq(feed(FIVE), HTTP_PARSE_HEAD);
    cr_assert_eq(feed("12345"), HTTP_PARSE_DONE);
}
