#include "base/assert.h"
#include "base/clock.h"
#include "rpc/client_parts.h"
#include "rpc/endpoint.h"
#include "rpc/frame.h"

/*
 * The least loaded of the best replicas, if it has room. While there are better ones, a suspect
 * replica, or one that says that it does not serve, is left alone even if all workers are busy.
 */
static struct replica *
choose(struct rpc_client *self, enum pb_class class)
{
    struct replica *best = NULL;
    unsigned best_rank = REPLICA_UNUSABLE;

    for (size_t i = 0; i < self->n_replicas; i++) {
        struct replica *replica = &self->replicas[(self->turn_replica + i) % self->n_replicas];
        unsigned rank = replica_rank(replica);

        if (rank < best_rank) {
            best_rank = rank;
            best = NULL;
        }
        if (rank == best_rank && rank < REPLICA_UNUSABLE && replica_has_room(replica, class) &&
            (best == NULL || replica->in_flight < best->in_flight)) {
            best = replica;
        }
    }
    return best;
}

static void
hold_lanes(struct rpc_client *self, struct rpc_flight *flight)
{
    for (unsigned i = 0; i < flight->n_calls; i++) {
        uint64_t affinity = flight->calls[i]->affinity;

        if (affinity != 0) {
            queue_hold(&self->queue, affinity);
            flight->affinities[flight->n_affinities++] = affinity;
        }
    }
}

static void
send_frame(struct rpc_client *self, struct replica *replica, struct rpc_request *const *calls,
           size_t n, int64_t now_us)
{
    nng_msg *message;

    for (size_t i = 0; i < n; i++) {
        calls[i]->attempts++;
    }
    arena_reset(&self->arena);
    message = endpoint_message(frame_of_calls(&self->arena, calls, n, now_us));
    hold_lanes(self, replica_send(replica, calls, n, message, now_us));
    client_due(self, now_us + LIMIT_ATTEMPT_MS * 1000);
    self->turn_replica++;
}

/* Sends one frame of the class if there are calls and a worker for them. */
static bool
send_class(struct rpc_client *self, enum pb_class class, int64_t now_us)
{
    struct rpc_request *calls[LIMIT_FRAME_CALLS];
    struct replica *replica;
    size_t n;

    if (self->queue.n_class[class] == 0) {
        return false;
    }
    replica = choose(self, class);
    if (replica == NULL) {
        return false;
    }
    n = queue_take(&self->queue, class, now_us, calls);
    if (n == 0) {
        return false;
    }
    send_frame(self, replica, calls, n, now_us);
    return true;
}

void
client_dispatch(struct rpc_client *self, int64_t now_us)
{
    unsigned idle = 0;

    /* Classes take turns frame by frame; it ends when none of them could send. */
    while (idle < PB_CLASSES && self->queue.n > 0) {
        bool did = send_class(self, (enum pb_class)self->turn_class, now_us);

        self->turn_class = (self->turn_class + 1) % PB_CLASSES;
        idle = did ? 0 : idle + 1;
    }
}
