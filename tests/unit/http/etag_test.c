#include "http/etag.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define NAME "if-match"

static struct http_message message;

/* A request with these header lines. */
static void
parse(const char *lines)
{
    struct buf text = BUF_INIT;
    size_t used;

    buf_printf(&text, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", lines);
    http_message_fini(&message);
    http_message_init(&message);
    cr_assert_eq(http_message_feed(&message, text.data, text.length_bytes, &used), HTTP_PARSE_DONE,
                 "%s", lines);
    buf_fini(&text);
}

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

TestSuite(etag, .init = setup, .fini = teardown);

struct condition_case {
    const char *lines;
    enum http_condition condition;
    const char *joined; /* of one that is TAGS */
};

/* clang-format off */
static const struct condition_case cases[] = {
    {"", HTTP_CONDITION_NONE, NULL},
    {"If-None-Match: \"a\"\r\n", HTTP_CONDITION_NONE, NULL},
    {"If-Match: *\r\n", HTTP_CONDITION_ANY, NULL},
    {"If-Match:   *  \r\n", HTTP_CONDITION_ANY, NULL},
    {"If-Match: , * ,\r\n", HTTP_CONDITION_ANY, NULL},
    {"If-Match: \"a\"\r\n", HTTP_CONDITION_TAGS, "a"},
    {"If-Match: \"a\", \"b\"\r\n", HTTP_CONDITION_TAGS, "a,b"},
    {"If-Match: \"a\",\"b\"\t,\"c\"\r\n", HTTP_CONDITION_TAGS, "a,b,c"},
    {"If-Match: \"a\"\r\nIf-Match: \"b\"\r\n", HTTP_CONDITION_TAGS, "a,b"},
    {"If-Match:\r\nIf-Match: \"b\"\r\n", HTTP_CONDITION_TAGS, "b"},
    {"If-Match: ,, \"a\" , ,\r\n", HTTP_CONDITION_TAGS, "a"},
    {"If-Match: \"a-gzip\"\r\n", HTTP_CONDITION_TAGS, "a"},
    {"If-Match: \"a b\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"\xc3\xa4\"\r\n", HTTP_CONDITION_TAGS, "\xc3\xa4"},
    {"If-Match: \"a\\\"\r\n", HTTP_CONDITION_TAGS, "a\\"},
    /* what no version can be never matches, and is never mistaken for something that does */
    {"If-Match: W/\"a\"\r\n", HTTP_CONDITION_TAGS, "W/"},
    {"If-Match: W/\"a\", \"b\"\r\n", HTTP_CONDITION_TAGS, "b,W/"},
    {"If-Match: \"\"\r\n", HTTP_CONDITION_TAGS, "W/"},
    {"If-Match: \"*\"\r\n", HTTP_CONDITION_TAGS, "W/"},
    {"If-Match: \"*-gzip\"\r\n", HTTP_CONDITION_TAGS, "W/"},
    {"If-Match: \"a,b\"\r\n", HTTP_CONDITION_TAGS, "W/"},
    {"If-Match: \",\"\r\n", HTTP_CONDITION_TAGS, "W/"},
    {"If-Match: \"-gzip\"\r\n", HTTP_CONDITION_TAGS, "-gzip"},
    /* no list of tags */
    {"If-Match:\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: ,\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: a\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: 'a'\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"a\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: a\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"a\" \"b\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"a\"\"b\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"a\";q=1\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: w/\"a\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: W\"a\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: W/a\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: W/ \"a\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: W/\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: *, \"a\"\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"a\", *\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: *\r\nIf-Match: *\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: **\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: *a\r\n", HTTP_CONDITION_BAD, NULL},
    {"If-Match: \"a\tb\"\r\n", HTTP_CONDITION_BAD, NULL},
};
/* clang-format on */

Test(etag, conditions_are_read_by_the_letter)
{
    struct arena arena;

    arena_init(&arena, 1024, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse(cases[i].lines);
        cr_assert_eq(http_condition_read(&message, NAME), cases[i].condition, "%s: %d",
                     cases[i].lines, http_condition_read(&message, NAME));
        if (cases[i].joined != NULL) {
            cr_assert_str_eq(http_condition_join(&message, NAME, &arena), cases[i].joined, "%s",
                             cases[i].lines);
        }
    }
    arena_fini(&arena);
}

static void
parse_many(int n)
{
    struct buf lines = BUF_INIT;

    buf_puts(&lines, "If-Match: ");
    for (int i = 0; i < n; i++) {
        buf_printf(&lines, "%s\"%d\"", i == 0 ? "" : ",", i);
    }
    buf_append(&lines, "\r\n", 3);
    parse(lines.data);
    buf_fini(&lines);
}

Test(etag, as_many_tags_as_allowed)
{
    parse_many(LIMIT_HTTP_TAGS);
    cr_assert_eq(http_condition_read(&message, NAME), HTTP_CONDITION_TAGS);
    parse_many(LIMIT_HTTP_TAGS + 1);
    cr_assert_eq(http_condition_read(&message, NAME), HTTP_CONDITION_BAD);
}

struct naming_case {
    const char *value;
    bool tag_weak, tag_gzip, strong, named;
};

Test(etag, comparisons)
{
    static const struct naming_case namings[] = {
        {"*", false, false, true, true},
        {"*", true, true, true, true},
        {"\"7\"", false, false, true, true},
        {"\"7\"", false, false, false, true},
        {"\"8\", \"7\"", false, false, true, true},
        {"\"8\"", false, false, false, false},
        {"\"77\"", false, false, false, false},
        {"\"\"", false, false, false, false},
        {"W/\"7\"", false, false, false, true}, /* the weak comparison looks at the text */
        {"W/\"7\"", false, false, true, false}, /* the strong one needs strong tags */
        {"\"7\"", true, false, false, true},
        {"\"7\"", true, false, true, false},
        {"W/\"7\"", true, false, true, false},
        {"\"7-gzip\"", false, true, false, true},
        {"\"7-gzip\"", false, false, false, false}, /* another representation */
        {"\"7\"", false, true, false, false},
        {"\"7-gzip\"", false, false, true, true}, /* of the same version */
        {"\"7\"", false, true, true, true},
        {"\"7-gzip-gzip\"", false, true, true, false},
    };

    for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
        const struct naming_case *c = &namings[i];
        const struct http_etag tag = {
            .text = "7x", .bytes = 1, .weak = c->tag_weak, .gzip = c->tag_gzip};
        char lines[128];

        snprintf(lines, sizeof(lines), "If-Match: %s\r\n", c->value);
        parse(lines);
        cr_assert_eq(http_condition_names(&message, NAME, &tag, c->strong), c->named, "%zu: %s", i,
                     c->value);
    }
}

static void
shows(struct http_etag tag, const char *wanted)
{
    struct buf out = BUF_INIT;

    http_etag_write(&out, &tag);
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, wanted);
    buf_fini(&out);
}

Test(etag, versions)
{
    char text[LIMIT_HTTP_TAG_BYTES + 2];

    shows(http_etag_of_version("12"), "\"12\"");
    shows((struct http_etag){.text = "12", .bytes = 2, .gzip = true}, "\"12-gzip\"");
    shows((struct http_etag){.text = "12", .bytes = 1, .weak = true}, "W/\"1\"");
    cr_assert_null(http_etag_of_version("").text);
    cr_assert_null(http_etag_of_version(NULL).text);
    cr_assert_null(http_etag_of_version("a,b").text);
    cr_assert_null(http_etag_of_version("a b").text);
    cr_assert_null(http_etag_of_version("a\"").text);
    cr_assert_null(http_etag_of_version("a\r\nX: y").text);
    cr_assert_null(http_etag_of_version("\x7f").text);
    memset(text, 'x', sizeof(text));
    text[LIMIT_HTTP_TAG_BYTES + 1] = '\0';
    cr_assert_null(http_etag_of_version(text).text);
    text[LIMIT_HTTP_TAG_BYTES] = '\0';
    cr_assert_eq(http_etag_of_version(text).bytes, LIMIT_HTTP_TAG_BYTES);
}

/* One byte more, less or other anywhere makes another tag; the same bytes always the same. */
Test(etag, content)
{
    enum { N = 200 };
    static char tags[N + 2 * N][HTTP_CONTENT_TAG_BYTES];
    char content[N];
    size_t n = 0;

    for (size_t i = 0; i < N; i++) {
        content[i] = (char)(i * 7);
    }
    for (size_t i = 0; i < N; i++) {
        http_etag_of_content(content, i, tags[n++]);
    }
    for (size_t i = 0; i < N; i++) {
        content[i] ^= 1;
        http_etag_of_content(content, N, tags[n++]);
        content[i] ^= 1;
    }
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(strlen(tags[i]), 16);
        for (size_t j = 0; j < i; j++) {
            cr_assert_str_neq(tags[i], tags[j], "%zu and %zu", i, j);
        }
    }
    /* Also in every other process: several gateways may stand side by side. */
    shows(http_etag_of_content("{\"resources\":[]}", 16, tags[0]), "W/\"c6402e0d8dcd3b34\"");
    cr_assert(http_etag_of_content("", 0, tags[0]).weak);
}
