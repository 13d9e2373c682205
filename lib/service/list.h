/*
 * Filters and orders of lists. A request that has them has the fields `filter` and `order_by`
 * (strings); what may stand in them the contract says of the fields of what is listed. See
 * pb/filter.h and pb/order.h for what they look like, db/shape.h for what becomes of them.
 *
 * A list in an order of the caller's goes on behind the order fields and the id of the last row;
 * these make up the position in a page token, each with its length before it.
 */
#ifndef DEPOT_SERVICE_LIST_H
#define DEPOT_SERVICE_LIST_H

#include "base/call.h"
#include "db/params.h"

/*
 * Reads the request's filter and order and gives the params the shape for them, before the
 * handler's first half runs. BAD_FILTER at "/filter", BAD_ORDER_BY at "/orderBy", and
 * BAD_PAGE_TOKEN for a token that this order did not make.
 */
enum status list_ask(struct call *call, const struct pb_message *schema,
                     const ProtobufCMessage *request, struct db_params *params) MUST_CHECK;

/* Whether the request gives an order. */
bool list_is_ordered(const struct pb_message *schema, const ProtobufCMessage *request);

/*
 * The position behind `message`, of the schema `listed`, in the request's order. NULL when the
 * arena is at its cap.
 */
const char *list_position(struct call *call, const struct pb_message *schema,
                          const ProtobufCMessage *request, const struct pb_message *listed,
                          const ProtobufCMessage *message);

#endif
