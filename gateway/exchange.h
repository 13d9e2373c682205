/*
 * The life of one request: from the parser's message over the route, the header fields and the
 * codec to a call of a service, and from its reply, or from what went wrong, to an answer and a
 * log line.
 */
#ifndef DEPOT_GATEWAY_EXCHANGE_H
#define DEPOT_GATEWAY_EXCHANGE_H

#include "admin.h"
#include "asset.h"
#include "base/arena.h"
#include "base/call.h"
#include "credentials.h"
#include "gateway.h"
#include "http/etag.h"
#include "http/message.h"
#include "http/route.h"
#include "rpc/client.h"

struct exchange {
    /* Kept from request to request. */
    struct http_message message;
    struct arena arena;
    struct gateway *gateway;
    struct exchange *next; /* of gateway->spare */

    /* Of this request; zero at first. */
    struct connection *connection;
    struct call call;
    struct http_match match;
    struct http_rpc_form form;    /* of an RPC client's request; of no protocol: another one */
    const struct admin_path *own; /* one of the gateway's own paths, or NULL */
    struct metrics_row *row;
    struct rpc_request rpc;
    bool head_read; /* exchange_read_head has run */
    bool submitted; /* the call is with the rpc client */

    /* Who asks. */
    struct address client;          /* the peer, or whom a trusted proxy speaks for */
    struct credentials credentials; /* of a route's method */
    const char *access_token;       /* NULL: none, or not known yet */
    bool awaits_token;              /* that of an API key */
    struct apikeys_wait wait;       /* until it comes */

    bool replayed;  /* the answer is a recorded one */
    char allow[80]; /* "": no Allow field */
    enum http_condition if_match, if_none_match;
    bool shared;               /* it cost something of the client's share: */
    struct rate_verdict share; /* what is left of it */

    /* What the answer says about its content. */
    struct http_etag etag;
    char content_tag[HTTP_CONTENT_TAG_BYTES];
    struct asset *asset;        /* the content is this one's; NULL: it was made for the answer */
    const char *cache_control;  /* NULL: no-store */
    const char *content_policy; /* NULL: that of what is no page */
    const char *link;           /* NULL: none */
    int64_t started_us;
    char request_id[LIMIT_REQUEST_ID_BYTES + 1];
};

/* With the first byte of a request; exchange_free with its answer. */
struct exchange *exchange_new(struct gateway *gateway, struct connection *connection);
void exchange_free(struct exchange *self);

/* Frees the memory that is kept. */
void exchanges_forget(struct gateway *gateway);

/*
 * The head is complete and a body follows: true if it is wanted; if not (and the client waits for
 * 100 Continue) the request has been answered.
 */
bool exchange_head(struct exchange *self);

/* The request is complete: answers it, now or later. */
void exchange_start(struct exchange *self);

/* The parser has refused the request: answers it. The connection closes. */
void exchange_refuse(struct exchange *self);

/* The request did not come in time: answers it. The connection closes. */
void exchange_expire(struct exchange *self);

/* The client has gone, or the process ends: no answer. */
void exchange_cancel(struct exchange *self);

/* --- Between the files of the exchange --- */

/*
 * Reads everything but the body: id, route, who asks, and what header fields say. A failure is the
 * call's problem, its status is returned. With `awaits_token` the rest is to be read when that has
 * come. `has_body`: there are bytes, or there may be.
 */
enum status exchange_read_head(struct exchange *self, bool has_body) MUST_CHECK;

/* Goes on with a request whose head and body are there, now that it is known who asks. */
void exchange_go_on(struct exchange *self);

/* What follows when it is known who asks, or `status` is what went wrong so far: the share of the
 * client, and the rest of the head. Part of exchange_read_head. */
enum status exchange_read_rest(struct exchange *self, enum status status, bool has_body) MUST_CHECK;

/* The client may have less patience than REQUEST_TIMEOUT_MS, never more. MALFORMED_REQUEST. */
enum status exchange_read_timeout(struct exchange *self) MUST_CHECK;

/* Gives the request its id and its deadline, once. */
void exchange_begin(struct exchange *self);

/*
 * The largest body that any method takes, and whether there is more than one limit: asked once.
 * Then, with the head: false if the body of this request is known to be larger than its method
 * takes; the message is refused.
 */
uint64_t exchange_largest_body(const struct http_contract *contract);
bool exchange_bodies_differ(const struct http_contract *contract);
bool exchange_limit_body(struct exchange *self) MUST_CHECK;

/* Reads If-Match and If-None-Match of a route's method or, without a route, of an own path. */
enum status exchange_read_conditions(struct exchange *self) MUST_CHECK;

/* Puts If-Match into the request of a method that has a field for it. */
enum status exchange_hand_over_match(struct exchange *self, ProtobufCMessage *request) MUST_CHECK;

/* ETAG_MISMATCH when If-Match does not name `etag`. */
enum status exchange_check_match(struct exchange *self) MUST_CHECK;

/* Whether If-None-Match names `etag`: the client has it already. */
bool exchange_unchanged(const struct exchange *self);

/* Takes what the request costs from its client's share; RATE_LIMITED when too little is left. */
enum status exchange_take_share(struct exchange *self, uint32_t cost) MUST_CHECK;

/* Appends the fields that say what is left. */
void exchange_write_share(const struct exchange *self, struct buf *fields);

/* Counts and logs the request's end. */
void exchange_end(struct exchange *self, int status, const char *code, size_t content_bytes);

/* Makes the call's problem of a reply that is a failure. */
void exchange_take_failure(struct exchange *self, const struct rpc_reply *reply);

/* Answers with what the rpc client has to say; `request->owner` is the exchange. */
void exchange_reply(struct rpc_request *request, const struct rpc_reply *reply);

/*
 * Answers with content (in no buffer of the gateway but `body`), or with the call's problem. What
 * the client has already is 304 instead of 200; what is large may be compressed.
 */
void exchange_answer(struct exchange *self, int status, const char *content_type,
                     const char *content, size_t content_bytes, const struct buf *location);
void exchange_answer_problem(struct exchange *self);

#endif
