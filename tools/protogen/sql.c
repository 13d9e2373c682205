#include "sql.h"

#include <ctype.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"

/* Where the reader is. A fault ends the reading; `fault->text` is its sign. */
struct reader {
    struct arena *arena;
    const char *text, *at;
    struct sql_file *file;
    struct sql_fault *fault;
    struct sql_statement **next;
    struct sql_statement *statement; /* the one being read; NULL between two */
    struct buf out;
    struct sql_piece **next_piece;
    size_t piece_start; /* where in `out` the piece begins that is being read */
    bool in_slot;
    unsigned slot; /* which */
    const char *slot_at;
};

static void
fail(struct reader *r, const char *at, const char *text)
{
    if (r->fault->text != NULL) {
        return;
    }
    r->fault->text = text;
    r->fault->line = 1;
    r->fault->column = 1;
    for (const char *c = r->text; c < at; c++) {
        r->fault->column++;
        if (*c == '\n') {
            r->fault->line++;
            r->fault->column = 1;
        }
    }
}

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

/* --- pieces --- */

static void
piece_add(struct reader *r, enum sql_piece_kind kind, unsigned index, const char *text)
{
    struct sql_piece *piece = arena_zalloc(r->arena, sizeof *piece);

    ASSERT(piece != NULL);
    *piece = (struct sql_piece){.kind = kind, .index = index, .text = text};
    *r->next_piece = piece;
    r->next_piece = &piece->next;
}

/* What was read since the last piece, up to `bytes` of the statement. */
static void
piece_end(struct reader *r, size_t bytes)
{
    if (bytes > r->piece_start) {
        piece_add(r, SQL_PIECE_TEXT, 0,
                  arena_copy(r->arena, r->out.data + r->piece_start, bytes - r->piece_start));
    }
    r->piece_start = bytes;
}

/* --- statements --- */

static void
statement_begin(struct reader *r)
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
statement_end(struct reader *r)
{
    size_t bytes = r->out.length_bytes;

    if (r->statement == NULL) {
        fail(r, r->at, "a semicolon without a statement");
        return;
    }
    if (r->in_slot) {
        fail(r, r->slot_at, "a slot that is not closed by a comment }");
        return;
    }
    while (bytes > 0 && isspace((unsigned char)r->out.data[bytes - 1])) {
        bytes--;
    }
    piece_end(r, bytes);
    r->statement->text = arena_copy(r->arena, r->out.data, bytes);
    r->statement = NULL;
    buf_clear(&r->out, 1 << 16);
    r->at++;
}

/* Copies `bytes` bytes that mean nothing to us. */
static void
copy(struct reader *r, size_t bytes)
{
    statement_begin(r);
    buf_append(&r->out, r->at, bytes);
    r->at += bytes;
}

/* Blanks and comments: a comment leaves one blank, a line's end stays for readers of logs. */
static void
blank(struct reader *r, char c)
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
is_escape_string(const struct reader *r)
{
    return *r->at == '\'' && r->at > r->text && toupper((unsigned char)r->at[-1]) == 'E' &&
           (r->at - 1 == r->text || !is_name(r->at[-2]));
}

static void
read_quote(struct reader *r)
{
    const char *end = quote_end(r->at, is_escape_string(r));

    if (end == NULL) {
        fail(r, r->at, "a quote that is not closed");
        return;
    }
    copy(r, (size_t)(end - r->at));
}

/* $tag$ ... $tag$; a $1 of the author's own would mean another value than it says. */
static void
read_dollar(struct reader *r)
{
    const char *tag = r->at + 1;
    const char *end;
    size_t bytes;

    if (isdigit((unsigned char)*tag)) {
        fail(r, r->at, "a numbered parameter; a parameter is written :'name'");
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
        fail(r, r->at, "a dollar quote that is not closed");
        return;
    }
    copy(r, (size_t)(end - r->at) + bytes);
}

/* --- comments --- */

static void
read_line_comment(struct reader *r)
{
    r->at += strcspn(r->at, "\n");
}

/* Whether the comment says just that. */
static bool
comment_is(const char *at, const char *text)
{
    size_t bytes = strlen(text);

    at += 2;
    at += strspn(at, " ");
    if (strncmp(at, text, bytes) != 0) {
        return false;
    }
    at += bytes;
    return strncmp(at + strspn(at, " "), "*/", 2) == 0;
}

static void
slot_begin(struct reader *r, unsigned slot, const char *at)
{
    if (r->in_slot) {
        fail(r, at, "a slot within a slot");
        return;
    }
    if (r->statement == NULL || r->statement->slots[slot]) {
        fail(r, at, "a slot before its statement, or for the second time");
        return;
    }
    piece_end(r, r->out.length_bytes);
    piece_add(r, SQL_PIECE_SLOT, slot, NULL);
    r->statement->slots[slot] = true;
    r->in_slot = true;
    r->slot = slot;
    r->slot_at = at;
}

static void
slot_end(struct reader *r, const char *at)
{
    if (!r->in_slot) {
        fail(r, at, "the end of a slot that was not begun");
        return;
    }
    piece_end(r, r->out.length_bytes);
    piece_add(r, SQL_PIECE_SLOT_END, r->slot, NULL);
    r->in_slot = false;
}

/* The comment at `at` may begin or end a slot. */
static void
read_slot(struct reader *r, const char *at)
{
    static const char *const names[SQL_SLOTS] = {"filter {", "after {", "order {"};

    for (unsigned i = 0; i < SQL_SLOTS; i++) {
        if (comment_is(at, names[i])) {
            slot_begin(r, i, at);
        }
    }
    if (comment_is(at, "}")) {
        slot_end(r, at);
    }
}

/* Block comments nest in SQL. */
static void
read_block_comment(struct reader *r)
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
            fail(r, start, "a comment that is not closed");
            return;
        } else {
            r->at++;
        }
    } while (depth > 0);
    blank(r, ' ');
    read_slot(r, start);
}

/* --- parameters --- */

/* The index of the name in a list of names, added if it is new; SQL_PARAMS_MAX if there is no room.
 */
static size_t
param_index(struct reader *r, const char *name, size_t bytes)
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
put_param(struct reader *r, size_t index)
{
    struct sql_statement *statement = r->statement;
    size_t i = 0;

    while (i < statement->n_params && statement->params[i] != index) {
        i++;
    }
    if (i == statement->n_params) {
        statement->params[statement->n_params++] = (uint8_t)index;
    }
    piece_end(r, r->out.length_bytes);
    piece_add(r, SQL_PIECE_PARAM, (unsigned)index, NULL);
    buf_printf(&r->out, "$%zu", i + 1);
    r->piece_start = r->out.length_bytes;
}

static void
read_param(struct reader *r)
{
    const char *name = r->at + 2;
    const char *end = name;
    size_t index;

    while (is_name(*end)) {
        end++;
    }
    if (end == name || *end != '\'' || !is_name_start(*name)) {
        fail(r, r->at, "a parameter without a name; it is written :'name'");
        return;
    }
    statement_begin(r);
    index = param_index(r, name, (size_t)(end - name));
    if (index == SQL_PARAMS_MAX) {
        fail(r, r->at, "more parameters than a query may have");
        return;
    }
    put_param(r, index);
    r->at = end + 1;
}

/* A colon: a parameter, a cast, an assignment, or a form of psql that cannot become a parameter. */
static void
read_colon(struct reader *r)
{
    if (r->at[1] == '\'') {
        read_param(r);
    } else if (r->at[1] == ':' || r->at[1] == '=') {
        copy(r, 2);
    } else if (r->at[1] == '"' || r->at[1] == '{' || is_name_start(r->at[1])) {
        fail(r, r->at, "a psql variable; a parameter is written :'name'");
    } else {
        copy(r, 1);
    }
}

/* --- the whole --- */

/* A name is copied whole, so that a '$' in it begins no quote. */
static void
read_name(struct reader *r)
{
    size_t bytes = 1;

    while (is_name(r->at[bytes]) || r->at[bytes] == '$') {
        bytes++;
    }
    copy(r, bytes);
}

static void
read_one(struct reader *r)
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
        fail(r, r->at, "a psql command");
    } else if (is_name(*r->at)) {
        read_name(r);
    } else {
        copy(r, 1);
    }
}

bool
sql_parse(struct arena *arena, const char *text, struct sql_file *out, struct sql_fault *fault)
{
    struct reader r = {.arena = arena, .text = text, .at = text, .file = out, .fault = fault};

    *out = (struct sql_file){0};
    *fault = (struct sql_fault){0};
    r.next = &out->statements;
    while (*r.at != '\0' && fault->text == NULL) {
        read_one(&r);
    }
    if (r.statement != NULL) {
        fail(&r, r.at, "a statement without its semicolon");
    } else if (out->n_statements == 0) {
        fail(&r, r.at, "no statement");
    }
    buf_fini(&r.out);
    return fault->text == NULL;
}
