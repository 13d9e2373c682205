/*
 * The process: one thread, one event loop, and what all connections share. HTTP in, RPC out.
 *
 * A turn of the loop: wait; read and work on what came; let the rpc clients send what was
 * submitted and answer what was replied; go on with connections that have more; look at timers;
 * write the log. See connection.h for bytes and exchange.h for requests.
 */
#ifndef DEPOT_GATEWAY_GATEWAY_H
#define DEPOT_GATEWAY_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "access.h"
#include "address.h"
#include "asset.h"
#include "backend.h"
#include "base/buf.h"
#include "config.h"
#include "docs.h"
#include "http/gzip.h"
#include "http/response.h"
#include "http/route.h"
#include "http/rpc.h"
#include "listener.h"
#include "loop.h"
#include "metrics.h"
#include "rate.h"
#include "timer.h"

struct connection;
struct exchange;

/* Why a connection waits for time to pass; each with a duration of its own. */
enum gateway_wait { WAIT_IDLE, WAIT_HEAD, WAIT_BODY, WAIT_WRITE, WAIT_LINGER, WAIT_GONE, WAITS };

enum gateway_phase {
    GATEWAY_OPENING, /* connections wait until callers are known, or for LIMIT_DOWN_MS */
    GATEWAY_SERVING,
    GATEWAY_DRAINING, /* SIGTERM came: not ready, but everything is still served */
    GATEWAY_CLOSING,  /* no more connections; what is under way may end */
};

struct gateway {
    const struct gateway_config *config;
    const struct http_contract *contract;
    struct http_router *router;
    struct http_rpc_table *methods; /* the routes of RPC clients */
    struct loop loop;
    struct backends backends;
    struct access access;
    struct metrics metrics;
    struct listeners listeners;

    struct watch stop;
    enum gateway_phase phase;
    bool ended;
    int64_t phase_ends_us;

    /* Connections. */
    struct connection *connections; /* all of them */
    struct connection *again;       /* have more to do in the next turn */
    struct connection *dead;        /* closed in this turn, freed at its end */
    size_t n_connections, max_connections;
    struct timer_list waits[WAITS];
    struct address_counts *per_address;
    struct rate_limiter *limiter; /* NULL: no limit */
    uint64_t largest_body;        /* that any method takes */
    bool bodies_differ;           /* from method to method */

    /* Documents. */
    char *base_url; /* what stands before a path in a body's links */
    struct buf home;
    struct asset *assets;
    struct docs docs;
    char document_cache[40]; /* Cache-Control */

    /* Memory of requests, kept for the next ones. */
    struct exchange *spare;
    size_t n_spare;

    /* Of the turn. */
    int64_t now_us;
    int64_t date_s;
    char date[HTTP_DATE_BYTES];
    char *read_buffer;     /* LIMIT_HTTP_READ_BYTES */
    struct buf head, body; /* of the answer that is being made */
    struct buf fields, packed;
    struct http_gzip *gzip;
};

/*
 * Listens and starts to connect to the services. `stop_fd` becomes readable once for each request
 * to stop (a signalfd for SIGTERM and SIGINT, or an eventfd): the first drains, the second ends at
 * once. INVALID_ARGUMENT: a setting is bad; UNAVAILABLE: an address cannot be had.
 */
enum status gateway_open(struct gateway *self, const struct gateway_config *config,
                         const struct http_contract *contract, int stop_fd,
                         struct error *error) MUST_CHECK;

/* Serves until it was stopped and everything is drained. Returns the number of cut requests. */
size_t gateway_run(struct gateway *self);

/* After gateway_run; ends what is left. */
void gateway_close(struct gateway *self);

/* The port that clients use, and the admin one (0: none). */
int gateway_port(const struct gateway *self);
int gateway_admin_port(const struct gateway *self);

/* The time as the Date field wants it; made once a second. */
const char *gateway_date(struct gateway *self);

#endif
