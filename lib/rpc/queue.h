/*
 * Calls that wait, and which of them leave together: one class to a frame, round-robin over
 * principals, one frame at a time for each hot resource, never two calls with one idempotency key.
 * No I/O and no clock.
 */
#ifndef DEPOT_RPC_QUEUE_H
#define DEPOT_RPC_QUEUE_H

#include "rpc/client.h"

/* A list of calls in the order of their arrival. */
struct rpc_calls {
    struct rpc_request *first, *last;
    size_t n;
};

void calls_append(struct rpc_calls *self, struct rpc_request *request);
void calls_prepend(struct rpc_calls *self, struct rpc_request *request);

/* Takes it out of the list that it is in. */
void calls_remove(struct rpc_request *request);

/* Principals that share a bucket share its turn; lanes that collide wait for one another. */
enum { QUEUE_BUCKETS = 64, QUEUE_LANES = 16384 };

struct queue {
    struct rpc_calls buckets[PB_CLASSES][QUEUE_BUCKETS];
    size_t n_class[PB_CLASSES];
    size_t n;
    unsigned turn[PB_CLASSES];  /* the bucket that comes first in the next frame */
    uint16_t busy[QUEUE_LANES]; /* frames in flight that hold the lane of an affinity */
};

/* Sets what the queue needs to know of a call: bucket, affinity, key, size. */
void queue_prepare(struct rpc_request *request);

void queue_append(struct queue *self, struct rpc_request *request);
void queue_prepend(struct queue *self, struct rpc_request *request); /* it was here before */
void queue_remove(struct queue *self, struct rpc_request *request);
bool queue_holds(const struct queue *self, const struct rpc_request *request);

/*
 * Takes the calls of the next frame of a class out, up to LIMIT_FRAME_CALLS; returns how many. 0
 * also when all that wait for the class must go on waiting for a lane.
 */
size_t queue_take(struct queue *self, enum pb_class class, int64_t now_us,
                  struct rpc_request **calls);

/* While a lane is held, calls of its affinity are not taken. 0: no lane, nothing happens. */
void queue_hold(struct queue *self, uint64_t affinity);
void queue_release(struct queue *self, uint64_t affinity);

#endif
