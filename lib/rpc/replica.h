/*
 * One replica as its client sees it: a REQ socket with one connection, a fixed number of flights,
 * and what is known of its health. It decides nothing about calls; the client does.
 *
 * A frame whose calls were given up stays in flight until its reply comes or its connection is
 * lost: the worker over there is still busy with it.
 */
#ifndef DEPOT_RPC_REPLICA_H
#define DEPOT_RPC_REPLICA_H

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#include "rpc/flight.h"

struct replica {
    char *url;
    const struct pb_service *service;
    nng_socket socket;
    nng_dialer dialer;
    nng_tls_config *tls; /* or NULL */
    struct rpc_flight flights[LIMIT_REPLICA_FRAMES];
    struct rpc_flight *idle;
    struct rpc_flight check; /* a context of its own, so that probes never wait for a free one */
    bool checking;

    /* Written by nng's threads, under the wakeup's mutex. */
    int pipe_now, pipe_gone; /* the connection there is, or 0; the last one that went */

    int pipe;      /* the newest connection seen, or 0 */
    int lost_pipe; /* the newest one that a flight says is lost: events may come later */
    bool connected;
    bool ejected; /* two timeouts in a row, and no Check answered since */
    bool checked, serving;
    bool leaving; /* it refuses calls: about to end */
    unsigned workers, in_flight, heavy_in_flight, timeouts;
    int64_t heard_us;         /* when anything came from it last */
    int64_t check_due_us;     /* when the next Check leaves */
    int64_t check_timeout_us; /* when the one under way counts as a timeout, once more */
    int64_t redial_us;        /* when to dial anew, if nothing is heard until then */
    uint64_t frames, calls;
};

/* Starts connecting in the background. The strings need not live on. */
enum status replica_open(struct replica *self, const char *url, nng_tls_config *tls,
                         const struct pb_service *service, struct wakeup *wakeup,
                         struct error *error) MUST_CHECK;

/* Ends everything; no callback runs afterwards, what had come is on the wakeup's list. */
void replica_close(struct replica *self);

/* Takes note of connections that came and went. */
void replica_refresh(struct replica *self, int64_t now_us);

/* 0 is best; 1: unknown or suspect; 2: says that it does not serve. */
enum { REPLICA_UNUSABLE = 3 };
unsigned replica_rank(const struct replica *self);

/*
 * Whether a frame of the class may leave now: a worker is free and, for lists and long calls, one
 * that is not kept for point and write: half of them, and at least one if there are two.
 */
bool replica_has_room(const struct replica *self, enum pb_class class);

/* Sends a frame of calls; there must be room. The calls are in flight then. */
struct rpc_flight *replica_send(struct replica *self, struct rpc_request *const *calls, size_t n,
                                nng_msg *message, int64_t now_us);

/* A flight that came back is idle again. */
void replica_land(struct rpc_flight *flight);

/* A frame came, so it lives; `workers` as the frame says. */
void replica_heard(struct replica *self, unsigned workers, int64_t now_us);

/* The connection broke, as the flight tells. */
void replica_lost(const struct rpc_flight *flight);

/* Nobody answered a frame within the time of an attempt: a Check tells whether it is just slow. */
void replica_suspect(struct replica *self, int64_t now_us);

/* Drops the connection, if there is one, and dials anew. */
void replica_redial(struct replica *self, int64_t now_us);

/*
 * Sends the Check that is due, counts timeouts of one under way, ejects after two in a row, dials
 * anew after a long silence. Returns when to call again.
 */
int64_t replica_watch(struct replica *self, int64_t now_us);

/* Takes a Check that came back: serving or not, readmitted when it says so. */
void replica_checked(struct replica *self, struct arena *arena, int64_t now_us);

#endif
