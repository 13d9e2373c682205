#include "http/deadline.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define NONE (-1)

static int32_t
grpc(const char *text)
{
    int32_t ms = NONE;

    return http_grpc_timeout_parse(text, strlen(text), &ms) ? ms : NONE;
}

static int32_t
connect(const char *text)
{
    int32_t ms = NONE;

    return http_connect_timeout_parse(text, strlen(text), &ms) ? ms : NONE;
}

Test(deadline, grpc_has_units)
{
    cr_assert_eq(grpc("1H"), 3600000);
    cr_assert_eq(grpc("2M"), 120000);
    cr_assert_eq(grpc("3S"), 3000);
    cr_assert_eq(grpc("250m"), 250);
    cr_assert_eq(grpc("1u"), 1);
    cr_assert_eq(grpc("1001u"), 2);
    cr_assert_eq(grpc("1n"), 1);
    cr_assert_eq(grpc("0n"), 0);
    cr_assert_eq(grpc("99999999H"), 86400000);
    cr_assert_eq(grpc("00000001S"), 1000);
}

Test(deadline, grpc_refuses_what_is_no_timeout)
{
    static const char *const bad[] = {"",    "S",    "1",          "1s",  "1 S", " 1S", "+1S",
                                      "-1S", "1.5S", "123456789S", "1SS", "1h",  "0x1S"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(grpc(bad[i]), NONE, "\"%s\"", bad[i]);
    }
}

Test(deadline, connect_counts_milliseconds)
{
    static const char *const bad[] = {"", "1.5", "-1", "+1", "1 ", "12345678901", "1m", "0x1"};

    cr_assert_eq(connect("0"), 0);
    cr_assert_eq(connect("5000"), 5000);
    cr_assert_eq(connect("9999999999"), 86400000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(connect(bad[i]), NONE, "\"%s\"", bad[i]);
    }
}

/* What http_deadline_read says of a request with these fields; `ms` as it left it. */
static const char *
read_fields(const char *fields, int32_t *ms)
{
    struct http_message message;
    char request[256];
    const char *wrong;
    size_t used;

    snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", fields);
    http_message_init(&message);
    cr_assert_eq(http_message_feed(&message, request, strlen(request), &used), HTTP_PARSE_DONE);
    wrong = http_deadline_read(&message, ms);
    http_message_fini(&message);
    return wrong;
}

Test(deadline, the_shortest_field_counts)
{
    int32_t ms = NONE;

    cr_assert_null(read_fields("", &ms));
    cr_assert_eq(ms, INT32_MAX);
    cr_assert_null(read_fields("Request-Timeout: 1.5\r\n", &ms));
    cr_assert_eq(ms, 1500);
    cr_assert_null(read_fields("Connect-Timeout-Ms: 20\r\nGrpc-Timeout: 30m\r\n", &ms));
    cr_assert_eq(ms, 20);
    cr_assert_null(read_fields("Request-Timeout: 4\r\nGRPC-TIMEOUT: 3S\r\n", &ms));
    cr_assert_eq(ms, 3000);
}

Test(deadline, the_wrong_field_is_named)
{
    int32_t ms = NONE;

    cr_assert_str_eq(read_fields("Request-Timeout: 1\r\nRequest-Timeout: 1\r\n", &ms),
                     "Request-Timeout");
    cr_assert_str_eq(read_fields("Request-Timeout: 1\r\nConnect-Timeout-Ms:\r\n", &ms),
                     "Connect-Timeout-Ms");
    cr_assert_str_eq(read_fields("Grpc-Timeout: 1h\r\n", &ms), "Grpc-Timeout");
    cr_assert_eq(ms, NONE);
}
