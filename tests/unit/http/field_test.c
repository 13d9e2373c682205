#include "http/field.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A request with these header lines. */
static void
parse(struct http_message *message, const char *lines)
{
    struct buf text = BUF_INIT;
    size_t used;

    buf_printf(&text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", lines);
    http_message_init(message);
    cr_assert_eq(http_message_feed(message, text.data, text.length_bytes, &used), HTTP_PARSE_DONE);
    buf_fini(&text);
}

struct accept_case {
    const char *lines;
    bool good;
};

Test(field, accept)
{
    static const struct accept_case cases[] = {
        {"", true},
        {"Accept:\r\n", true},
        {"Accept: */*\r\n", true},
        {"Accept: application/json\r\n", true},
        {"Accept: APPLICATION/JSON\r\n", true},
        {"Accept: application/problem+json\r\n", true},
        {"Accept: application/*;q=0.1\r\n", true},
        {"Accept: text/html, application/xhtml+xml, */*;q=0.8\r\n", true},
        {"Accept: text/html\r\nAccept: application/json\r\n", true},
        {"Accept: text/html;a=\"x,y\",application/json\r\n", true},
        {"Accept: application/json;q=0, */*\r\n", true}, /* a problem would be admitted */
        {"Accept: text/html\r\n", false},
        {"Accept: text/html;a=\"application/json,*/*\"\r\n", false},
        {"Accept: application/xml, text/*\r\n", false},
        {"Accept: application/json;q=0\r\n", false},
        {"Accept: application/json;q=0.000\r\n", false},
        {"Accept: */*;q=0\r\n", false},
        {"Accept: */*;q=0, application/json\r\n", true},
        {"Accept: application/*;q=0, */*\r\n", false},
        {"Accept: */json\r\n", false},
        {"Accept: json\r\n", false},
        {"Accept: ,,;,\r\n", false},
        {"Accept: \"\r\n", false},
        {"Accept: application/json2\r\n", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_message message;

        parse(&message, cases[i].lines);
        cr_assert_eq(http_accepts_json(&message), cases[i].good, "%s", cases[i].lines);
        http_message_fini(&message);
    }
}

Test(field, accept_of_another_type)
{
    static const struct accept_case cases[] = {
        {"", true},
        {"Accept: */*\r\n", true},
        {"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n", true},
        {"Accept: text/*\r\n", true},
        {"Accept: text/*;q=0, */*\r\n", false},
        {"Accept: text/html;q=0\r\n", false},
        {"Accept: text\r\n", false},
        {"Accept: text/\r\n", false},
        {"Accept: application/*\r\n", false},
        {"Accept: application/json\r\n", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_message message;

        parse(&message, cases[i].lines);
        cr_assert_eq(http_accepts(&message, "text/html"), cases[i].good, "%s", cases[i].lines);
        http_message_fini(&message);
    }
}

Test(field, content_type)
{
    static const struct accept_case cases[] = {
        {"Content-Type: application/json\r\n", true},
        {"Content-Type: Application/JSON\r\n", true},
        {"Content-Type: application/json; charset=utf-8\r\n", true},
        {"Content-Type: application/json;charset=\"UTF-8\"\r\n", true},
        {"Content-Type: application/json ; charset=UTF-8 \r\n", true},
        {"Content-Type: application/json;\r\n", true},
        {"", false},
        {"Content-Type:\r\n", false},
        {"Content-Type: application/json\r\nContent-Type: application/json\r\n", false},
        {"Content-Type: application/json, application/json\r\n", false},
        {"Content-Type: application/json; charset=latin1\r\n", false},
        {"Content-Type: application/json; charset\r\n", false},
        {"Content-Type: application/json; version=1\r\n", false},
        {"Content-Type: text/json\r\n", false},
        {"Content-Type: application/problem+json\r\n", false},
        {"Content-Type: application/x-www-form-urlencoded\r\n", false},
        {"Content-Type: application/jsonx\r\n", false},
        {"Content-Type: ;application/json\r\n", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_message message;

        parse(&message, cases[i].lines);
        cr_assert_eq(http_content_is_json(&message), cases[i].good, "%s", cases[i].lines);
        http_message_fini(&message);
    }
}

static bool
traceparent(const char *text)
{
    return http_traceparent_valid(text, strlen(text));
}

Test(field, traceparents)
{
    cr_assert(traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    cr_assert(traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"));
    cr_assert_not(traceparent(""));
    cr_assert_not(traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
    cr_assert_not(traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
    cr_assert_not(traceparent("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    cr_assert_not(traceparent("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    cr_assert_not(traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"));
    cr_assert_not(traceparent("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    cr_assert_not(traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01"));
}

Test(field, seconds)
{
    static const struct {
        const char *text;
        int32_t ms;
    } good[] = {{"0", 0},      {"5", 5000},  {"0.25", 250},
                {"1.5", 1500}, {"0.001", 1}, {"86400", 86400000}};
    static const char *const bad[] = {"",    ".",         ".5",       "5.",     "-1",   "+1",
                                      "1e3", "1,5",       "86401",    "0.0001", "1..2", "1.2.3",
                                      "5s",  "999999999", "99999999", " 1",     "0x5"};
    int32_t ms = -1;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(http_seconds_parse(good[i].text, strlen(good[i].text), &ms), "%s", good[i].text);
        cr_assert_eq(ms, good[i].ms, "%s: %d", good[i].text, ms);
    }
    ms = -1;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_not(http_seconds_parse(bad[i], strlen(bad[i]), &ms), "%s", bad[i]);
        cr_assert_eq(ms, -1);
    }
}

Test(field, printable_text)
{
    cr_assert(http_printable("a!~", 3, 3));
    cr_assert_not(http_printable("abcd", 4, 3));
    cr_assert_not(http_printable("", 0, 3));
    cr_assert(http_printable("a b", 3, 3));
    cr_assert_not(http_printable("a\tb", 3, 3));
    cr_assert_not(http_printable("a\x7f", 2, 3));
    cr_assert_not(http_printable("\xc3\xa4", 2, 3));
}
