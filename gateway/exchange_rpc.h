/*
 * Requests of RPC clients, by Connect or gRPC-Web: where they differ from others. A method's path
 * is a route like any other (`match.route`), so that everything else is the same for them.
 */
#ifndef DEPOT_GATEWAY_EXCHANGE_RPC_H
#define DEPOT_GATEWAY_EXCHANGE_RPC_H

#include <stdbool.h>

#include "base/buf.h"
#include "exchange.h"

/* Whether the request is such a one; known from exchange_rpc_find on. */
bool exchange_is_rpc(const struct exchange *self);

/*
 * No other route has this path: sets `form`, and `match.route` if a method has it. ROUTE_UNKNOWN;
 * METHOD_UNKNOWN if the client must be one of RPC; METHOD_NOT_ALLOWED with `allow` (which alone is
 * set for OPTIONS); MEDIA_TYPE.
 */
enum status exchange_rpc_find(struct exchange *self) MUST_CHECK;

/* What only these protocols ask of a head. */
enum status exchange_rpc_check_head(struct exchange *self, bool has_body) MUST_CHECK;

/* The request's message from the body, or from the query of a GET; the call's problem if not. */
enum status exchange_rpc_read(struct exchange *self, ProtobufCMessage **request) MUST_CHECK;

/* Answers with a reply. */
void exchange_rpc_answer(struct exchange *self, const ProtobufCMessage *reply);

/*
 * Whether the call's problem is one for the protocol, which then answers with it; else it is one of
 * HTTP: there is no such path, the verb or the content type is wrong.
 */
bool exchange_rpc_answer_problem(struct exchange *self);

/* The status that metrics count: gRPC-Web says 200 whatever happens. */
int exchange_rpc_status(const struct exchange *self, int status);

/* Appends what these clients are told in header fields. */
void exchange_rpc_write_fields(const struct exchange *self, struct buf *fields);

#endif
