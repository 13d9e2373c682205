#include "service/main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "db/migrate.h"
#include "service/command.h"
#include "service/executor.h"
#include "service/guard.h"
#include "service/insider.h"
#include "service/process.h"
#include "service/settings.h"
#include "service/upkeep.h"

/* How often it is looked whether callers can be told apart already. */
enum { LOOK_MS = 2 };

/* Says why it ends, and with which code. */
static int
quit(enum status status, const struct error *error)
{
    bool unavailable = status == STATUS_UNAVAILABLE;

    if (status == STATUS_CANCELLED) {
        log_message(LOG_INFO, "stopped", "%s", error->text);
        return EXIT_SUCCESS;
    }
    log_message(LOG_ERROR, "stopped", "%s", error->text);
    return unavailable ? EXIT_UNAVAILABLE : EXIT_CONFIG;
}

/* A database that is there, safe, and has the schema. */
static enum status
open_database(const struct service_settings *settings, const char *name,
              const struct db_options *options, struct db_conn **conn, struct error *error)
{
    struct db_conn *made;
    enum status status =
        db_connect_retry(options, settings->db.max_retry, &process_stopping, &made, error);

    if (status != STATUS_OK) {
        return status;
    }
    status = db_check_safe(options, made, error);
    if (status == STATUS_OK) {
        status = db_migrate_service(made, settings->db.migrations_dir, name, settings->db.max_retry,
                                    &process_stopping, error);
    }
    if (status != STATUS_OK) {
        db_close(made);
        return status;
    }
    *conn = made;
    return STATUS_OK;
}

/* Whole or not at all: whoever waits for the file reads it as soon as it is there. */
static enum status
write_address(const char *path, const char *url, struct error *error)
{
    char draft[4096];
    FILE *file;
    bool written;

    if ((size_t)snprintf(draft, sizeof(draft), "%s.%ld", path, (long)getpid()) >= sizeof(draft)) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "RPC_ADDRESS_FILE is too long");
    }
    file = fopen(draft, "we");
    written = file != NULL && fprintf(file, "%s\n", url) > 0;
    if ((file != NULL && fclose(file) != 0) || !written || rename(draft, path) != 0) {
        enum status status =
            error_set(error, STATUS_INVALID_ARGUMENT, "RPC_ADDRESS_FILE: cannot write %s: %s", path,
                      strerror(errno));

        unlink(draft);
        return status;
    }
    return STATUS_OK;
}

static void
log_started(const struct service_settings *settings, const struct service_program *program,
            const char *url)
{
    struct log_line line;

    log_begin(&line, LOG_INFO, "started");
    log_str(&line, "listen", url);
    service_settings_log(settings, program, &line);
    log_end(&line);
    auth_settings_warn(&settings->auth);
}

/* Serves until told to stop, then lets what is under way come to its end. */
static void
serve(const struct service_settings *settings, struct rpc_server *server)
{
    size_t n_cut;
    int seen;

    process_wait_signal(0, -1);
    seen = process_signals();
    log_message(LOG_INFO, "draining", "for %d s", settings->rpc.drain_delay_s);
    log_flush();
    rpc_server_drain(server);
    process_wait_signal(seen, (int64_t)settings->rpc.drain_delay_s * 1000);
    n_cut = rpc_server_close(server, settings->rpc.drain_grace_s * 1000);
    log_message(n_cut > 0 ? LOG_WARN : LOG_INFO, "stopped", "%zu calls were cut", n_cut);
}

/* What a process has once its database is there; the end of the process is its end. */
struct running {
    const struct service_program *program;
    const struct service_settings *settings;
    struct guard *guard; /* NULL: nobody is served */
    struct rpc_executor executor;
    struct insider *insider;
};

static enum status
open_running(struct running *self, unsigned workers, struct error *error)
{
    const struct service *service = self->program->service;
    struct executor_options executing = {
        .service = service,
        .db = db_settings_options(&self->settings->db, service->name, service->name),
        .workers = workers,
        .log_calls = self->settings->rpc.log_requests,
        .guard = self->guard,
    };
    struct executor *executor;
    struct db_conn *conn;
    enum status status = open_database(self->settings, service->name, &executing.db, &conn, error);

    process_hold_signals();
    if (status == STATUS_OK) {
        status = executor_open(&executing, conn, &executor, error);
    }
    if (status == STATUS_OK) {
        self->executor = executor_callbacks(executor);
        self->insider = insider_new(&self->executor, workers);
    }
    return status;
}

/* Calls that wait for a restart are not to be the ones who are told that nobody is known. */
static void
wait_for_callers(struct guard *guard)
{
    int64_t until_us = clock_us() + LIMIT_DOWN_MS * 1000;
    const char *why;

    while (!guard_ready(guard, &why) && clock_us() < until_us && process_wait(LOOK_MS)) {
    }
}

/* What is to be so before anybody is served. */
static enum status
prepare(struct running *self, struct upkeep **upkeep, struct error *error)
{
    const struct service_program *program = self->program;
    enum status status;

    *upkeep = upkeep_new(program->service, self->insider);
    status = upkeep_first(*upkeep, self->settings->db.max_retry, process_wait, error);
    if (status == STATUS_OK && program->begin != NULL) {
        status = program->begin(error);
    }
    if (status == STATUS_OK) {
        status = guard_start(self->guard, program->service, self->insider, &self->settings->rpc.tls,
                             error);
    }
    if (status == STATUS_OK) {
        wait_for_callers(self->guard);
    }
    return status;
}

static enum status
listen_at(struct running *self, struct rpc_server **server, struct error *error)
{
    const struct service_settings *settings = self->settings;
    struct rpc_server_options serving = {
        .listen_url = settings->listen,
        .workers = (unsigned)settings->workers,
        .services = self->program->service->services,
        .tls = settings->rpc.tls,
        .executor = self->executor,
    };
    enum status status = rpc_server_open(&serving, server, error);

    if (status == STATUS_OK && settings->address_file != NULL) {
        status = write_address(settings->address_file, rpc_server_url(*server), error);
    }
    return status;
}

static enum status
run(struct running *self, struct error *error)
{
    struct rpc_server *server;
    struct upkeep *upkeep;
    enum status status =
        service_settings_check_serving(self->settings, self->program->service, error);

    if (status != STATUS_OK) {
        return status;
    }
    self->guard = guard_new(&self->settings->auth);
    status = open_running(self, (unsigned)self->settings->workers, error);
    if (status == STATUS_OK) {
        status = prepare(self, &upkeep, error);
    }
    if (status == STATUS_OK) {
        status = listen_at(self, &server, error);
    }
    if (status == STATUS_OK) {
        log_started(self->settings, self->program, rpc_server_url(server));
        upkeep_start(upkeep);
        log_hold(); /* from now on each frame writes its lines at once */
        serve(self->settings, server);
    }
    return status;
}

static enum status
open_program(const struct service_program *program, struct service_settings *settings,
             struct error *error)
{
    enum status status;

    log_open(program->service->name, LOG_INFO);
    status = service_settings_load(settings, program, error);
    if (status == STATUS_OK) {
        log_open(program->service->name, settings->rpc.log_level);
        status = program->open == NULL ? STATUS_OK : program->open(error);
    }
    return status;
}

static int
start(const struct service_program *program)
{
    struct service_settings settings;
    struct running running = {.program = program, .settings = &settings};
    struct error error;
    enum status status = open_program(program, &settings, &error);

    if (status == STATUS_OK) {
        process_catch_signals();
        status = run(&running, &error);
    }
    return status == STATUS_OK ? EXIT_SUCCESS : quit(status, &error);
}

/* `call METHOD [JSON]`: quietly, so that what it prints is the reply or the problem. */
static int
call(const struct service_program *program, const char *name, const char *json)
{
    const struct pb_method *method = command_find(program->service, name);
    struct service_settings settings;
    struct running running = {.program = program, .settings = &settings};
    struct error error;
    enum status status;

    if (method == NULL) {
        fprintf(stderr, "%s has no such method for operators: %s; there are:\n",
                program->service->name, name);
        command_list(program->service, stderr);
        return EXIT_FAILURE;
    }
    status = open_program(program, &settings, &error);
    if (status == STATUS_OK) {
        log_open(program->service->name, LOG_WARN);
        process_catch_signals();
        status = open_running(&running, 0, &error);
    }
    return status == STATUS_OK ? command_run(running.insider, method, json, stdin, stdout, stderr)
                               : quit(status, &error);
}

static int
usage(const char *program)
{
    fprintf(stderr,
            "%s takes no arguments but --help, --config-markdown and call METHOD [JSON|-]\n",
            program);
    return EXIT_CONFIG;
}

int
service_main(const struct service_program *program, int argc, char **argv)
{
    int code;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        service_settings_help(program, stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--config-markdown") == 0) {
        service_settings_markdown(program, stdout);
        return EXIT_SUCCESS;
    }
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "call") == 0) {
        code = call(program, argv[2], argc == 4 ? argv[3] : NULL);
    } else {
        code = argc == 1 ? start(program) : usage(argv[0]);
    }
    /* Threads of libraries are still there: no one may run on over what exit() takes down. */
    log_flush();
    fflush(stdout);
    _exit(code);
}
