/* The settings that every service has beside those of its database. */
#ifndef DEPOT_SERVICE_SETTINGS_H
#define DEPOT_SERVICE_SETTINGS_H

#include <stdio.h>

#include "db/options.h"
#include "rpc/server.h"

struct service_settings {
    struct db_settings db;
    const char *listen;               /* RPC_LISTEN */
    const char *address_file;         /* RPC_ADDRESS_FILE; NULL: none */
    int workers;                      /* RPC_WORKERS */
    struct rpc_tls tls;               /* RPC_TLS_CA_FILE, RPC_TLS_CERT_FILE */
    int drain_delay_s, drain_grace_s; /* DRAIN_DELAY, DRAIN_GRACE */
    enum log_level log_level;         /* LOG_LEVEL */
    bool log_calls;                   /* LOG_REQUESTS */
};

/* From the environment. INVALID_ARGUMENT with a line that names the variable. */
enum status service_settings_load(struct service_settings *settings,
                                  struct error *error) MUST_CHECK;

void service_settings_help(const char *program, FILE *out);
void service_settings_markdown(FILE *out);

/* Adds all to a log line; secrets hidden. */
void service_settings_log(const struct service_settings *settings, struct log_line *line);

#endif
