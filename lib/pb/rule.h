/* The rules of single values; validate.c finds the values. */
#ifndef DEPOT_PB_RULE_H
#define DEPOT_PB_RULE_H

#include "base/call.h"
#include "pb/place.h"
#include "pb/schema.h"

/*
 * Checks one value of a scalar or enum field's type against a rule (which is another field's if
 * the value is a wrapper's): length, pattern, format, the list of values, range, and whether an
 * enum's number has a name. Adds at most one violation.
 */
void pb_rule_check(struct call *call, const struct pb_field *field, const struct pb_rule *rule,
                   const struct pb_place *place, const void *value);

/* Checks a map's key of a string's type against the map's rule: its length. */
void pb_rule_check_key(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
                       const char *key);

/* The rule's own reason, or the usual one. */
const struct reason *pb_rule_reason(const struct pb_rule *rule, const struct reason *usual);

/* Whether a scalar is the empty value of its type: "", 0, false, no bytes. */
bool pb_rule_is_empty(const struct pb_field *field, const void *value);

#endif
