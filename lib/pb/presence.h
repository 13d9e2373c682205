/* Whether fields have values. */
#ifndef DEPOT_PB_PRESENCE_H
#define DEPOT_PB_PRESENCE_H

#include <stdbool.h>

#include "pb/schema.h"

/* Whether the field has a value at all: always, unless it is a message or in a oneof. Not for
 * repeated fields. */
bool pb_is_set(const struct pb_field *field, const ProtobufCMessage *message);

/* Whether it holds something: an element, a message that is set, or a scalar that is not the empty
 * value of its type. */
bool pb_is_filled(const struct pb_field *field, const ProtobufCMessage *message);

#endif
