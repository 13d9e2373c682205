/* CORS: the allow list, and what a browser's script gets to see. */
#include "gateway/origin.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

Test(origin, lists)
{
    static const char *const good[] = {"",
                                       "*",
                                       "https://a.example",
                                       "http://localhost:3000",
                                       "https://a.example, https://b.example",
                                       "https://a.example https://b.example,",
                                       "http://[::1]:8080"};
    static const char *const bad[] = {"a.example",
                                      "https://",
                                      "https://a.example/",
                                      "https://a.example/x",
                                      "https://A.example",
                                      "ftp://a.example",
                                      "https://*.example",
                                      "https://a.example:",
                                      "https://u@a.example",
                                      "null",
                                      "**",
                                      "*, https://a.example",
                                      "https://a.example, *",
                                      "https://a.example\r\nX: y"};
    struct origins origins;
    struct error error;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert_eq(origins_parse("C", good[i], &origins, &error), STATUS_OK, "%s", good[i]);
    }
    cr_assert_eq(origins_parse("C", NULL, &origins, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(origins_parse("C", bad[i], &origins, &error), STATUS_INVALID_ARGUMENT, "%s",
                     bad[i]);
        cr_assert_not_null(strstr(error.text, "C must be"), "%s", error.text);
    }
}

static struct fixture fixture;

static void
start_with(const char *list)
{
    struct error error;

    fixture_init(&fixture);
    cr_assert_eq(origins_parse("C", list, &fixture.config.origins, &error), STATUS_OK);
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
    answer_read(fd, answer, false);
    answer_free(answer);
    close(fd);
}

static void
expect_field(const struct answer *answer, const char *name, const char *wanted)
{
    const char *value = answer_field(answer, name);

    if (wanted == NULL) {
        cr_assert_null(value, "%s: %s", name, value);
    } else {
        cr_assert_not_null(value, "no %s in %s", name, answer->head);
        cr_assert_str_eq(value, wanted);
    }
}

TestSuite(cors, .fini = stop, .timeout = 120);

#define ALLOW_ORIGIN "Access-Control-Allow-Origin"
#define PREFLIGHT                                                                                  \
    "OPTIONS /v1/cars" HTTP "Access-Control-Request-Method: POST\r\n"                              \
    "Access-Control-Request-Headers: content-type\r\n"

Test(cors, closed_unless_configured)
{
    struct answer answer;

    start_with("");
    ask("GET " CAR HTTP "Origin: https://a.example\r\n\r\n", &answer);
    cr_assert_eq(answer.status, 200);
    expect_field(&answer, ALLOW_ORIGIN, NULL);
    expect_field(&answer, "Vary", NULL);
    ask(PREFLIGHT "Origin: https://a.example\r\n\r\n", &answer);
    cr_assert_eq(answer.status, 204);
    expect_field(&answer, "Allow", "GET, HEAD, OPTIONS, POST");
    expect_field(&answer, ALLOW_ORIGIN, NULL);
    expect_field(&answer, "Access-Control-Allow-Methods", NULL);
}

Test(cors, sites_on_the_list)
{
    struct answer answer;

    start_with("https://a.example, http://localhost:3000");
    ask("GET " CAR HTTP "Origin: http://localhost:3000\r\n\r\n", &answer);
    expect_field(&answer, ALLOW_ORIGIN, "http://localhost:3000");
    expect_field(&answer, "Vary", "Origin");
    expect_field(&answer, "Access-Control-Allow-Credentials", NULL);
    cr_assert_not_null(strstr(answer_field(&answer, "Access-Control-Expose-Headers"), "ETag"));
    cr_assert_not_null(strstr(answer_field(&answer, "Access-Control-Expose-Headers"), "Location"));
    cr_assert_not_null(
        strstr(answer_field(&answer, "Access-Control-Expose-Headers"), "RateLimit-Policy"));
    /* A failure is to be read, too. */
    ask("GET " ABSENT HTTP "Origin: https://a.example\r\n\r\n", &answer);
    cr_assert_eq(answer.status, 404);
    expect_field(&answer, ALLOW_ORIGIN, "https://a.example");
    /* Caches must not give one site what was made for another, or for none. */
    ask("GET " CAR HTTP "\r\n", &answer);
    expect_field(&answer, ALLOW_ORIGIN, NULL);
    expect_field(&answer, "Vary", "Origin");
    ask("GET /openapi.json" HTTP "\r\n", &answer);
    expect_field(&answer, "Vary", "Origin, Accept-Encoding");
}

Test(cors, leave)
{
    struct answer answer;

    start_with("https://a.example");
    ask(PREFLIGHT "Origin: https://a.example\r\n\r\n", &answer);
    cr_assert_eq(answer.status, 204);
    expect_field(&answer, ALLOW_ORIGIN, "https://a.example");
    expect_field(&answer, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST");
    cr_assert_not_null(strstr(answer_field(&answer, "Access-Control-Allow-Headers"), "If-Match"));
    cr_assert_not_null(
        strstr(answer_field(&answer, "Access-Control-Allow-Headers"), "Idempotency-Key"));
    cr_assert_not_null(
        strstr(answer_field(&answer, "Access-Control-Allow-Headers"), "Content-Type"));
    expect_field(&answer, "Access-Control-Max-Age", "7200");
    expect_field(&answer, "Vary", "Origin");
    cr_assert_eq(atomic_load(&fixture_calls), 0);
    /* OPTIONS of a script that asks for nothing. */
    ask("OPTIONS /v1/cars" HTTP "Origin: https://a.example\r\n\r\n", &answer);
    expect_field(&answer, "Access-Control-Allow-Methods", NULL);
}

Test(cors, sites_that_only_look_like_it)
{
    static const char *const others[] = {"https://a.example.evil.example",
                                         "https://a.exampl",
                                         "http://a.example",
                                         "https://a.example:443",
                                         "null",
                                         "https://A.EXAMPLE",
                                         "*",
                                         ""};
    struct answer answer;

    start_with("https://a.example");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct buf request = BUF_INIT;

        buf_printf(&request, "GET " CAR HTTP "Origin: %s\r\n\r\n%c", others[i], '\0');
        ask(request.data, &answer);
        expect_field(&answer, ALLOW_ORIGIN, NULL);
        expect_field(&answer, "Access-Control-Expose-Headers", NULL);
        buf_fini(&request);
    }
    ask("GET " CAR HTTP "Origin: https://a.example\r\nOrigin: https://a.example\r\n\r\n", &answer);
    expect_field(&answer, ALLOW_ORIGIN, NULL);
}

Test(cors, everybody)
{
    struct answer answer;

    start_with("*");
    ask("GET " CAR HTTP "Origin: https://a.example\r\n\r\n", &answer);
    expect_field(&answer, ALLOW_ORIGIN, "*");
    expect_field(&answer, "Access-Control-Allow-Credentials", NULL);
    expect_field(&answer, "Vary", NULL);
    ask("GET " CAR HTTP "\r\n", &answer);
    expect_field(&answer, ALLOW_ORIGIN, NULL);
}
