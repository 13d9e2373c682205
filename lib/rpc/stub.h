/*
 * A blocking, typed client: a ProtobufCService over an rpc_client, to be used with the stubs that
 * protobuf-c generates.
 *
 *     struct rpc_stub *stub;
 *     rpc_stub_open(&options, &stub, &error);
 *     depot__inventory__v1__inventory_service__get_resource(rpc_stub_service(stub), &request,
 *                                                           on_reply, &data);
 *     if (rpc_stub_status(stub) != STATUS_OK) { ... rpc_stub_reply(stub)->message ... }
 *
 * The closure is called before the stub function returns: with the reply, or with NULL on failure.
 * One thread per stub.
 */
#ifndef DEPOT_RPC_STUB_H
#define DEPOT_RPC_STUB_H

#include "rpc/client.h"

struct rpc_stub;

/* What goes with the calls that follow; strings are not copied. */
struct rpc_stub_context {
    const char *principal, *request_id, *traceparent, *idempotency_key; /* NULL: none */
    const char *access_token, *client_address;                          /* NULL: none */
    int timeout_ms;                                                     /* 0: 5,000 */
};

enum status rpc_stub_open(const struct rpc_client_options *options, struct rpc_stub **stub,
                          struct error *error) MUST_CHECK;
void rpc_stub_close(struct rpc_stub *self);

ProtobufCService *rpc_stub_service(struct rpc_stub *self);
void rpc_stub_context(struct rpc_stub *self, const struct rpc_stub_context *context);

/* Calls any method of the contract by its table: what depotctl uses. Same outcome functions. */
enum status rpc_stub_call(struct rpc_stub *self, const struct pb_method *method,
                          const ProtobufCMessage *request);

/* How the last call ended; the reply lives until the next call. */
enum status rpc_stub_status(const struct rpc_stub *self);
const struct rpc_reply *rpc_stub_reply(const struct rpc_stub *self);

/* The last call's reply message, or NULL after a failure. Lives until the next call. */
const ProtobufCMessage *rpc_stub_message(const struct rpc_stub *self);

#endif
