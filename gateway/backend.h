/*
 * The services behind the gateway: a client each, driven by the event loop.
 */
#ifndef DEPOT_GATEWAY_BACKEND_H
#define DEPOT_GATEWAY_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "config.h"
#include "loop.h"
#include "rpc/client.h"

struct backend {
    struct watch watch;
    const struct pb_service *service;
    struct rpc_client *client;
    bool authority; /* the accounts service, by either of its contracts */
    bool due;       /* rpc_client_run is wanted in this turn */
    bool needed;    /* while it does not serve, the gateway is not ready */
};

struct backends {
    struct backend list[GATEWAY_SERVICES_MAX + 1]; /* the last is the authority's */
    size_t n;
};

/*
 * Starts to connect to every service of the contract and, with AUTH_MODE=on, to the authority: its
 * calls have a queue of their own, so that nobody waits behind logins. The loop must live as long.
 */
enum status backends_open(struct backends *self, const struct gateway_config *config,
                          const struct http_contract *contract, struct loop *loop,
                          struct error *error) MUST_CHECK;

/* Answers of calls under way come first, as from rpc_client_close. */
void backends_close(struct backends *self, struct loop *loop);

/* Hands a call to the client of its method's service; it leaves with backends_run. */
void backends_submit(struct backends *self, struct rpc_request *request);
void backends_cancel(struct backends *self, struct rpc_request *request);

/* Runs the clients that have something to do at `now_us`. */
void backends_run(struct backends *self, int64_t now_us);

/* When backends_run is due next, whatever happens. */
int64_t backends_next_us(const struct backends *self);

/*
 * The first service that would not take calls now and without which the gateway is not ready; NULL:
 * there is none. The accounts service counts only with AUTH_MODE=on and until it has served once:
 * while it is away everybody who is known already is served (REVOCATION_MAX_AGE), and a gateway
 * that said that it is not ready would be taken away from them.
 */
const struct pb_service *backends_not_serving(const struct backends *self);

/* Queues, replicas, frames and calls as Prometheus text. */
void backends_write_metrics(const struct backends *self, struct buf *out);

#endif
