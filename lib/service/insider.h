/*
 * A service's own calls: what it does by itself, and what its operator has it do. They run in the
 * thread that asks, one at a time, on a worker and a connection beside those of the server; nobody
 * over a network can make them.
 */
#ifndef DEPOT_SERVICE_INSIDER_H
#define DEPOT_SERVICE_INSIDER_H

#include "rpc/server.h"

struct insider;

/*
 * `index` is that of the executor's worker for the service's own calls. The executor must outlive
 * it. The first one of a process is what service_call (service/main.h) uses.
 */
struct insider *insider_new(const struct rpc_executor *executor, unsigned index);
void insider_free(struct insider *self);

/*
 * Makes a call of the operator's: with a request id, LIMIT_STATEMENT_MS from now on, and memory of
 * the arena. The request must live as long.
 */
void insider_prepare(struct rpc_served *served, const struct pb_method *method,
                     const ProtobufCMessage *request, struct arena *arena);

/*
 * Validates and runs it; waits for others. The reply, in the call's arena; NULL on failure, which
 * is in the call's status and problem. Any thread.
 */
const ProtobufCMessage *insider_call(struct insider *self, struct rpc_served *served);

#endif
