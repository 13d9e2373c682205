/*
 * The settings that gateway and services have alike: how they speak with one another, how they end,
 * what they log. Each keeps its own table beside this one.
 */
#ifndef DEPOT_RPC_SETTINGS_H
#define DEPOT_RPC_SETTINGS_H

#include "base/config.h"
#include "rpc/server.h"

struct rpc_settings {
    const char *tls_dir;              /* RPC_TLS_DIR; NULL: plain TCP */
    int drain_delay_s, drain_grace_s; /* DRAIN_DELAY, DRAIN_GRACE */
    const char *log_level_name;       /* LOG_LEVEL */
    bool log_requests;                /* LOG_REQUESTS */

    /* Made by rpc_settings_check. */
    enum log_level log_level;
    struct rpc_tls tls;
};

/* The rows of struct rpc_settings. */
extern const struct config_item rpc_config_items[];
extern const size_t rpc_config_n_items;

/*
 * Checks loaded settings and fills what is made of them; `program` is what the certificate is for:
 * the name of a service, or `gateway`. INVALID_ARGUMENT with a line that names the variable: a
 * level that is none, a file that RPC_TLS_DIR does not have.
 */
enum status rpc_settings_check(struct rpc_settings *settings, const char *program,
                               struct error *error) MUST_CHECK;

/* Frees what the check made; not the strings that were loaded. */
void rpc_settings_fini(struct rpc_settings *settings);

#endif
