/* What the parts of the client share: client.c, dispatch.c, outcome.c, sweep.c. */
#ifndef DEPOT_RPC_CLIENT_PARTS_H
#define DEPOT_RPC_CLIENT_PARTS_H

#include "base/arena.h"
#include "rpc/queue.h"
#include "rpc/replica.h"

/* Each call earns a tenth of a retry. */
enum { CREDIT_PER_RETRY = 10 };

struct rpc_client {
    const struct pb_service *service;
    struct wakeup wakeup;
    struct queue queue;
    struct rpc_calls delayed; /* to be sent again at their due_us */
    struct rpc_calls refused; /* to be answered with their refusal */
    struct replica *replicas;
    size_t n_replicas;
    struct arena arena; /* of one frame at a time */
    int64_t sweep_us;   /* when something in the queue or in flight is due */
    int64_t watch_us;   /* when a replica is */
    int64_t down_us;    /* since when no replica is usable; 0: some is */
    unsigned turn_class, turn_replica;
    unsigned credit; /* calls put by for retries: CREDIT_PER_RETRY buy one */
    uint64_t random;
};

/* --- dispatch.c: which calls leave now, and where to --- */

void client_dispatch(struct rpc_client *self, int64_t now_us);

/* --- outcome.c: what becomes of calls --- */

/*
 * Answers with a failure of the client's own, from the next turn of the loop. SERVICE_DOWN and
 * OVERLOADED become OUTCOME_UNKNOWN for a call that left, may have had an effect, and got no
 * answer.
 */
void client_refuse(struct rpc_client *self, struct rpc_request *request,
                   const struct reason *reason);

/* Calls `done` for everything refused. */
void client_answer_refused(struct rpc_client *self);

/*
 * A call that left got no answer: sends it again later, if its contract, its time, the number of
 * its attempts and the credit allow. False: it is as it was.
 */
bool client_retry(struct rpc_client *self, struct rpc_request *request, int64_t now_us);

/* Takes a flight that came back: answers its calls, or sees to them. */
void client_landed(struct rpc_client *self, struct rpc_flight *flight, int64_t now_us);

/* Calls of the flight's hot resources may leave again. */
void client_release_lanes(struct rpc_client *self, struct rpc_flight *flight);

/* --- sweep.c: what is over --- */

/* Ends calls whose time is over, moves delayed ones, watches over frames; sets the next time. */
void client_sweep(struct rpc_client *self, int64_t now_us);

/* Notes whether any replica is usable; when none was for long, refuses everything that waits. */
void client_mind_down(struct rpc_client *self, int64_t now_us);

/* Everything that waits. */
void client_refuse_all(struct rpc_client *self, const struct reason *reason);

/* The sweep is due then at the latest. */
void client_due(struct rpc_client *self, int64_t due_us);

#endif
