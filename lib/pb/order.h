/*
 * Orders of lists, after AIP-132: `name, createTime desc`. Each field is one that the contract
 * marks `sortable`, at most once; `asc` may be said.
 *
 * Source: https://google.aip.dev/132#ordering
 */
#ifndef DEPOT_PB_ORDER_H
#define DEPOT_PB_ORDER_H

#include "base/limits.h"
#include "pb/filter.h"

struct pb_order {
    size_t n;
    struct {
        const struct pb_field *field;
        bool descending;
    } keys[LIMIT_ORDER_FIELDS];
};

/* Reads `text` (valid UTF-8 without NUL). False with `fault` filled when it is no order. */
bool pb_order_read(struct arena *arena, const struct pb_message *schema, const char *text,
                   struct pb_order *order, struct pb_expression_fault *fault) MUST_CHECK;

#endif
