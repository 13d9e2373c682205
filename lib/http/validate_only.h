/*
 * `validateOnly`, a query parameter that is no field of any request: a method that changes
 * something and takes an idempotency key takes it, too, and then does everything but that.
 */
#ifndef DEPOT_HTTP_VALIDATE_ONLY_H
#define DEPOT_HTTP_VALIDATE_ONLY_H

#include "base/call.h"
#include "pb/schema.h"

/* Whether the method takes it and it is called so, in either spelling. */
bool http_validate_only_is(const struct pb_method *method, const char *name, size_t bytes);

/*
 * Reads its value into the call; NULL is one that cannot be decoded. WRONG_TYPE if it is neither
 * `true` nor `false`; DUPLICATE_PARAMETER if `*seen`, which is true afterwards.
 */
void http_validate_only_read(struct call *call, const char *value, size_t bytes, bool *seen);

#endif
