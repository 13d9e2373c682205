/*
 * What lists are filtered and ordered by: the fields that the contract marks, and the SQL of each.
 */
#ifndef DEPOT_PROTOGEN_LISTED_H
#define DEPOT_PROTOGEN_LISTED_H

#include "base/buf.h"
#include "contract.h"

/* The request's string fields of these names, or NULL: what makes a method one of those lists. */
const struct def_field *listed_filter(const struct def_method *method);
const struct def_field *listed_order(const struct def_method *method);

/* What the method lists: the message of its reply's first repeated field, or NULL. */
const struct def_message *listed_message(const struct def_method *method);

/* Whether there is SQL for the field. */
bool listed_can_filter(const struct def_field *field);
bool listed_can_sort(const struct def_field *field);

/* Writes the columns of a list's marked fields: `static const struct db_column NAME_columns[]`. */
void listed_put_columns(struct buf *out, const char *name, const struct def_message *message);

#endif
