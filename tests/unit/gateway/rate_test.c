/* Shares of requests: the buckets by an injected clock, then over real sockets. */
#include "gateway/rate.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "fixture.h"

/* --- settings --- */

Test(rate, policies)
{
    static const char *const bad[] = {"",
                                      "on",
                                      "0/1",
                                      "1/0",
                                      "1",
                                      "1/",
                                      "/1",
                                      "1/1s",
                                      "-1/1",
                                      "1.5/1",
                                      " 1/1",
                                      "1/1 ",
                                      "1//1",
                                      "1000001/1",
                                      "1/86401",
                                      "01/1x",
                                      "OFF",
                                      "1/1/1",
                                      "99999999999999999999/1"};
    struct rate_policy policy;
    struct error error;

    cr_assert_eq(rate_policy_parse("R", "off", &policy, &error), STATUS_OK);
    cr_assert_eq(policy.requests, 0);
    cr_assert_eq(rate_policy_parse("R", "5/60", &policy, &error), STATUS_OK);
    cr_assert_eq(policy.requests, 5);
    cr_assert_eq(policy.seconds, 60);
    cr_assert_eq(rate_policy_parse("R", "1000000/86400", &policy, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(rate_policy_parse("R", bad[i], &policy, &error), STATUS_INVALID_ARGUMENT, "%s",
                     bad[i]);
        cr_assert_not_null(strstr(error.text, "R must be"));
    }
    cr_assert_eq(policy.requests, 1000000, "untouched on failure");
}

/* --- buckets --- */

static struct rate_client
client(const char *text)
{
    struct address address;

    cr_assert(address_parse(text, strlen(text), &address));
    return rate_client_of("", &address);
}

static struct rate_limiter *
limiter(uint32_t requests, uint32_t seconds)
{
    return rate_limiter_new((struct rate_policy){requests, seconds});
}

Test(rate, the_fifth_is_served_and_the_sixth_refused)
{
    struct rate_limiter *self = limiter(5, 60);
    struct rate_client who = client("192.0.2.1");
    int64_t now_us = 123456789;
    struct rate_verdict verdict;

    for (uint32_t i = 0; i < 5; i++) {
        verdict = rate_limiter_take(self, &who, 1, now_us);
        cr_assert_not(verdict.refused, "%u", i);
        cr_assert_eq(verdict.remaining, 4 - i);
        cr_assert_eq(verdict.reset_s, 12 * (i + 1));
    }
    verdict = rate_limiter_take(self, &who, 1, now_us);
    cr_assert(verdict.refused);
    cr_assert_eq(verdict.remaining, 0);
    cr_assert_eq(verdict.retry_after_ms, 12000);
    /* One more flows in every 12 s, to the microsecond; a refusal costs nothing. */
    verdict = rate_limiter_take(self, &who, 1, now_us + 12000000 - 1);
    cr_assert(verdict.refused);
    cr_assert_eq(verdict.retry_after_ms, 1);
    cr_assert_not(rate_limiter_take(self, &who, 1, now_us + 12000000).refused);
    cr_assert(rate_limiter_take(self, &who, 1, now_us + 12000000).refused);
    /* After a whole window five more, not ten. */
    now_us += 500 * 1000000;
    for (int i = 0; i < 5; i++) {
        cr_assert_not(rate_limiter_take(self, &who, 1, now_us).refused);
    }
    cr_assert(rate_limiter_take(self, &who, 1, now_us).refused);
    rate_limiter_free(self);
}

/* However the time is cut up: never more than five and what has flowed in. */
Test(rate, odd_rates_lose_and_gain_nothing)
{
    struct rate_limiter *self = limiter(7, 3);
    struct rate_client who = client("192.0.2.1");
    int64_t now_us = 0;
    unsigned served = 0;
    uint32_t random = 1;

    while (now_us < 300 * 1000000ll) {
        served += !rate_limiter_take(self, &who, 1, now_us).refused;
        random = random * 1664525 + 1013904223;
        now_us += random >> 8 & 0x3fff;
    }
    cr_assert_geq(served, 7 + 299 * 7 / 3);
    cr_assert_leq(served, 7 + 300 * 7 / 3);
    rate_limiter_free(self);
}

Test(rate, costs)
{
    struct rate_limiter *self = limiter(10, 10);
    struct rate_client who = client("192.0.2.1");

    cr_assert_not(rate_limiter_take(self, &who, 7, 0).refused);
    cr_assert_eq(rate_limiter_take(self, &who, 4, 0).retry_after_ms, 1000);
    cr_assert_not(rate_limiter_take(self, &who, 3, 0).refused);
    cr_assert(rate_limiter_take(self, &who, 0, 0).refused); /* nothing is for nothing */
    /* More than a bucket holds: when it is full. */
    cr_assert(rate_limiter_take(self, &who, 100, 9999999).refused);
    cr_assert_not(rate_limiter_take(self, &who, 100, 10000000).refused);
    rate_limiter_free(self);
}

Test(rate, who_is_one_client)
{
    struct rate_limiter *self = limiter(1, 60);
    struct address address = {{1}};
    struct rate_client ann = rate_client_of("ann", &address);
    struct rate_client ann_elsewhere = rate_client_of("ann", &(struct address){{2}});
    struct rate_client bob = rate_client_of("bob", &address);
    static const struct {
        const char *address;
        bool served;
    } steps[] = {
        {"192.0.2.1", true},       {"192.0.2.1", false},        {"192.0.2.2", true},
        {"2001:db8:0:1::1", true}, {"2001:db8:0:1::2", false},  {"2001:db8:0:1:ffff::", false},
        {"2001:db8:0:2::1", true}, {"::ffff:192.0.2.2", false},
    };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct rate_client who = client(steps[i].address);

        cr_assert_eq(!rate_limiter_take(self, &who, 1, 0).refused, steps[i].served, "%s",
                     steps[i].address);
    }
    cr_assert_not(rate_limiter_take(self, &ann, 1, 0).refused);
    cr_assert(rate_limiter_take(self, &ann_elsewhere, 1, 0).refused);
    cr_assert_not(rate_limiter_take(self, &bob, 1, 0).refused);
    rate_limiter_free(self);
}

static bool
is_same(const char *name, const char *other)
{
    struct rate_client one = rate_client_of(name, &(struct address){{1}});
    struct rate_client two = rate_client_of(other, &(struct address){{2}});

    return memcmp(&one, &two, sizeof(one)) == 0;
}

Test(rate, every_name_is_another_client)
{
    static const char *const names[] = {
        "01890000-0000-7000-8000-00000000abcd",
        "01890000-0000-7000-8000-00000000abce",
        "11890000-0000-7000-8000-00000000abcd",
        "01890000-0000-7000-8000-00000000ABCD",
        "01890000-0000-7000-8000-00000000abcd ",
        "01890000-0000-7000-8000-00000000abc",
        "018900000-000-7000-8000-00000000abcd",
        "0189000000007000800000000000abcd",
        "01890000-",
        "ann",
    };
    enum { N = sizeof(names) / sizeof(names[0]) };

    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            cr_assert_eq(is_same(names[i], names[j]), i == j, "%s %s", names[i], names[j]);
        }
    }
}

static struct rate_client
nth_client(unsigned n)
{
    char name[32];

    snprintf(name, sizeof(name), "client %u", n);
    return rate_client_of(name, &(struct address){{0}});
}

Test(rate, memory_is_bounded_and_idle_clients_are_forgotten)
{
    struct rate_limiter *self = limiter(1, 60);
    struct rate_client who;

    for (unsigned i = 0; i < LIMIT_RATE_CLIENTS + 100; i++) {
        who = nth_client(i);
        cr_assert_not(rate_limiter_take(self, &who, 1, i).refused);
        cr_assert_leq(rate_limiter_clients(self), LIMIT_RATE_CLIENTS);
    }
    cr_assert_eq(rate_limiter_clients(self), LIMIT_RATE_CLIENTS);
    cr_assert(rate_limiter_take(self, &who, 1, LIMIT_RATE_CLIENTS + 100).refused);
    for (unsigned i = 0; i < LIMIT_RATE_CLIENTS; i++) { /* each makes room for itself and more */
        who = nth_client(1000000 + i);
        rate_limiter_take(self, &who, 1, 200 * 1000000 + (int64_t)i * 1000000);
    }
    cr_assert_leq(rate_limiter_clients(self), 70);
    rate_limiter_free(self);
}

/* --- through the gateway --- */

static struct fixture fixture;

static void
start_with(uint32_t requests)
{
    fixture_init(&fixture);
    fixture.config.rate = (struct rate_policy){requests, 600};
    fixture_start(&fixture);
}

static void
stop(void)
{
    fixture_stop(&fixture);
}

static void
ask(const char *request, struct answer *answer)
{
    int fd = client_open(gateway_port(&fixture.gateway));

    client_send(fd, request);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}

TestSuite(share, .fini = stop, .timeout = 120);

Test(share, the_fifth_is_served_and_the_sixth_refused)
{
    struct answer answer;
    char wanted[64];

    start_with(5);
    for (int i = 0; i < 5; i++) {
        ask("GET " CAR HTTP "\r\n", &answer);
        answer_expect(&answer, 200, NULL);
        cr_assert_str_eq(answer_field(&answer, "RateLimit-Policy"), "\"default\";q=5;w=600");
        snprintf(wanted, sizeof(wanted), "\"default\";r=%d;t=%d", 4 - i, 120 * (i + 1));
        cr_assert_str_eq(answer_field(&answer, "RateLimit"), wanted);
        answer_free(&answer);
    }
    ask("GET " CAR HTTP "\r\n", &answer);
    answer_expect(&answer, 429, "RATE_LIMITED");
    cr_assert_str_eq(answer_field(&answer, "Retry-After"), "120");
    cr_assert_not_null(answer_field(&answer, "RateLimit"));
    answer_free(&answer);
    cr_assert_eq(atomic_load(&fixture_calls), 5);
    /* What operators ask for is free, and so is asking what is allowed. */
    for (int i = 0; i < 10; i++) {
        ask("GET /readyz" HTTP "\r\n", &answer);
        answer_expect(&answer, 200, NULL);
        cr_assert_null(answer_field(&answer, "RateLimit"));
        answer_free(&answer);
    }
    expect(gateway_port(&fixture.gateway), "OPTIONS " CAR HTTP "\r\n", 204, NULL);
    expect(gateway_port(&fixture.gateway), "GET /nothing" HTTP "\r\n", 429, "RATE_LIMITED");
    expect(gateway_port(&fixture.gateway), "GET /openapi.json" HTTP "\r\n", 429, "RATE_LIMITED");
}

Test(share, a_body_that_would_be_refused_is_not_asked_for)
{
    struct answer answer;
    int fd;

    start_with(1);
    ask("GET " CAR HTTP "\r\n", &answer);
    answer_free(&answer);
    fd = client_open(gateway_port(&fixture.gateway));
    client_send(fd, "POST /v1/cars" HTTP JSON "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n");
    answer_read(fd, &answer, false);
    answer_expect(&answer, 429, "RATE_LIMITED");
    answer_free(&answer);
    cr_assert(client_at_end(fd));
    close(fd);
}

Test(share, behind_a_trusted_proxy_each_client_has_its_own)
{
    struct error error;

    fixture_init(&fixture);
    fixture.config.rate = (struct rate_policy){1, 600};
    cr_assert_eq(networks_parse("T", "127.0.0.1", &fixture.config.trusted, &error), STATUS_OK);
    fixture_start(&fixture);
#define FROM(address) "GET " CAR HTTP "X-Forwarded-For: " address "\r\n\r\n"
    expect(gateway_port(&fixture.gateway), FROM("192.0.2.1"), 200, NULL);
    expect(gateway_port(&fixture.gateway), FROM("192.0.2.2"), 200, NULL);
    expect(gateway_port(&fixture.gateway), FROM("192.0.2.1"), 429, "RATE_LIMITED");
    expect(gateway_port(&fixture.gateway), FROM("192.0.2.2, 192.0.2.1"), 429, "RATE_LIMITED");
}

Test(share, an_untrusted_client_cannot_pretend)
{
    start_with(1);
    expect(gateway_port(&fixture.gateway), FROM("192.0.2.1"), 200, NULL);
    expect(gateway_port(&fixture.gateway), FROM("192.0.2.2"), 429, "RATE_LIMITED");
}
