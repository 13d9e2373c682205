/*
 * One frame under way over a context of nng, and how the client's thread learns that it ended.
 *
 * nng's callbacks run in threads of nng; they only put finished flights on a list and wake the
 * client's thread. Everything else about a flight belongs to that thread.
 */
#ifndef DEPOT_RPC_FLIGHT_H
#define DEPOT_RPC_FLIGHT_H

#include <nng/nng.h>
#include <pthread.h>

#include "base/limits.h"
#include "rpc/client.h"

/* Where callbacks leave finished flights. */
struct wakeup {
    pthread_mutex_t mutex;
    struct rpc_flight *first, *last; /* finished, not yet looked at */
    int fd;                          /* an eventfd */
};

void wakeup_open(struct wakeup *self);
void wakeup_close(struct wakeup *self);

/* Makes the fd readable. Any thread. */
void wakeup_ring(struct wakeup *self);

/* The flights that finished since the last call, linked by `next`; the fd is silent again. */
struct rpc_flight *wakeup_collect(struct wakeup *self);

enum flight_state { FLIGHT_IDLE, FLIGHT_SENDING, FLIGHT_RECEIVING };

/*
 * A context may be used again once its receive has ended, however it ended; a reply that comes
 * later is dropped by nng. A receive is posted only when the send is through: cancelling one that
 * was posted earlier crashes nng 1.5.2.
 */
struct rpc_flight {
    struct replica *replica;
    struct wakeup *wakeup;
    nng_ctx context;
    nng_aio *aio;
    struct rpc_flight *next; /* in a list of idle or of finished ones */
    enum flight_state state; /* under the wakeup's mutex while not idle */

    struct rpc_request *calls[LIMIT_FRAME_CALLS]; /* NULL: given up */
    uint64_t affinities[LIMIT_FRAME_CALLS];       /* the lanes that it holds */
    unsigned n_calls, n_affinities;
    enum pb_class class;
    int64_t sent_us;
    int pipe;    /* the connection there was then */
    bool silent; /* the time of an attempt is over */

    /* How it ended. */
    bool left;      /* the frame was given to the connection: it may have been worked on */
    int result;     /* 0, or nng's error */
    nng_msg *reply; /* if 0 */
};

/* An nng error code. */
int flight_open(struct rpc_flight *self, struct replica *replica, struct wakeup *wakeup,
                nng_socket socket);

/* Ends it whatever it does; no callback runs afterwards. */
void flight_close(struct rpc_flight *self);

/* Sends; it will come back through wakeup_collect, and is then idle. */
void flight_send(struct rpc_flight *self, nng_msg *message, int64_t now_us);

/* Ends it early; it comes back through wakeup_collect all the same. */
void flight_cancel(struct rpc_flight *self);

/* The same, but only if the frame has not left: nothing of it can have had an effect then. */
void flight_recall(struct rpc_flight *self);

#endif
