/*
 * Periods: a start and an end that must go together (struct pb_period). What is wrong with one is a
 * violation at its end, at `unbounded`, or at the whole message when all are missing; nothing is
 * said where a part of it was refused before.
 */
#ifndef DEPOT_PB_PERIOD_H
#define DEPOT_PB_PERIOD_H

#include "base/call.h"
#include "pb/place.h"
#include "pb/schema.h"

/*
 * Checks the period of a message whose schema has one; `place` is the message's. PERIOD_MISSING,
 * PERIOD_EMPTY, PERIOD_REVERSED, PERIOD_CONTRADICTORY.
 */
void pb_period_check(struct call *call, const struct pb_message *schema,
                     const ProtobufCMessage *message, const struct pb_place *place);

/*
 * The same for the thing in a request that changes a part of it; `place` is the thing's. The ends
 * that stay as they are are not known here: whoever has them checks the two together.
 */
void pb_period_check_update(struct call *call, const struct pb_message *schema,
                            const ProtobufCMessage *request, const struct pb_place *place);

#endif
