/* Values and keys within filters. */
#ifndef DEPOT_PB_FILTER_VALUE_H
#define DEPOT_PB_FILTER_VALUE_H

#include "pb/expression.h"

/* Takes a map's key: in quotes, or of letters, digits, `_` and `-`. */
bool pb_filter_read_key(struct pb_expression *in, const char **key);

/* Takes a value of the field's type (a map's: text); `value` is how a parameter is written. */
bool pb_filter_read_value(struct pb_expression *in, const struct pb_field *field,
                          const char **value);

#endif
