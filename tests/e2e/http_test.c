/* HTTP as a client, a browser or a proxy sees it, through the whole system. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "support/stack.h"

static struct stack stack;
static char car[37];

static void
start_with(const char *const *gateway)
{
    stack_start(&stack, &(struct stack_options){.gateway = gateway});
    stack_make_car(&stack, "Golf", car);
}

static void
start(void)
{
    start_with(NULL);
}

static void
stop(void)
{
    stack_stop(&stack);
}

TestSuite(http, .init = start, .fini = stop, .timeout = 300);
TestSuite(http_set, .fini = stop, .timeout = 300);

/* A request with one more header line (or NULL), or two. */
static void
ask(struct http_response *response, const char *verb, const char *path, const char *line,
    const char *second)
{
    const char *const headers[] = {line, second, NULL};
    char url[1024];

    snprintf(url, sizeof(url), "%s%s", stack.base, path);
    http_send(response, verb, url, line == NULL ? NULL : headers, NULL);
}

static void
expect_status(const char *verb, const char *path, const char *line, int status)
{
    struct http_response response;

    ask(&response, verb, path, line, NULL);
    cr_assert_eq(response.status, status, "%s %s %s: %d %s", verb, path, line, response.status,
                 response.body);
    http_free(&response);
}

static void
expect_header(const struct http_response *response, const char *name, const char *wanted)
{
    char *value = http_header(response, name);

    cr_assert(wanted == NULL ? value == NULL : value != NULL && strcmp(value, wanted) == 0,
              "%s: %s", name, value == NULL ? "none" : value);
    free(value);
}

static void
path_of_car(char path[static 128], const char *behind)
{
    snprintf(path, 128, "/v1/cars/%s%s", car, behind);
}

/* --- conditions --- */

static void
expect_conditions(const char *path)
{
    struct http_response response;
    char line[256];
    char *tag;

    ask(&response, "GET", path, NULL, NULL);
    cr_assert_eq(response.status, 200, "%s", response.body);
    expect_header(&response, "Cache-Control", "private, no-cache");
    tag = http_header(&response, "ETag");
    cr_assert_not_null(tag, "%s has no ETag", path);
    http_free(&response);
    snprintf(line, sizeof(line), "If-None-Match: \"x\", %s", tag);
    ask(&response, "GET", path, line, NULL);
    cr_assert_eq(response.status, 304);
    cr_assert_str_empty(response.body);
    expect_header(&response, "ETag", tag);
    http_free(&response);
    expect_status("HEAD", path, line, 304);
    expect_status("GET", path, "If-None-Match: \"x\"", 200);
    expect_status("GET", path, "If-None-Match: x", 400);
    expect_status("GET", path, "If-Match: \"x\"", 412);
    expect_status("GET", path, "If-Match: *", 200);
    free(tag);
}

Test(http, what_is_read_has_a_version)
{
    char path[128];

    path_of_car(path, "");
    expect_conditions(path);
    expect_conditions("/v1/cars");
    path_of_car(path, "/allocations");
    expect_conditions(path);
    expect_status("POST", "/v1/cars", "If-None-Match: *", 400);
}

Test(http, a_version_protects_what_was_read)
{
    struct http_response response;
    char path[128], line[256];
    char *tag;

    path_of_car(path, "");
    ask(&response, "GET", path, NULL, NULL);
    tag = http_header(&response, "ETag");
    cr_assert_eq(tag[0], '"', "%s is not strong", tag);
    http_free(&response);
    expect_status("DELETE", path, "If-Match: \"another\"", 412);
    expect_status("DELETE", path, "If-Match: \"\"", 412);
    expect_status("DELETE", path, "If-Match: \"*\"", 412);
    snprintf(line, sizeof(line), "If-Match: W/%s", tag);
    expect_status("DELETE", path, line, 412);
    expect_status("DELETE", path, "If-Match: 1", 400);
    expect_status("GET", path, NULL, 200);
    snprintf(line, sizeof(line), "If-Match: \"another\", %.*s-gzip\"", (int)strlen(tag) - 1, tag);
    expect_status("DELETE", path, line, 204);
    free(tag);
}

Test(http, a_list_that_changed_is_sent_again)
{
    struct http_response response;
    char line[256];
    char *tag;
    char other[37];

    ask(&response, "GET", "/v1/cars", NULL, NULL);
    tag = http_header(&response, "ETag");
    snprintf(line, sizeof(line), "If-None-Match: %s", tag);
    free(tag);
    http_free(&response);
    stack_make_car(&stack, "Polo", other);
    expect_status("GET", "/v1/cars", line, 200);
}

/* --- representations --- */

Test(http, large_answers_are_compressed)
{
    struct http_response response;

    for (int i = 0; i < 10; i++) {
        char name[32], id[37];

        snprintf(name, sizeof(name), "car %d", i);
        stack_make_car(&stack, name, id);
    }
    ask(&response, "GET", "/v1/cars", "Accept-Encoding: gzip, br", NULL);
    cr_assert_eq(response.status, 200);
    expect_header(&response, "Content-Encoding", "gzip");
    expect_header(&response, "Vary", "Authorization, Accept-Encoding");
    http_free(&response);
    ask(&response, "GET", "/v1/cars", "Accept-Encoding: gzip;q=0", NULL);
    expect_header(&response, "Content-Encoding", NULL);
    cr_assert_eq(response.body[0], '{');
    http_free(&response);
}

/* Follows `next` until there is none; returns the number of pages. */
static int
follow(void)
{
    char path[1024] = "/v1/cars?pageSize=2";
    int pages = 0;

    while (path[0] != '\0') {
        struct http_response response;
        char *link, *next;

        ask(&response, "GET", path, NULL, NULL);
        cr_assert_eq(response.status, 200, "%s: %s", path, response.body);
        cr_assert_lt(pages++, 10);
        link = http_header(&response, "Link");
        cr_assert_not_null(strstr(link, "</v1/cars?pageSize=2>; rel=\"first\""), "%s", link);
        next = strstr(link, "; rel=\"next\"");
        if (next != NULL) { /* it stands first */
            snprintf(path, sizeof(path), "%.*s", (int)(next - link - 2), link + 1);
        } else {
            path[0] = '\0';
        }
        free(link);
        http_free(&response);
    }
    return pages;
}

Test(http, a_list_can_be_followed_by_its_links)
{
    for (int i = 0; i < 4; i++) {
        char name[32], id[37];

        snprintf(name, sizeof(name), "car %d", i);
        stack_make_car(&stack, name, id);
    }
    cr_assert_eq(follow(), 3);
}

/* --- shares, other sites --- */

Test(http_set, the_fifth_is_served_and_the_sixth_refused)
{
    static const char *const gateway[] = {"RATE_LIMIT=6/3600", NULL};
    struct http_response response;
    char path[128];

    start_with(gateway); /* making the car was the first */
    path_of_car(path, "");
    for (int i = 0; i < 5; i++) {
        expect_status("GET", path, NULL, 200);
    }
    ask(&response, "GET", path, NULL, NULL);
    cr_assert_eq(response.status, 429, "%s", response.body);
    expect_header(&response, "Retry-After", "600");
    expect_header(&response, "RateLimit-Policy", "\"default\";q=6;w=3600");
    http_free(&response);
    expect_status("GET", "/readyz", NULL, 200);
}

Test(http_set, sites_on_the_list_may_call)
{
    static const char *const gateway[] = {"CORS_ORIGINS=https://app.example.org",
                                          "PUBLIC_URL=https://api.example.org/depot", NULL};
    struct http_response response;
    char *link;

    start_with(gateway);
    ask(&response, "OPTIONS", "/v1/cars", "Origin: https://app.example.org",
        "Access-Control-Request-Method: POST");
    cr_assert_eq(response.status, 204);
    expect_header(&response, "Access-Control-Allow-Origin", "https://app.example.org");
    expect_header(&response, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST");
    http_free(&response);
    ask(&response, "GET", "/v1/cars", "Origin: https://evil.example", NULL);
    expect_header(&response, "Access-Control-Allow-Origin", NULL);
    expect_header(&response, "Vary", "Origin, Authorization");
    link = http_header(&response, "Link");
    cr_assert_str_eq(link, "<https://api.example.org/depot/v1/cars>; rel=\"first\"");
    free(link);
    http_free(&response);
}

/* --- the page --- */

/* What a person copies from the page: the lines, without markup. */
static void
copy_lines(const char *page, struct buf *out)
{
    static const struct {
        const char *escaped, plain;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    const char *at = strstr(page, "<pre>") + strlen("<pre>");
    const char *end = strstr(page, "</pre>");

    while (at < end) {
        char c = *at;
        size_t bytes = 1;

        for (size_t i = 0; i < 3; i++) {
            if (strncmp(at, entities[i].escaped, strlen(entities[i].escaped)) == 0) {
                c = entities[i].plain;
                bytes = strlen(entities[i].escaped);
            }
        }
        buf_putc(out, c);
        at += bytes;
    }
    buf_putc(out, '\0');
}

/* What a person fills in. */
static void
fill_in(struct buf *lines, const char *blank, const char *with)
{
    struct buf filled = BUF_INIT;
    char *at = strstr(lines->data, blank);

    cr_assert_not_null(at, "%s", lines->data);
    *at = '\0';
    buf_printf(&filled, "%s%s%s", lines->data, with, at + strlen(blank));
    buf_putc(&filled, '\0');
    buf_fini(lines);
    *lines = filled;
}

Test(http, the_page_books_a_car)
{
    struct http_response response;
    struct buf lines = BUF_INIT;
    struct process shell;
    char *answer;

    ask(&response, "GET", "/", "Accept: text/html", NULL);
    cr_assert_eq(response.status, 200);
    expect_header(&response, "Content-Type", "text/html; charset=utf-8");
    copy_lines(response.body, &lines);
    fill_in(&lines, "the password of admin, shown at the first start", STACK_ADMIN_PASSWORD);
    http_free(&response);
    process_start(&shell, (const char *const[]){"/bin/sh", "-c", lines.data, NULL},
                  (const char *const[]){"NO_PROXY=*", "no_proxy=*", NULL});
    cr_assert_eq(process_wait(&shell, 60), 0, "%s", lines.data);
    answer = process_log(&shell);
    cr_assert_not_null(strstr(answer, "\"startTime\":\"2030-05-01T09:00:00Z\""), "%s\n%s",
                       lines.data, answer);
    free(answer);
    process_stop(&shell);
    buf_fini(&lines);
}

/* --- what no method takes --- */

Test(http, refusals_say_what_would_be_taken)
{
    struct http_response response;
    char path[128];
    char *allow;

    path_of_car(path, "");
    ask(&response, "PUT", path, NULL, NULL);
    cr_assert_eq(response.status, 405);
    allow = http_header(&response, "Allow");
    cr_assert_not_null(strstr(allow, "GET"), "%s", allow);
    cr_assert_not_null(strstr(allow, "OPTIONS"), "%s", allow);
    free(allow);
    http_free(&response);
    expect_status("OPTIONS", path, NULL, 204);
    expect_status("GET", path, "Accept: text/html", 406);
    expect_status("GET", "/", "Accept: application/json", 406);
}
