/*
 * A client's connection: bytes to requests and answers to bytes, one request at a time. While one
 * is worked on nothing more is read, so that what waits behind it is bounded by one read.
 *
 * A connection without a request owns next to nothing: the bytes of a read are in the gateway's
 * one buffer, the memory of a request comes with its first byte and goes with its answer.
 */
#ifndef DEPOT_GATEWAY_CONNECTION_H
#define DEPOT_GATEWAY_CONNECTION_H

#include <stdbool.h>

#include "address.h"
#include "base/buf.h"
#include "gateway.h"
#include "http/response.h"

struct connection {
    struct watch watch;
    struct timer timer;
    struct gateway *gateway;
    struct connection *next, *previous; /* of gateway->connections */
    struct connection *next_again;      /* of gateway->again or ->dead */
    struct exchange *exchange;          /* NULL: no byte of a request has come */
    struct buf in;                      /* bytes behind the request that is worked on */
    struct buf out;                     /* what the socket did not take yet */
    size_t window_bytes;                /* read or written since the wait began */
    struct address peer;
    char peer_text[ADDRESS_TEXT_BYTES];
    bool admin;     /* came in by ADMIN_PORT */
    bool readable;  /* there may be more to read */
    bool hung_up;   /* the client has said that it sends no more */
    bool working;   /* the exchange has been started and not been answered */
    bool closing;   /* after what is written now */
    bool refused;   /* closing, and the client may still be sending */
    bool lingering; /* closed for writing; reading only to throw away */
    bool is_again, closed;
};

/* Takes over a connected, non-blocking socket; false (and not taken) if the system has no room. */
bool connection_open(struct gateway *gateway, int fd, struct address peer, bool admin);

/* Closes at once; a request that is worked on is cancelled. Memory lives to the end of the turn. */
void connection_close(struct connection *self);

/* Does what can be done now: one read at most, so that every connection gets its turn. */
void connection_step(struct connection *self);

/* The wait is over: gives up, or goes on if bytes came or went fast enough. */
void connection_expire(struct connection *self, enum gateway_wait wait);

/* Closes the connection that has been idle for longest; false if none is idle. */
bool connection_evict(struct gateway *gateway);

/*
 * Closes those that have been without a request for LIMIT_HTTP_FRESH_MS; the others close with
 * their answer. When there are more to close: connections_drain_us.
 */
void connections_drain(struct gateway *gateway);
int64_t connections_drain_us(const struct gateway *gateway);

/* Goes on with those that have more to do. */
void connections_go_on(struct gateway *gateway);

/* Ends the waits that are over. When the next one is: connections_next_us. */
void connections_expire(struct gateway *gateway);
int64_t connections_next_us(const struct gateway *gateway);

/* Frees those closed in this turn. */
void connections_bury(struct gateway *gateway);

/*
 * Called by the exchange, once: writes the answer's head and content (unless `head_only`), and ends
 * the exchange. `response->close` is set here if the connection ends.
 */
void connection_answer(struct connection *self, struct http_response *response, const char *content,
                       bool head_only);

/* Called by the exchange before its answer: there may be more of the request, which is not read. */
void connection_read_no_more(struct connection *self);

/* Writes `HTTP/1.1 100 Continue`. */
void connection_continue(struct connection *self);

#endif
