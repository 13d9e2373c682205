/*
 * A service's process. inventory/main.c is nothing but a call of service_main: configuration,
 * the database with its back-off, migrations, workers, health, draining are the same for all.
 */
#ifndef DEPOT_SERVICE_MAIN_H
#define DEPOT_SERVICE_MAIN_H

#include "service/handler.h"

/*
 * Runs until SIGTERM or SIGINT and returns the exit code: 0 after a drain, EXIT_UNAVAILABLE when
 * the database never came, EXIT_CONFIG for bad settings or an unsafe database. `--help` and
 * `--config-markdown` print the settings.
 */
int service_main(const struct service *service, int argc, char **argv);

#endif
