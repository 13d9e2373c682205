/*
 * Filters of lists: a subset of AIP-160, read against the message that is listed. Bytes in, a tree
 * out; what the tree means in SQL is not known here.
 *
 *     filter     = term { ("AND" | "OR") term }           OR binds tighter than AND
 *     term       = [ "NOT" | "-" ] ( "(" filter ")" | comparison )
 *     comparison = field [ "." key ] ( "=" | "!=" | "<" | "<=" | ">" | ">=" | ":" ) value
 *
 * A value has the form of its field's type: text in quotes ("" or '', with the escapes \\, \" and
 * \'), numbers, true and false, names of an enum, times of RFC 3339 with or without quotes. `:`
 * asks whether a text has another in it, whether a map has a key, and with `*` whether there is a
 * value at all. AIP-160's comparisons side by side, searches for a literal alone, wildcards and
 * functions are refused, each in words of its own.
 *
 * Source: https://google.aip.dev/160
 */
#ifndef DEPOT_PB_FILTER_H
#define DEPOT_PB_FILTER_H

#include "base/arena.h"
#include "pb/schema.h"

enum pb_filter_kind { PB_FILTER_COMPARE, PB_FILTER_NOT, PB_FILTER_AND, PB_FILTER_OR };

enum pb_filter_op {
    PB_FILTER_EQ,
    PB_FILTER_NE,
    PB_FILTER_LT,
    PB_FILTER_LE,
    PB_FILTER_GT,
    PB_FILTER_GE,
    PB_FILTER_HAS,     /* the text has the value in it */
    PB_FILTER_PRESENT, /* there is a value; of a map, that of the key */
    PB_FILTER_OPS,
};

/* AND and OR have two or more operands, NOT one. Nesting is bounded by LIMIT_FILTER_DEPTH. */
struct pb_filter {
    enum pb_filter_kind kind;
    const struct pb_filter *operands; /* the first; the others follow by `next` */
    const struct pb_filter *next;
    const struct pb_field *field; /* of a comparison; marked `filterable` */
    enum pb_filter_op op;
    const char *key;   /* of a map, else NULL */
    const char *value; /* as a parameter is written; NULL for PRESENT */
};

/* What is wrong with an expression, and where. */
struct pb_expression_fault {
    size_t column;    /* in characters, from 1 */
    const char *text; /* what was expected there; the arena's, or constant */
};

/* What can be compared how. */
enum pb_filter_type {
    PB_FILTER_NONE, /* not at all */
    PB_FILTER_TEXT,
    PB_FILTER_ENUM,
    PB_FILTER_BOOL,
    PB_FILTER_INTEGER,
    PB_FILTER_FLOAT,
    PB_FILTER_TIME,
    PB_FILTER_MAP, /* of texts by texts */
};

/* The type of a field, of a wrapper that of its value. */
enum pb_filter_type pb_filter_type_of(const struct pb_field *field);

/* Whether values of the type can be compared so; the entries of a map are text. */
bool pb_filter_takes(enum pb_filter_type type, enum pb_filter_op op);

/*
 * Reads `text` (valid UTF-8 without NUL). False with `fault` filled when it is no filter over the
 * schema's fields that are marked, or the arena is at its cap. The tree lives in the arena.
 */
bool pb_filter_read(struct arena *arena, const struct pb_message *schema, const char *text,
                    const struct pb_filter **filter, struct pb_expression_fault *fault) MUST_CHECK;

#endif
