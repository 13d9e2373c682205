/*
 * Who may call what in a service: the token that came with a call is checked by a verifier, which
 * a feed keeps informed, and the contract's rules are held against who it names.
 *
 * The authority itself (whose service is depot.auth.v1.Authority) informs itself without a network.
 * What it answers to everybody works while nothing is known yet: to know something is what callers
 * ask it for.
 */
#ifndef DEPOT_SERVICE_ACCESS_H
#define DEPOT_SERVICE_ACCESS_H

#include "auth/settings.h"
#include "rpc/server.h"
#include "service/handler.h"
#include "service/insider.h"

struct access;

/* The settings' strings must outlive it. */
struct access *access_new(const struct auth_settings *settings);
void access_free(struct access *self);

/* Whether the service is the authority. */
bool access_is_authority(const struct service *service);

/*
 * Begins to learn what the authority says: by `insider` if the service is the authority itself,
 * else from ACCOUNTS_ADDRESSES. INVALID_ARGUMENT when an address is none. Nothing to do with
 * AUTH_MODE=off.
 */
enum status access_start(struct access *self, const struct service *service,
                         struct insider *insider, const struct rpc_tls *tls,
                         struct error *error) MUST_CHECK;

/* As struct rpc_executor's `authorise` and `ready`. */
enum status access_check(struct access *self, struct rpc_served *served,
                         const char *token) MUST_CHECK;
bool access_ready(struct access *self, const char **why);

#endif
