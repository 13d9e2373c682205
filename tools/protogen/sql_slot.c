/* The pieces of which a list's statement is put together, and the slots among them. */
#include <string.h>

#include "base/assert.h"
#include "sql_reader.h"

void
sql_fail(struct sql_reader *r, const char *at, const char *text)
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

void
sql_piece_add(struct sql_reader *r, enum sql_piece_kind kind, unsigned index, const char *text)
{
    struct sql_piece *piece = arena_zalloc(r->arena, sizeof *piece);

    ASSERT(piece != NULL);
    *piece = (struct sql_piece){.kind = kind, .index = index, .text = text};
    *r->next_piece = piece;
    r->next_piece = &piece->next;
}

void
sql_piece_end(struct sql_reader *r, size_t bytes)
{
    if (bytes > r->piece_start) {
        sql_piece_add(r, SQL_PIECE_TEXT, 0,
                      arena_copy(r->arena, r->out.data + r->piece_start, bytes - r->piece_start));
    }
    r->piece_start = bytes;
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
slot_begin(struct sql_reader *r, unsigned slot, const char *at)
{
    if (r->in_slot) {
        sql_fail(r, at, "a slot within a slot");
        return;
    }
    if (r->statement == NULL || r->statement->slots[slot]) {
        sql_fail(r, at, "a slot before its statement, or for the second time");
        return;
    }
    sql_piece_end(r, r->out.length_bytes);
    sql_piece_add(r, SQL_PIECE_SLOT, slot, NULL);
    r->statement->slots[slot] = true;
    r->in_slot = true;
    r->slot = slot;
    r->slot_at = at;
}

static void
slot_end(struct sql_reader *r, const char *at)
{
    if (!r->in_slot) {
        sql_fail(r, at, "the end of a slot that was not begun");
        return;
    }
    sql_piece_end(r, r->out.length_bytes);
    sql_piece_add(r, SQL_PIECE_SLOT_END, r->slot, NULL);
    r->in_slot = false;
}

void
sql_read_slot(struct sql_reader *r, const char *at)
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
