/*
 * Keeps a verifier's knowledge fresh: a thread that asks the authority every LIMIT_AUTH_PULL_MS
 * (250 ms), over the RPC client, and tries again with back-off while it is away.
 */
#ifndef DEPOT_AUTH_FEED_H
#define DEPOT_AUTH_FEED_H

#include "auth/verifier.h"
#include "rpc/stub.h"

/* The service that fulfils the authority's contract: whom its certificate is for. */
#define AUTH_AUTHORITY_NAME "accounts"

struct auth_feed;

/*
 * Asks the replicas at `addresses` (ACCOUNTS_ADDRESSES). Returns at once; INVALID_ARGUMENT when an
 * address is none. `tls` NULL: plain tcp. The verifier must live as long. Logs when the authority
 * goes away and when it is back, not every attempt.
 */
enum status auth_feed_open(struct auth_verifier *verifier, const char *addresses,
                           const struct rpc_tls *tls, struct auth_feed **feed,
                           struct error *error) MUST_CHECK;

/*
 * The authority itself need not ask over a network: `pull` is called instead, in the feed's thread;
 * false: not now. The answer is in `arena`, or lives until the next pull.
 */
struct auth_source {
    void *closure;
    bool (*pull)(void *closure, const Depot__Auth__V1__PullAuthorityRequest *request,
                 struct arena *arena, const Depot__Auth__V1__PullAuthorityResponse **answer);
};
enum status auth_feed_open_local(struct auth_verifier *verifier, const struct auth_source *source,
                                 struct auth_feed **feed, struct error *error) MUST_CHECK;

/* Does not wait for an answer under way; for a `pull` that runs it does. */
void auth_feed_close(struct auth_feed *self);

#endif
