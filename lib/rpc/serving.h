/* What the parts of the receiving end share: server.c, lane.c, worker.c, reply.c, health.c. */
#ifndef DEPOT_RPC_SERVING_H
#define DEPOT_RPC_SERVING_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "depot/rpc/v1/envelope.pb-c.h"
#include "rpc/server.h"

/*
 * A context of the socket. It receives a frame, keeps it until a worker takes it up, sends the
 * reply, receives again. There are more lanes than workers, so that the time at which a frame came
 * is known however long it waits, and so that a Check never waits for a worker.
 */
struct lane {
    struct rpc_server *server;
    nng_ctx context;
    nng_aio *receiving, *sending;
    nng_msg *frame;
    nng_pipe pipe; /* where it came from */
    int64_t arrived_us;
    struct lane *next; /* in a list of those that wait */
};

struct lanes {
    struct lane *first, *last;
};

/* One call of a frame and all that is made for it. */
struct slot {
    struct arena arena;
    struct rpc_served served;
    bool pending; /* for the executor */
    bool again;
};

struct worker {
    struct rpc_server *server;
    unsigned index;
    bool for_health; /* takes small frames with a Check only, has no executor's state */
    void *state;
    struct arena arena; /* of the frame */
    struct slot slots[LIMIT_FRAME_CALLS];
    size_t n_calls; /* being worked on; under the server's mutex */
};

struct rpc_server {
    unsigned n_workers;
    const struct pb_service **services; /* with health, ends with NULL */
    struct rpc_executor executor;
    nng_socket socket;
    nng_listener listener;
    char *url;
    atomic_bool draining;
    atomic_bool closing; /* connections are refused, and calls: `again` */

    struct lane *lanes;
    size_t n_lanes;

    pthread_mutex_t mutex;                 /* of all that follows */
    pthread_cond_t frame_came, check_came; /* or the end */
    pthread_cond_t calmed;                 /* a worker is done, or a reply has left */
    struct lanes frames, checks;
    size_t n_waiting, n_busy, n_sending; /* frames: not taken up, worked on, answered */
    unsigned n_running;                  /* threads */
    bool ended;                          /* threads end */
    bool orphaned;                       /* the last thread frees everything */

    struct worker *workers; /* n_workers, and one for health */
    pthread_t *threads;
};

/* --- lane.c: between nng and the workers --- */

/* An nng error code. */
int lanes_open(struct rpc_server *self);
void lanes_close(struct rpc_server *self);
void lane_receive(struct lane *self);

/* Sends the reply and receives the next frame; takes the message over. */
void lane_reply(struct lane *self, nng_msg *reply);

/* Called with the mutex held. */
void lanes_append(struct lanes *self, struct lane *lane);
struct lane *lanes_pop(struct lanes *self);

/* --- worker.c --- */

void *worker_run(void *worker);

/* --- health.c --- */

/* Answers a Check in the slot. */
void health_answer(const struct rpc_server *server, struct slot *slot);

/* Whether the frame can be nothing but a Check: then it need not wait for a worker. */
bool health_looks_like(const void *frame, size_t bytes);

/* --- reply.c: outcomes as messages --- */

/* One reply for a frame that could not be read. */
nng_msg *reply_malformed(unsigned workers);

/*
 * The replies to `n_calls` calls, of which the first have slots; the rest were too many. Always
 * fits the limits: what has no room and had no effect is to be asked again, and a change whose
 * answer is too large is still acknowledged.
 */
nng_msg *reply_frame(struct arena *arena, struct slot *slots, size_t n_slots, size_t n_calls,
                     unsigned workers);

/* --- server.c --- */

void server_free(struct rpc_server *self);

#endif
