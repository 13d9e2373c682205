/* What the field Authorization holds. */
#include "gateway/credentials.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "auth/token.h"
#include "base/limits.h"

/* Reads the credentials of a request with these header lines; `text` gets the token or key. */
static enum credentials_kind
kind_of(const char *lines, char text[static TOKEN_TEXT_MAX_BYTES + 1])
{
    char request[4096];
    struct http_message message;
    struct arena arena;
    struct credentials found;
    size_t used;
    int bytes = snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", lines);

    http_message_init(&message);
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    cr_assert_lt((size_t)bytes, sizeof(request));
    cr_assert_eq(http_message_feed(&message, request, (size_t)bytes, &used), HTTP_PARSE_DONE, "%s",
                 lines);
    found = credentials_read(&message, &arena);
    snprintf(text, TOKEN_TEXT_MAX_BYTES + 1, "%.*s", (int)found.bytes,
             found.text == NULL ? "" : found.text);
    http_message_fini(&message);
    arena_fini(&arena);
    return found.kind;
}

struct example {
    const char *lines;
    enum credentials_kind kind;
    const char *text;
};

/* clang-format off */
static const struct example examples[] = {
    {"", CREDENTIALS_NONE, ""},
    {"X-Authorization: Bearer a.b.c\r\n", CREDENTIALS_NONE, ""},

    {"Authorization: Bearer a.b.c\r\n", CREDENTIALS_TOKEN, "a.b.c"},
    {"authorization: bEARER a.b.c\r\n", CREDENTIALS_TOKEN, "a.b.c"},
    {"Authorization: Bearer    a.b.c\t \r\n", CREDENTIALS_TOKEN, "a.b.c"},
    {"Authorization: Bearer dpk\r\n", CREDENTIALS_TOKEN, "dpk"},
    {"Authorization: Bearer DPK_abc\r\n", CREDENTIALS_TOKEN, "DPK_abc"},

    {"Authorization: Bearer dpk_abc-_\r\n", CREDENTIALS_API_KEY, "dpk_abc-_"},
    {"Authorization: Basic ZHBrX2FiYzo=\r\n", CREDENTIALS_API_KEY, "dpk_abc"},         /* dpk_abc: */
    {"Authorization: basic  ZHBrX2FiYzo\r\n", CREDENTIALS_API_KEY, "dpk_abc"},
    {"Authorization: Basic ZHBrX2FiYzp4Onk=\r\n", CREDENTIALS_API_KEY, "dpk_abc"},     /* dpk_abc:x:y */

    {"Authorization:\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer \r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearera.b.c\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer\ta.b.c\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer a.b.c x\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer a.b.c\tx\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer a.b.c, Bearer a.b.c\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: a.b.c\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: dpk_abc\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Digest a.b.c\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer a.b.c\r\nAuthorization: Bearer a.b.c\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer a.b.c\r\nauthorization:\r\n", CREDENTIALS_BAD, ""},

    {"Authorization: Bearer dpk_\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Bearer dpk_\xc3\xa4\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Basic\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Basic =\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Basic ZHBrX2FiYzo= x\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Basic ZHBr!2FiYzo=\r\n", CREDENTIALS_BAD, ""},
    {"Authorization: Basic ZHBrX2FiYw==\r\n", CREDENTIALS_BAD, ""},                    /* dpk_abc */
    {"Authorization: Basic YWRhOmRwa19hYmM=\r\n", CREDENTIALS_BAD, ""},                /* ada:dpk_abc */
    {"Authorization: Basic ZHBrXzp4\r\n", CREDENTIALS_BAD, ""},                        /* dpk_:x */
    {"Authorization: Basic ZHBrX2EgYjo=\r\n", CREDENTIALS_BAD, ""},                    /* dpk_a b: */
    {"Authorization: Basic ZHBrX2EAYjo=\r\n", CREDENTIALS_BAD, ""},                    /* dpk_a NUL b: */
};
/* clang-format on */

Test(credentials, kinds)
{
    char text[TOKEN_TEXT_MAX_BYTES + 1];

    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        cr_assert_eq(kind_of(examples[i].lines, text), examples[i].kind, "%s", examples[i].lines);
        cr_assert_str_eq(text, examples[i].text, "%s", examples[i].lines);
    }
}

/* Credentials of so many characters, the first of which are `start`. */
static enum credentials_kind
kind_of_length(const char *scheme, const char *start, size_t bytes)
{
    char text[TOKEN_TEXT_MAX_BYTES + 1];
    char lines[3000];
    int at = snprintf(lines, sizeof(lines), "Authorization: %s %s", scheme, start);

    memset(lines + at, 'a', bytes - strlen(start));
    strcpy(lines + at + bytes - strlen(start), "\r\n");
    return kind_of(lines, text);
}

Test(credentials, lengths)
{
    cr_assert_eq(kind_of_length("Bearer", "", TOKEN_TEXT_MAX_BYTES), CREDENTIALS_TOKEN);
    cr_assert_eq(kind_of_length("Bearer", "", TOKEN_TEXT_MAX_BYTES + 1), CREDENTIALS_BAD);
    cr_assert_eq(kind_of_length("Bearer", "dpk_", CREDENTIALS_API_KEY_MAX_BYTES),
                 CREDENTIALS_API_KEY);
    cr_assert_eq(kind_of_length("Bearer", "dpk_", CREDENTIALS_API_KEY_MAX_BYTES + 1),
                 CREDENTIALS_BAD);
    /* dpk_abc: and a password behind it */
    cr_assert_eq(kind_of_length("Basic", "ZHBrX2FiYzph", TOKEN_TEXT_MAX_BYTES),
                 CREDENTIALS_API_KEY);
    cr_assert_eq(kind_of_length("Basic", "ZHBrX2FiYzph", TOKEN_TEXT_MAX_BYTES + 4),
                 CREDENTIALS_BAD);
}
