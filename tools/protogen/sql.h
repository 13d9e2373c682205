/*
 * Queries: a file of SQL that runs in psql as it stands, taken apart into statements with numbered
 * parameters. Knows PostgreSQL's lexical rules, not its grammar.
 *
 * In a statement of a list the comments `filter {`, `after {` and `order {` begin a slot that goes
 * to the comment `}`: what stands between is replaced when a caller filters or orders.
 *
 * Source: PostgreSQL 15 documentation, 4.1 "Lexical Structure"; psql, "SQL Interpolation".
 */
#ifndef DEPOT_PROTOGEN_SQL_H
#define DEPOT_PROTOGEN_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* As many as a byte can tell apart; no query of ours comes near. */
enum { SQL_PARAMS_MAX = 255 };

/* The places where a list's filter and order go; the names are those of enum db_slot. */
enum sql_slot { SQL_SLOT_FILTER, SQL_SLOT_AFTER, SQL_SLOT_ORDER, SQL_SLOTS };

/* The kinds of pieces; the names are those of enum db_piece_kind. */
enum sql_piece_kind { SQL_PIECE_TEXT, SQL_PIECE_PARAM, SQL_PIECE_SLOT, SQL_PIECE_SLOT_END };

struct sql_piece {
    enum sql_piece_kind kind;
    unsigned index;   /* of a parameter in the file's, or an enum sql_slot */
    const char *text; /* of TEXT */
    struct sql_piece *next;
};

struct sql_statement {
    const char *text;               /* without comments and semicolon; parameters are $1, $2, ... */
    uint8_t params[SQL_PARAMS_MAX]; /* $n is the file's parameter params[n - 1] */
    size_t n_params;
    struct sql_piece *pieces; /* what `text` is made of */
    bool slots[SQL_SLOTS];    /* which it has */
    struct sql_statement *next;
};

struct sql_file {
    const char *params[SQL_PARAMS_MAX]; /* in the order of their first use */
    size_t n_params;
    struct sql_statement *statements; /* in the order of the file */
    size_t n_statements;
};

struct sql_fault {
    int line, column; /* from 1 */
    const char *text;
};

/*
 * Takes `text` apart; everything lives in the arena. False with `fault` filled for: something
 * that is not closed (quote, dollar quote, comment), a statement without its semicolon, no
 * statement at all, a parameter in another form than :'name', a psql command, too many parameters,
 * a slot that is not closed, stands twice or within another.
 */
bool sql_parse(struct arena *arena, const char *text, struct sql_file *out,
               struct sql_fault *fault);

#endif
