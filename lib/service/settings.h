/* The settings of a service's process: everybody's, and those of the program itself. */
#ifndef DEPOT_SERVICE_SETTINGS_H
#define DEPOT_SERVICE_SETTINGS_H

#include <stdio.h>

#include "auth/settings.h"
#include "db/options.h"
#include "rpc/settings.h"
#include "service/main.h"

struct service_settings {
    struct db_settings db;
    struct rpc_settings rpc;
    struct auth_settings auth;
    const char *listen;       /* RPC_LISTEN */
    const char *address_file; /* RPC_ADDRESS_FILE; NULL: none */
    int workers;              /* RPC_WORKERS */
    const char *secret_key;   /* SECRET_KEY; NULL: none */
};

/*
 * From the environment, those of the program into program->settings, and the secret for
 * service_secret. INVALID_ARGUMENT with a line that names the variable.
 */
enum status service_settings_load(struct service_settings *settings,
                                  const struct service_program *program,
                                  struct error *error) MUST_CHECK;

/*
 * What serving others asks for beside that, and running an operator's method does not: where access
 * is checked by, and that nobody can reach a service that does not check it. INVALID_ARGUMENT.
 */
enum status service_settings_check_serving(const struct service_settings *settings,
                                           const struct service *service,
                                           struct error *error) MUST_CHECK;

void service_settings_help(const struct service_program *program, FILE *out);
void service_settings_markdown(const struct service_program *program, FILE *out);

/* Adds all to a log line; secrets hidden. */
void service_settings_log(const struct service_settings *settings,
                          const struct service_program *program, struct log_line *line);

#endif
