/*
 * Where in a message something is wrong. A place is a chain of frames on the stack of whoever
 * walks the message; it becomes text, a JSON pointer (RFC 6901), only when there is something to
 * say.
 */
#ifndef DEPOT_PB_PLACE_H
#define DEPOT_PB_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"

enum { PB_PLACE_BYTES = 1024 };              /* longer pointers are cut */
static const size_t PB_NAME_TEXT = SIZE_MAX; /* `bytes` of a name that ends with NUL */

struct pb_place {
    const struct pb_place *parent; /* NULL: the root, whose name is a pointer already */
    const char *name;              /* NULL: an element of a list */
    size_t bytes;                  /* the name's, or the element's index */
};

/* Writes the pointer with a NUL, cut at a character if it is too long; returns its length. */
size_t pb_place_write(const struct pb_place *place, char out[static PB_PLACE_BYTES]);

/* Whether the call has a violation at exactly this place. */
bool pb_place_refused(const struct call *call, const struct pb_place *place);

/* Adds a violation at the place, unless there is one already. */
void pb_refuse(struct call *call, const struct reason *reason, const struct pb_place *place,
               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same; the text goes on behind the name of what stands there: "must be true or false." */
void pb_refuse_value(struct call *call, const struct reason *reason, const struct pb_place *place,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
