/*
 * Who may call what, as the gateway knows it: the keys and revocations of the authority, API keys,
 * and the rule that is held against a caller. See auth/verifier.h and auth/policy.h: every service
 * checks again; here a request is refused before anybody works on it.
 */
#ifndef DEPOT_GATEWAY_ACCESS_H
#define DEPOT_GATEWAY_ACCESS_H

#include <stdbool.h>

#include "apikeys.h"
#include "auth/feed.h"
#include "auth/policy.h"
#include "auth/verifier.h"
#include "backend.h"
#include "base/buf.h"
#include "config.h"

/* All NULL with AUTH_MODE=off: nobody is asked for. */
struct access {
    struct auth_policy policy;
    struct auth_verifier *verifier;
    struct auth_feed *feed;
    struct apikeys *keys;
};

/*
 * Starts to learn from the authority; API keys are exchanged over `backends`. INVALID_ARGUMENT: the
 * addresses are none.
 */
enum status access_open(struct access *self, const struct gateway_config *config,
                        struct backends *backends, struct error *error) MUST_CHECK;

/* Nobody may wait for an API key any more. */
void access_close(struct access *self);

/* Whether callers can be told from each other now; if not, `why` gets a constant text. */
bool access_ready(const struct access *self, const char **why);

/* The keys that tokens are signed with; none with AUTH_MODE=off. False: they are not known yet. */
bool access_write_jwks(const struct access *self, struct buf *out);

/* As Prometheus text; nothing with AUTH_MODE=off. */
void access_write_metrics(const struct access *self, struct buf *out);

#endif
