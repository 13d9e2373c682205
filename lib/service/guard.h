/*
 * Who may call what in a service: the token that came with a call is checked by a verifier, which
 * a feed keeps informed, and the contract's rules are held against who it names.
 *
 * The authority itself (whose service is depot.auth.v1.Authority) informs itself without a network.
 * What it answers to everybody works while nothing is known yet: to know something is what callers
 * ask it for.
 */
#ifndef DEPOT_SERVICE_GUARD_H
#define DEPOT_SERVICE_GUARD_H

#include "auth/settings.h"
#include "rpc/server.h"
#include "service/handler.h"
#include "service/insider.h"

struct guard;

/* The settings' strings must outlive it. */
struct guard *guard_new(const struct auth_settings *settings);
void guard_free(struct guard *self);

/* Whether the service is the authority. */
bool guard_is_authority(const struct service *service);

/*
 * Begins to learn what the authority says: by `insider` if the service is the authority itself,
 * else from ACCOUNTS_ADDRESSES. INVALID_ARGUMENT when an address is none. Nothing to do with
 * AUTH_MODE=off.
 */
enum status guard_start(struct guard *self, const struct service *service, struct insider *insider,
                        const struct rpc_tls *tls, struct error *error) MUST_CHECK;

/* As struct rpc_executor's `authorise` and `ready`. */
enum status guard_check(struct guard *self, struct rpc_served *served,
                        const char *token) MUST_CHECK;
bool guard_ready(struct guard *self, const char **why);

#endif
