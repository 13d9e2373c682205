/* What stands around answers: compression, links, policies, the page at `/`. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "fixture.h"
#include "gateway/home.h"

static struct fixture fixture;

static void
start(void)
{
    fixture_init(&fixture);
    fixture_start(&fixture);
}

static void
stop(void)
{
    fixture_stop(&fixture);
}

TestSuite(answer, .init = start, .fini = stop, .timeout = 120);
TestSuite(answer_set, .fini = stop, .timeout = 120);

static void
ask(const char *request, struct answer *answer)
{
    int fd = client_open(gateway_port(&fixture.gateway));

    client_send(fd, request);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}

/* --- compression --- */

static char *
unpack(const struct answer *answer, size_t *bytes)
{
    enum { MAX = 4 * 1024 * 1024 };
    z_stream stream = {0};
    char *out = malloc(MAX);

    cr_assert_eq(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    stream.next_in = (unsigned char *)answer->body;
    stream.avail_in = (unsigned)answer->body_bytes;
    stream.next_out = (unsigned char *)out;
    stream.avail_out = MAX;
    cr_assert_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    *bytes = stream.total_out;
    inflateEnd(&stream);
    return out;
}

static void
expect_packed(const char *path)
{
    struct answer plain, packed, head;
    char request[256];
    size_t bytes;
    char *back;

    snprintf(request, sizeof(request), "GET %s" HTTP "X-Request-Id: 1\r\n\r\n", path);
    ask(request, &plain);
    cr_assert_null(answer_field(&plain, "Content-Encoding"), "%s", path);
    cr_assert_str_eq(answer_field(&plain, "Vary"), "Accept-Encoding");
    for (int i = 0; i < 2; i++) { /* documents are compressed once and then remembered */
        snprintf(request, sizeof(request),
                 "GET %s" HTTP "X-Request-Id: 1\r\nAccept-Encoding: br, gzip\r\n\r\n", path);
        ask(request, &packed);
        cr_assert_str_eq(answer_field(&packed, "Content-Encoding"), "gzip", "%s", path);
        cr_assert_lt(packed.body_bytes, plain.body_bytes);
        back = unpack(&packed, &bytes);
        cr_assert_eq(bytes, plain.body_bytes);
        cr_assert_eq(memcmp(back, plain.body, bytes), 0);
        free(back);
        snprintf(request, sizeof(request),
                 "HEAD %s" HTTP "X-Request-Id: 1\r\nAccept-Encoding: gzip\r\n\r\n", path);
        ask(request, &head);
        cr_assert_eq((size_t)atol(answer_field(&head, "Content-Length")), packed.body_bytes);
        cr_assert_str_eq(answer_field(&head, "Content-Encoding"), "gzip");
        answer_free(&head);
        answer_free(&packed);
    }
    answer_free(&plain);
}

Test(answer, large_ones_are_compressed_for_who_takes_it)
{
    expect_packed("/v1/cars?pageSize=100");
    expect_packed("/openapi.json");
    expect_packed("/");
}

Test(answer, small_ones_and_other_clients_get_it_as_it_is)
{
    static const char *const requests[] = {
        "GET " CAR HTTP "Accept-Encoding: gzip\r\n\r\n",
        "GET " ABSENT HTTP "Accept-Encoding: gzip\r\n\r\n",
        "GET /v1/cars?pageSize=100" HTTP "Accept-Encoding: gzip;q=0\r\n\r\n",
        "GET /v1/cars?pageSize=100" HTTP "Accept-Encoding: br, deflate\r\n\r\n",
        "GET /v1/cars?pageSize=100" HTTP "\r\n",
        "DELETE " CAR HTTP "Accept-Encoding: gzip\r\n\r\n",
        "OPTIONS " CAR HTTP "Accept-Encoding: gzip\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct answer answer;

        ask(requests[i], &answer);
        cr_assert_null(answer_field(&answer, "Content-Encoding"), "%s", requests[i]);
        answer_free(&answer);
    }
}

/* --- links --- */

struct link_case {
    const char *query, *wanted;
};

static void
expect_links(const struct link_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char request[512];
        struct answer answer;

        snprintf(request, sizeof(request), "GET /v1/cars%s" HTTP "\r\n", cases[i].query);
        ask(request, &answer);
        answer_expect(&answer, 200, NULL);
        cr_assert_str_eq(answer_field(&answer, "Link"), cases[i].wanted, "%s: %s", cases[i].query,
                         answer_field(&answer, "Link"));
        answer_free(&answer);
    }
}

Test(answer, lists_say_where_they_go_on)
{
    static const struct link_case cases[] = {
        {"", "</v1/cars>; rel=\"first\""},
        {"?pageSize=1",
         "</v1/cars?pageSize=1&pageToken=%2B1>; rel=\"next\", </v1/cars?pageSize=1>; "
         "rel=\"first\""},
        {"?pageToken=x%2by&pageSize=1",
         "</v1/cars?pageSize=1&pageToken=x%2By%2B1>; rel=\"next\", </v1/cars?pageSize=1>; "
         "rel=\"first\""},
        {"?&&page_token=x&page%53ize=1&",
         "</v1/cars?page%53ize=1&pageToken=x%2B1>; rel=\"next\", </v1/cars?page%53ize=1>; "
         "rel=\"first\""},
        {"?p%61geToken=x", "</v1/cars?pageToken=x>; rel=\"next\", </v1/cars>; rel=\"first\""},
    };
    struct answer answer;

    expect_links(cases, sizeof(cases) / sizeof(cases[0]));
    ask("GET " CAR HTTP "\r\n", &answer);
    cr_assert_null(answer_field(&answer, "Link"));
    answer_free(&answer);
}

Test(answer_set, links_are_absolute_where_that_is_configured)
{
    static const struct link_case cases[] = {
        {"?pageSize=1", "<https://api.example.org/depot/v1/cars?pageSize=1&pageToken=%2B1>; "
                        "rel=\"next\", <https://api.example.org/depot/v1/cars?pageSize=1>; "
                        "rel=\"first\""},
    };

    fixture_init(&fixture);
    fixture.config.public_url = "https://api.example.org/depot";
    fixture_start(&fixture);
    expect_links(cases, 1);
}

/* --- policies --- */

struct policy_case {
    const char *request, *cache;
};

Test(answer, who_may_keep_it)
{
    static const struct policy_case cases[] = {
        {"GET " CAR HTTP "\r\n", "private, no-cache"},
        {"GET /v1/cars" HTTP "\r\n", "private, no-cache"},
        {"GET " ABSENT HTTP "\r\n", "no-store"},
        {"POST /v1/cars" HTTP JSON "Content-Length: 12\r\n\r\n{\"name\":\"x\"}", "no-store"},
        {"DELETE " CAR HTTP "\r\n", "no-store"},
        {"OPTIONS " CAR HTTP "\r\n", "no-store"},
        {"GET /livez" HTTP "\r\n", "no-store"},
        {"GET /metrics" HTTP "\r\n", "no-store"},
        {"GET /openapi.json" HTTP "\r\n", "public, max-age=300"},
        {"GET /descriptor.binpb" HTTP "\r\n", "public, max-age=300"},
        {"GET /" HTTP "\r\n", "public, max-age=300"},
        {"GET /openapi.json" HTTP "If-None-Match: *\r\n\r\n", "public, max-age=300"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer answer;

        ask(cases[i].request, &answer);
        cr_assert_str_eq(answer_field(&answer, "Cache-Control"), cases[i].cache, "%s: %s",
                         cases[i].request, answer.head);
        answer_free(&answer);
    }
}

Test(answer, documents_have_tags)
{
    struct answer answer;
    char request[256], tag[64];

    ask("GET /openapi.json" HTTP "\r\n", &answer);
    snprintf(tag, sizeof(tag), "%s", answer_field(&answer, "ETag"));
    answer_free(&answer);
    snprintf(request, sizeof(request), "GET /openapi.json" HTTP "If-None-Match: %s\r\n\r\n", tag);
    ask(request, &answer);
    answer_expect(&answer, 304, NULL);
    answer_free(&answer);
    ask("GET /openapi.json" HTTP "If-Match: \"x\"\r\n\r\n", &answer);
    answer_expect(&answer, 412, "ETAG_MISMATCH");
    answer_free(&answer);
}

/* --- the page --- */

Test(answer, the_page_is_for_people)
{
    struct answer answer;
    char line[128];

    ask("GET /" HTTP "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "text/html; charset=utf-8");
    cr_assert_str_eq(answer_field(&answer, "Content-Security-Policy"), home_policy);
    snprintf(line, sizeof(line), "http://127.0.0.1:%d/v1/cars", gateway_port(&fixture.gateway));
    cr_assert_not_null(strstr(answer.body, line));
    cr_assert_null(strstr(answer.body, "href=\"docs\""), "there is no DOCS_DIR");
    cr_assert_not_null(strstr(answer.body, "href=\"openapi.json\""));
    cr_assert_not_null(strstr(answer.body, "href=\"descriptor.binpb\""));
    cr_assert_null(strstr(answer.body, "<script"));
    cr_assert_null(strstr(answer.body, "style=\""));
    answer_free(&answer);
    ask("GET " CAR HTTP "\r\n", &answer);
    cr_assert_str_eq(answer_field(&answer, "Content-Security-Policy"),
                     "default-src 'none'; frame-ancestors 'none'");
    answer_free(&answer);
}

Test(home, the_style_is_the_one_that_the_policy_admits)
{
    struct buf page = BUF_INIT;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[64];
    const char *style;

    home_write(&page, &(struct home){.base_url = "http://h", .docs = true});
    buf_putc(&page, '\0');
    style = strstr(page.data, "<style>") + strlen("<style>");
    crypto_hash_sha256(hash, (const unsigned char *)style,
                       (size_t)(strstr(style, "</style>") - style));
    sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    cr_assert_not_null(strstr(home_policy, text), "the hash is sha256-%s", text);
    buf_fini(&page);
}

Test(home, the_page_docs_is_offered_only_where_it_is)
{
    struct buf with = BUF_INIT;
    struct buf without = BUF_INIT;

    home_write(&with, &(struct home){.base_url = "http://h", .docs = true});
    buf_putc(&with, '\0');
    home_write(&without, &(struct home){.base_url = "http://h"});
    buf_putc(&without, '\0');
    cr_assert_not_null(strstr(with.data, "\"docs\""));
    cr_assert_null(strstr(without.data, "\"docs\""));
    cr_assert_not_null(strstr(without.data, "\"openapi.json\""));
    buf_fini(&with);
    buf_fini(&without);
}

Test(home, nothing_in_an_address_becomes_markup)
{
    struct buf page = BUF_INIT;

    home_write(&page, &(struct home){.base_url = "http://a&b<script>", .login = true});
    buf_putc(&page, '\0');
    cr_assert_null(strstr(page.data, "<script>"));
    cr_assert_not_null(strstr(page.data, "http://a&amp;b&lt;script&gt;"));
    buf_fini(&page);
}
