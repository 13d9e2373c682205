/* Calls of accounts' methods by their messages: for what a table of cases cannot say. */
#ifndef DEPOT_TESTS_ACCOUNTS_DIRECT_H
#define DEPOT_TESTS_ACCOUNTS_DIRECT_H

#include "base/limits.h"
#include "depot/accounts/v1/accounts.handlers.h"
#include "depot/accounts/v1/accounts.schema.h"
#include "support/bench.h"

/* The schema's constant of a method: METHOD(login). */
#define METHOD(name) (&depot__accounts__v1__accounts_service__##name##__method)

/* One call; `arena` keeps what `call` and the reply hold. */
struct direct {
    struct arena arena;
    struct call call;
    ProtobufCMessage *reply; /* NULL: it failed */
};

static inline enum status
direct_call(struct direct *self, struct bench *bench, unsigned worker, const struct caller *caller,
            const struct pb_method *method, const ProtobufCMessage *request)
{
    enum status status;

    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&self->call, &self->arena);
    self->call.request_id = "test";
    self->call.client_address = "192.0.2.1";
    self->reply = NULL;
    status = bench_authorise(&self->call, caller, method);
    if (status == STATUS_OK) {
        status = bench_execute(bench, worker, &self->call, method, request, &self->reply);
    }
    return status;
}

static inline void
direct_end(struct direct *self)
{
    arena_fini(&self->arena);
}

#endif
