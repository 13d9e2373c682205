/*
 * A service's process. inventory/main.c is nothing but a call of service_main: configuration,
 * the database with its back-off, migrations, who may call what, workers, health, draining are the
 * same for all.
 */
#ifndef DEPOT_SERVICE_MAIN_H
#define DEPOT_SERVICE_MAIN_H

#include "base/config.h"
#include "service/handler.h"

/* A service and what is its own beside its handlers. */
struct service_program {
    const struct service *service;
    /* Its own settings, loaded into `settings` with everybody's; none: NULL. */
    const struct config_item *items;
    size_t n_items;
    void *settings;
    bool needs_secret; /* it does not start without SECRET_KEY */
    /*
     * Called once, with settings and secret there, before the first call of a handler. Checks what
     * goes together; INVALID_ARGUMENT, naming the setting, ends the start. NULL: nothing to do.
     */
    enum status (*open)(struct error *error);
    /*
     * Called once when the database is there and migrated and every `every_ms` method has run,
     * before the service serves anybody. It may call methods with service_call. NULL: nothing to
     * do.
     */
    enum status (*begin)(struct error *error);
};

/*
 * Runs until SIGTERM or SIGINT and returns the exit code: 0 after a drain, EXIT_UNAVAILABLE when
 * the database (or what `every_ms` methods need) never came, EXIT_CONFIG for bad settings or an
 * unsafe database. `--help` and `--config-markdown` print the settings. `call METHOD [JSON]` runs
 * an OPERATOR's method (JSON from standard input with `-`) on the database without serving anybody,
 * after `open` and without `begin`: it prints the reply as JSON and ends with 0, or the problem on
 * standard error and ends with 1.
 */
int service_main(const struct service_program *program, int argc, char **argv);

/*
 * Runs a method of this process's own service as its operator, outside of any call; blocks. `reply`
 * is in `arena`. On failure the problem is logged and put into `error`. For service_program.begin,
 * and for threads of the service's own.
 */
enum status service_call(const struct pb_method *method, const ProtobufCMessage *request,
                         struct arena *arena, const ProtobufCMessage **reply,
                         struct error *error) MUST_CHECK;

#endif
