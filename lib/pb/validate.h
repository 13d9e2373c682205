/* Checks a message against the rules of its contract. */
#ifndef DEPOT_PB_VALIDATE_H
#define DEPOT_PB_VALIDATE_H

#include "base/call.h"
#include "pb/schema.h"

/*
 * Adds a violation to the call for every rule that does not hold, at all depths (REQUIRED,
 * TOO_SHORT, TOO_LONG, TOO_MANY, OUT_OF_RANGE, BAD_FORMAT, UNKNOWN_VALUE, PERIOD_*, BAD_TIMESTAMP,
 * READ_ONLY, or the rule's own reason), with places as JSON pointers ("/allocation/endTime"). A
 * place that already has a violation gets no second one. The rules of a field without presence
 * hold for its empty value too: a string that is `in` a list or has a format must be given.
 * Of a request that changes a part of a thing (update.h) the rules hold for the fields that it
 * names and for what is there; paths of its mask are UNKNOWN_FIELD or READ_ONLY at
 * "/updateMask/<index>". Of a period only what both named ends decide is checked.
 * Patterns are compiled once, on first use (thread-safe). Ends with the call's verdict: what
 * call_invalid says, over the violations found here and before.
 */
enum status pb_validate(struct call *call, const struct pb_message *schema,
                        const ProtobufCMessage *message) MUST_CHECK;

/*
 * As pb_validate for scalar fields that were set from the path only, before the body is looked at:
 * `fields` are indexes, ended by -1. An unknown type or an impossible id is 404 whatever the body.
 */
enum status pb_validate_fields(struct call *call, const struct pb_message *schema,
                               const ProtobufCMessage *message, const int16_t *fields) MUST_CHECK;

#endif
