#include "sql_reader.h"

#include <ctype.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"

static bool
is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool
is_name(char c)
{
    return is_name_start(c) || isdigit((unsigned char)c);
}

/* --- statements --- */

static void
statement_begin(struct sql_reader *r)
{
    if (r->statement == NULL) {
        r->statement = arena_zalloc(r->arena, sizeof *r->statement);
        ASSERT(r->statement != NULL);
        *r->next = r->statement;
        r->next = &r->statement->next;
        r->next_piece = &r->statement->pieces;
        r->piece_start = 0;
        r->file->n_statements++;
    }
}

static void
statement_end(struct sql_reader *r)
{
    size_t bytes = r->out.length_bytes;

    if (r->statement == NULL) {
        sql_fail(r, r->at, "a semicolon without a statement");
        return;
    }
    if (r->in_slot) {
        sql_fail(r, r->slot_at, "a slot that is not closed by a comment }");
        return;
    }
    while (bytes > 0 && isspace((unsigned char)r->out.data[bytes - 1])) {
        bytes--;
    }
    sql_piece_end(r, bytes);
    r->statement->text = arena_copy(r->arena, r->out.data, bytes);
    r->statement = NULL;
    buf_clear(&r->out, 1 << 16);
    r->at++;
}

/* Copies `bytes` bytes that mean nothing to us. */
static void
copy(struct sql_reader *r, size_t bytes)
{
    statement_begin(r);
    buf_append(&r->out, r->at, bytes);
    r->at += bytes;
}

/* Blanks and comments: a comment leaves one blank, a line's end stays for readers of logs. */
static void
blank(struct sql_reader *r, char c)
{
    if (r->statement != NULL) {
        buf_putc(&r->out, c);
    }
}

/* --- quotes --- */

/* The end of a quoted text that starts at `at`, behind its closing quote; NULL if it is open. */
static const char *
quote_end(const char *at, bool backslashes)
{
    char quote = *at++;

    for (; *at != '\0'; at++) {
        if (backslashes && *at == '\\' && at[1] != '\0') {
            at++;
        } else if (*at == quote) {
            if (at[1] != quote) {
                return at + 1;
            }
            at++;
        }
    }
    return NULL;
}

/* E'...' knows backslashes; the E must not be the end of a longer name. */
static bool
is_escape_string(const struct sql_reader *r)
{
    return *r->at == '\'' && r->at > r->text && toupper((unsigned char)r->at[-1]) == 'E' &&
           (r->at - 1 == r->text || !is_name(r->at[-2]));
}

static void
read_quote(struct sql_reader *r)
{
    const char *end = quote_end(r->at, is_escape_string(r));

    if (end == NULL) {
        sql_fail(r, r->at, "a quote that is not closed");
        return;
    }
    copy(r, (size_t)(end - r->at));
}

/* $tag$ ... $tag$; a $1 of the author's own would mean another value than it says. */
static void
read_dollar(struct sql_reader *r)
{
    const char *tag = r->at + 1;
    const char *end;
    size_t bytes;

    if (isdigit((unsigned char)*tag)) {
        sql_fail(r, r->at, "a numbered parameter; a parameter is written :'name'");
        return;
    }
    while (is_name(*tag)) {
        tag++;
    }
    if (*tag != '$') {
        copy(r, 1);
        return;
    }
    bytes = (size_t)(tag + 1 - r->at);
    for (end = tag + 1; *end != '\0' && strncmp(end, r->at, bytes) != 0; end++) {
    }
    if (*end == '\0') {
        sql_fail(r, r->at, "a dollar quote that is not closed");
        return;
    }
    copy(r, (size_t)(end - r->at) + bytes);
}

/* --- comments --- */

static void
read_line_comment(struct sql_reader *r)
{
    r->at += strcspn(r->at, "\n");
}

/* Block comments nest in SQL. */
static void
read_block_comment(struct sql_reader *r)
{
    const char *start = r->at;
    int depth = 0;

    do {
        if (strncmp(r->at, "/*", 2) == 0) {
            depth++;
            r->at += 2;
        } else if (strncmp(r->at, "*/", 2) == 0) {
            depth--;
            r->at += 2;
        } else if (*r->at == '\0') {
            sql_fail(r, start, "a comment that is not closed");
            return;
        } else {
            r->at++;
        }
    } while (depth > 0);
    blank(r, ' ');
    sql_read_slot(r, start);
}

/* --- parameters --- */

/* The index of the name in a list of names, added if it is new; SQL_PARAMS_MAX if there is no room.
 */
static size_t
param_index(struct sql_reader *r, const char *name, size_t bytes)
{
    struct sql_file *file = r->file;

    for (size_t i = 0; i < file->n_params; i++) {
        if (strlen(file->params[i]) == bytes && memcmp(file->params[i], name, bytes) == 0) {
            return i;
        }
    }
    if (file->n_params == SQL_PARAMS_MAX) {
        return SQL_PARAMS_MAX;
    }
    file->params[file->n_params] = arena_copy(r->arena, name, bytes);
    return file->n_params++;
}

static void
put_param(struct sql_reader *r, size_t index)
{
    struct sql_statement *statement = r->statement;
    size_t i = 0;

    while (i < statement->n_params && statement->params[i] != index) {
        i++;
    }
    if (i == statement->n_params) {
        statement->params[statement->n_params++] = (uint8_t)index;
    }
    sql_piece_end(r, r->out.length_bytes);
    sql_piece_add(r, SQL_PIECE_PARAM, (unsigned)index, NULL);
    buf_printf(&r->out, "$%zu", i + 1);
    r->piece_start = r->out.length_bytes;
}

static void
read_param(struct sql_reader *r)
{
    const char *name = r->at + 2;
    const char *end = name;
    size_t index;

    while (is_name(*end)) {
        end++;
    }
    if (end == name || *end != '\'' || !is_name_start(*name)) {
        sql_fail(r, r->at, "a parameter without a name; it is written :'name'");
        return;
    }
    statement_begin(r);
    index = param_index(r, name, (size_t)(end - name));
    if (index == SQL_PARAMS_MAX) {
        sql_fail(r, r->at, "more parameters than a query may have");
        return;
    }
    put_param(r, index);
    r->at = end + 1;
}

/* A colon: a parameter, a cast, an assignment, or a form of psql that cannot become a parameter. */
static void
read_colon(struct sql_reader *r)
{
    if (r->at[1] == '\'') {
        read_param(r);
    } else if (r->at[1] == ':' || r->at[1] == '=') {
        copy(r, 2);
    } else if (r->at[1] == '"' || r->at[1] == '{' || is_name_start(r->at[1])) {
        sql_fail(r, r->at, "a psql variable; a parameter is written :'name'");
    } else {
        copy(r, 1);
    }
}

/* --- the whole --- */

/* A name is copied whole, so that a '$' in it begins no quote. */
static void
read_name(struct sql_reader *r)
{
    size_t bytes = 1;

    while (is_name(r->at[bytes]) || r->at[bytes] == '$') {
        bytes++;
    }
    copy(r, bytes);
}

static void
read_one(struct sql_reader *r)
{
    if (isspace((unsigned char)*r->at)) {
        blank(r, *r->at++);
    } else if (strncmp(r->at, "--", 2) == 0) {
        read_line_comment(r);
    } else if (strncmp(r->at, "/*", 2) == 0) {
        read_block_comment(r);
    } else if (*r->at == '\'' || *r->at == '"') {
        read_quote(r);
    } else if (*r->at == '$') {
        read_dollar(r);
    } else if (*r->at == ':') {
        read_colon(r);
    } else if (*r->at == ';') {
        statement_end(r);
    } else if (*r->at == '\\') {
        sql_fail(r, r->at, "a psql command");
    } else if (is_name(*r->at)) {
        read_name(r);
    } else {
        copy(r, 1);
    }
}

bool
sql_parse(struct arena *arena, const char *text, struct sql_file *out, struct sql_fault *fault)
{
    struct sql_reader r = {.arena = arena, .text = text, .at = text, .file = out, .fault = fault};

    *out = (struct sql_file){0};
    *fault = (struct sql_fault){0};
    r.next = &out->statements;
    while (*r.at != '\0' && fault->text == NULL) {
        read_one(&r);
    }
    if (r.statement != NULL) {
        sql_fail(&r, r.at, "a statement without its semicolon");
    } else if (out->n_statements == 0) {
        sql_fail(&r, r.at, "no statement");
    }
    buf_fini(&r.out);
    return fault->text == NULL;
}
