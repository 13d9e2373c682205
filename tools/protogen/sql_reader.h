/* What the two files share that take queries apart. */
#ifndef DEPOT_PROTOGEN_SQL_READER_H
#define DEPOT_PROTOGEN_SQL_READER_H

#include "base/buf.h"
#include "sql.h"

/* Where the reader is. A fault ends the reading; `fault->text` is its sign. */
struct sql_reader {
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

/* Notes the first fault, at a place in the text. */
void sql_fail(struct sql_reader *r, const char *at, const char *text);

/* Adds a piece to the statement; the text before it is one already. */
void sql_piece_add(struct sql_reader *r, enum sql_piece_kind kind, unsigned index,
                   const char *text);

/* Makes a piece of that text, up to `bytes` of the statement. */
void sql_piece_end(struct sql_reader *r, size_t bytes);

/* Looks whether the comment at `at` begins or ends a slot. */
void sql_read_slot(struct sql_reader *r, const char *at);

#endif
