/*
 * The life of one request: from the parser's message over the route, the header fields and the
 * codec to a call of a service, and from its reply, or from what went wrong, to an answer and a
 * log line.
 */
#ifndef DEPOT_GATEWAY_EXCHANGE_H
#define DEPOT_GATEWAY_EXCHANGE_H

#include "admin.h"
#include "base/arena.h"
#include "base/call.h"
#include "gateway.h"
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
    const struct admin_path *own; /* one of the gateway's own paths, or NULL */
    struct metrics_row *row;
    struct rpc_request rpc;
    bool head_read; /* exchange_read_head has run */
    bool submitted; /* the call is with the rpc client */
    bool replayed;  /* the answer is a recorded one */
    char allow[80]; /* "": no Allow field */
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
 * Reads everything but the body: id, route, and what header fields say. A failure is the call's
 * problem, its status is returned. `has_body`: there are bytes, or there may be.
 */
enum status exchange_read_head(struct exchange *self, bool has_body) MUST_CHECK;

/* Gives the request its id and its deadline, once. */
void exchange_begin(struct exchange *self);

/* Makes the call's problem of a reply that is a failure. */
void exchange_take_failure(struct exchange *self, const struct rpc_reply *reply);

/* Answers with what the rpc client has to say; `request->owner` is the exchange. */
void exchange_reply(struct rpc_request *request, const struct rpc_reply *reply);

/* Answers with content (in no buffer of the gateway but `body`), or with the call's problem. */
void exchange_answer(struct exchange *self, int status, const char *content_type,
                     const char *content, size_t content_bytes, const struct buf *location);
void exchange_answer_problem(struct exchange *self);

#endif
