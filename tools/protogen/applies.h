/*
 * Which reasons a method can give. Some are listed by the method itself; the platform's own follow
 * from what the method is: only one with a body can be sent a malformed one.
 */
#ifndef DEPOT_PROTOGEN_APPLIES_H
#define DEPOT_PROTOGEN_APPLIES_H

#include "contract.h"

/* Whether calling the method over HTTP can fail with the reason. */
bool reason_applies(const struct def_reason *reason, const struct def_method *method);

/* Whether the reason is the platform's and follows from what a method is. */
bool reason_is_general(const struct def_reason *reason);

/* Where a general reason comes from, for people: "methods with a body". */
const char *reason_origin(const struct def_reason *reason);

/* The n-th name that the table of the platform's reasons knows, or NULL: for a test. */
const char *reason_known(size_t n);

#endif
