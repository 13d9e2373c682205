#include "db/sql_split.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool
is_word_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool
is_word(char c)
{
    return is_word_start(c) || isdigit((unsigned char)c) || c == '$';
}

static const char *
skip_word(const char *at)
{
    while (is_word(*at)) {
        at++;
    }
    return at;
}

static const char *
skip_line_comment(const char *at)
{
    return at + strcspn(at, "\n");
}

/* They nest, unlike C's. */
static const char *
skip_block_comment(const char *at)
{
    int depth = 0;

    while (*at != '\0') {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            at += 2;
            if (--depth == 0) {
                break;
            }
        } else {
            at++;
        }
    }
    return at;
}

/* A doubled quote is read as the end of one string and the start of the next: the same place. */
static const char *
skip_quoted(const char *at, bool backslashes)
{
    char quote = *at++;

    while (*at != '\0' && *at != quote) {
        at += backslashes && at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    }
    return *at == '\0' ? at : at + 1;
}

/* E'...' runs on over doubled quotes with its backslashes; all other strings have none. */
static const char *
skip_escape_string(const char *at)
{
    do {
        at = skip_quoted(at, true);
    } while (*at == '\'');
    return at;
}

/* $tag$ ... $tag$; or just the '$' of a parameter. */
static const char *
skip_dollar(const char *at)
{
    const char *tag_end = at + 1;
    size_t tag_length;

    if (is_word_start(*tag_end)) {
        while (is_word(*tag_end) && *tag_end != '$') {
            tag_end++;
        }
    }
    if (*tag_end != '$') {
        return at + 1;
    }
    tag_length = (size_t)(tag_end + 1 - at);
    for (const char *end = tag_end + 1; *end != '\0'; end++) {
        if (*end == '$' && strncmp(end, at, tag_length) == 0) {
            return end + tag_length;
        }
    }
    return at + strlen(at);
}

/* Space and comments; NULL if `at` is at neither. */
static const char *
skip_blank(const char *at)
{
    if (isspace((unsigned char)*at)) {
        return at + 1;
    }
    if (at[0] == '-' && at[1] == '-') {
        return skip_line_comment(at);
    }
    return at[0] == '/' && at[1] == '*' ? skip_block_comment(at) : NULL;
}

static bool
word_is(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);

    return (size_t)(end - at) == length && strncasecmp(at, word, length) == 0;
}

/* What encloses a semicolon that does not end the statement. */
struct nesting {
    int parentheses;
    int blocks; /* BEGIN and CASE of an SQL-standard function body, which END closes */
    int words;  /* seen so far */
    bool create;
    bool routine; /* CREATE [OR REPLACE] FUNCTION or PROCEDURE: the only statements with a body */
};

static void
see_word(struct nesting *self, const char *at, const char *end)
{
    int n = self->words++;

    if (n == 0) {
        self->create = word_is(at, end, "create");
    } else if ((n == 1 || n == 3) && self->create &&
               (word_is(at, end, "function") || word_is(at, end, "procedure"))) {
        self->routine = true;
    }
    if (!self->routine || self->parentheses > 0) {
        return;
    }
    if (word_is(at, end, "begin") || (self->blocks > 0 && word_is(at, end, "case"))) {
        self->blocks++;
    } else if (self->blocks > 0 && word_is(at, end, "end")) {
        self->blocks--;
    }
}

/* Over one token: a word, a string, a comment, or a single character. */
static const char *
skip_token(const char *at, struct nesting *nesting)
{
    const char *blank = skip_blank(at);

    if (blank != NULL) {
        return blank;
    }
    if ((*at == 'e' || *at == 'E') && at[1] == '\'') {
        return skip_escape_string(at + 1);
    }
    if (is_word_start(*at)) {
        const char *end = skip_word(at);

        see_word(nesting, at, end);
        return end;
    }
    switch (*at) {
    case '\'':
    case '"':
        return skip_quoted(at, false);
    case '$':
        return skip_dollar(at);
    case '(':
        nesting->parentheses++;
        break;
    case ')':
        nesting->parentheses -= nesting->parentheses > 0;
        break;
    default:
        break;
    }
    return isdigit((unsigned char)*at) ? skip_word(at) : at + 1;
}

static void
advance(struct sql_script *script, const char *to)
{
    for (; script->at < to; script->at++) {
        script->line += *script->at == '\n';
    }
}

static void
skip_to_word(struct sql_script *script)
{
    for (;;) {
        const char *to = *script->at == ';' ? script->at + 1 : skip_blank(script->at);

        if (*script->at == '\0' || to == NULL) {
            return;
        }
        advance(script, to);
    }
}

bool
sql_next(struct sql_script *script, struct sql_statement *statement)
{
    struct nesting nesting = {0};
    const char *at;

    skip_to_word(script);
    if (*script->at == '\0') {
        return false;
    }
    at = script->at;
    while (*at != '\0' && (*at != ';' || nesting.parentheses > 0 || nesting.blocks > 0)) {
        at = skip_token(at, &nesting);
    }
    statement->text = script->at;
    statement->length_bytes = (size_t)(at - script->at);
    statement->line = script->line;
    advance(script, at);
    return true;
}

bool
sql_is_transaction_control(const struct sql_statement *statement)
{
    static const char *const words[] = {"abort",   "begin",    "commit",    "end",
                                        "release", "rollback", "savepoint", "start"};
    const char *limit = statement->text + statement->length_bytes;
    const char *end = skip_word(statement->text);
    const char *next = end;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (word_is(statement->text, end, words[i])) {
            return true;
        }
    }
    if (!word_is(statement->text, end, "prepare")) {
        return false;
    }
    while (next < limit && skip_blank(next) != NULL) {
        next = skip_blank(next);
    }
    return word_is(next, skip_word(next), "transaction");
}

bool
sql_lacks_schema_of_extension(const struct sql_statement *statement)
{
    const char *limit = statement->text + statement->length_bytes;
    struct nesting nesting = {0};
    bool found = true;

    for (const char *at = statement->text; at < limit && found;) {
        int n = nesting.words;
        const char *end = skip_token(at, &nesting);

        if (nesting.words > n) {
            found = n == 0   ? word_is(at, end, "create")
                    : n == 1 ? word_is(at, end, "extension")
                             : !word_is(at, end, "schema");
        }
        at = end;
    }
    return found && nesting.words > 1;
}
