/*
 * The statement of a list with a filter or an order of the caller's. A query names the places where
 * these go, each between a comment `filter {`, `after {` or `order {` and a comment `}`; what
 * stands there in the file is what a call without them runs, prepared at start. The build tool
 * makes pieces of the statement and fragments for each field that the contract marks. A shape is
 * put together of these alone: nothing that came from outside is ever a part of its text, all
 * values are parameters.
 */
#ifndef DEPOT_DB_SHAPE_H
#define DEPOT_DB_SHAPE_H

#include "base/arena.h"
#include "pb/filter.h"
#include "pb/order.h"

enum db_slot { DB_SLOT_FILTER, DB_SLOT_AFTER, DB_SLOT_ORDER };

enum db_piece_kind {
    DB_PIECE_TEXT,
    DB_PIECE_PARAM,    /* `index`: of the query's parameters */
    DB_PIECE_SLOT,     /* `index`: an enum db_slot; up to its END is what it replaces */
    DB_PIECE_SLOT_END, /* likewise */
};

struct db_piece {
    enum db_piece_kind kind;
    unsigned index;
    const char *text;
};

/* A marked field. Its column has its name. */
struct db_column {
    const char *name;
    /* Conditions; each `$` is a value: of a map first the key. NULL: not compared so. */
    const char *compare[PB_FILTER_OPS];
    const char *sort; /* what is ordered, never NULL in SQL; NULL: not sortable */
    const char *cast; /* of its values */
};

struct db_list {
    const struct pb_message *schema; /* what is listed */
    size_t statement;                /* which of the query's */
    const struct db_piece *pieces;
    size_t n_pieces;
    const struct db_column *columns;
    size_t n_columns;
};

enum { DB_SHAPE_KEY_BYTES = 16, DB_SHAPE_VALUES_MAX = 255 };

struct db_shape {
    const struct db_list *list;
    const char *sql;
    unsigned char key[DB_SHAPE_KEY_BYTES]; /* a digest of the text */
    size_t n_values;
    /* $n is the query's parameter params[n-1], or values[n-1] if that is negative. */
    const int16_t *params;
    const char *const *values;
};

/*
 * Makes the shape of a filter (or NULL) and an order (or NULL; then `after` is NULL), with which a
 * list goes on behind `after`: the texts of the last row's order fields and of its id, or NULL at
 * the beginning. Ties are broken by the column `id`, in the last field's direction. NULL when the
 * arena is at its cap. The values must live as long as the shape, which is the arena's.
 */
const struct db_shape *db_shape_make(struct arena *arena, const struct db_list *list,
                                     const struct pb_filter *filter, const struct pb_order *order,
                                     const char *const *after);

/* What an absent time is in `after`. */
#define DB_SHAPE_NO_TIME "-infinity"

#endif
