/*
 * Requests that change a part of a thing: those with a FieldMask `update_mask`, and one message
 * field, the thing with its new values. See lib/pb/update.h.
 */
#ifndef DEPOT_PROTOGEN_UPDATE_H
#define DEPOT_PROTOGEN_UPDATE_H

#include "check.h"

/* Indexes into the request's fields. */
struct def_update {
    int target; /* -1: there is none, or more than one */
    int mask;
};

/* Whether the message is such a request. */
bool update_of(const struct def_message *message, struct def_update *out);

/* What it must have. */
void check_update(struct check *self, const struct def_message *message);

#endif
