/* What filters and orders are read with: a place in a text, its words, and the first fault. */
#ifndef DEPOT_PB_EXPRESSION_H
#define DEPOT_PB_EXPRESSION_H

#include "pb/filter.h"

struct pb_expression {
    struct arena *arena;
    const struct pb_message *schema;
    const char *text, *at;
    struct pb_expression_fault *fault;
    bool failed;
};

/* Notes the first fault; returns false. */
bool pb_expression_fail(struct pb_expression *self, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void pb_expression_blanks(struct pb_expression *self);

/* The length of the name at `at`: letters, digits and underscores, not a digit first. */
size_t pb_expression_name(const char *at);

/* Takes the word if it stands here as a whole. */
bool pb_expression_take(struct pb_expression *self, const char *word);

/* The names of the fields that may stand in a filter (or else in an order), joined by commas. */
const char *pb_expression_fields(struct pb_expression *self, bool filterable);

#endif
