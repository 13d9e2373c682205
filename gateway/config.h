/*
 * The gateway's settings. There is one setting of addresses per service of the contract, named
 * after it: INVENTORY_ADDRESSES.
 */
#ifndef DEPOT_GATEWAY_CONFIG_H
#define DEPOT_GATEWAY_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "address.h"
#include "auth/settings.h"
#include "base/config.h"
#include "http/route.h"
#include "origin.h"
#include "rate.h"
#include "rpc/settings.h"

enum { GATEWAY_SERVICES_MAX = 16 };

struct gateway_config {
    const char *host;
    int port, admin_port;
    const char *public_url;
    struct auth_settings auth; /* its accounts_addresses are among `addresses` */
    struct rpc_settings rpc;
    int request_timeout_ms;
    int max_connections, max_connections_per_address;
    const char *trusted_proxies;
    const char *cors_origins, *rate_limit;
    const char *docs_dir;                        /* NULL: no page /docs */
    const char *addresses[GATEWAY_SERVICES_MAX]; /* in the order of contract->services */

    /* Made from the above. */
    struct networks trusted;
    struct origins origins;
    struct rate_policy rate;
};

/*
 * Fills `out` from the environment and checks what goes together. INVALID_ARGUMENT: `error` names
 * the variable; nothing needs to be freed then.
 */
enum status gateway_config_load(const struct http_contract *contract, struct gateway_config *out,
                                struct error *error) MUST_CHECK;

/*
 * PUBLIC_URL or, unless that is set, how the gateway is reached from here when it listens on
 * `port`. The caller frees it.
 */
char *gateway_config_base_url(const struct gateway_config *self, int port);

/* Gives the strings back. */
void gateway_config_free(const struct http_contract *contract, struct gateway_config *self);

/* The settings for --help, for docs/config.md and for the line at start. */
void gateway_config_help(const struct http_contract *contract, FILE *out);
void gateway_config_markdown(const struct http_contract *contract, FILE *out);
void gateway_config_log(const struct http_contract *contract, const struct gateway_config *self,
                        struct log_line *line);

#endif
