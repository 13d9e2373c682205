#include "service/main.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "db/migrate.h"
#include "service/executor.h"
#include "service/settings.h"

static atomic_bool stopping;
static atomic_int n_signals;
static sigset_t waiting_mask; /* in force while the main thread waits */

static void
on_signal(int number)
{
    (void)number;
    stopping = true;
    n_signals++;
}

static void
catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* From now on only wait_signal lets them in, so that no thread made later is interrupted. */
static void
hold_signals(void)
{
    sigset_t held;

    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    pthread_sigmask(SIG_BLOCK, &held, &waiting_mask);
}

/* Waits until more than `seen` signals have come, or for so long (negative: for ever). */
static void
wait_signal(int seen, int64_t wait_ms)
{
    int64_t end_us = clock_us() + wait_ms * 1000;

    while (n_signals <= seen) {
        int64_t left_us = end_us - clock_us();
        struct timespec left = {.tv_sec = (time_t)(left_us / 1000000),
                                .tv_nsec = (long)(left_us % 1000000 * 1000)};

        if (wait_ms >= 0 && left_us <= 0) {
            return;
        }
        ppoll(NULL, 0, wait_ms < 0 ? NULL : &left, &waiting_mask);
    }
}

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
    enum status status = db_connect_retry(options, settings->db.max_retry, &stopping, &made, error);

    if (status != STATUS_OK) {
        return status;
    }
    status = db_check_safe(options, made, error);
    if (status == STATUS_OK) {
        status = db_migrate_service(made, settings->db.migrations_dir, name, settings->db.max_retry,
                                    &stopping, error);
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
log_started(const struct service_settings *settings, const char *url)
{
    struct log_line line;

    log_begin(&line, LOG_INFO, "started");
    log_str(&line, "listen", url);
    service_settings_log(settings, &line);
    log_end(&line);
}

/* Serves until told to stop, then lets what is under way come to its end. */
static void
serve(const struct service_settings *settings, struct rpc_server *server)
{
    size_t n_cut;
    int seen;

    wait_signal(0, -1);
    seen = n_signals;
    log_message(LOG_INFO, "draining", "for %d s", settings->drain_delay_s);
    log_flush();
    rpc_server_drain(server);
    wait_signal(seen, (int64_t)settings->drain_delay_s * 1000);
    n_cut = rpc_server_close(server, settings->drain_grace_s * 1000);
    log_message(n_cut > 0 ? LOG_WARN : LOG_INFO, "stopped", "%zu calls were cut", n_cut);
}

static enum status
run(const struct service *service, const struct service_settings *settings, struct error *error)
{
    struct db_options options = db_settings_options(&settings->db, service->name, service->name);
    struct executor_options executing = {
        .service = service,
        .db = options,
        .workers = (unsigned)settings->workers,
        .log_calls = settings->log_calls,
    };
    struct rpc_server_options serving = {
        .listen_url = settings->listen,
        .workers = (unsigned)settings->workers,
        .services = service->services,
        .tls = settings->tls,
    };
    struct executor *executor;
    struct rpc_server *server;
    struct db_conn *conn;
    enum status status = open_database(settings, service->name, &options, &conn, error);

    hold_signals();
    if (status == STATUS_OK) {
        status = executor_open(&executing, conn, &executor, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    serving.executor = executor_callbacks(executor);
    status = rpc_server_open(&serving, &server, error);
    if (status == STATUS_OK && settings->address_file != NULL) {
        status = write_address(settings->address_file, rpc_server_url(server), error);
    }
    if (status == STATUS_OK) {
        log_started(settings, rpc_server_url(server));
        log_hold(); /* from now on each frame writes its lines at once */
        serve(settings, server);
    }
    return status;
}

static int
start(const struct service *service)
{
    struct service_settings settings;
    struct error error;
    enum status status;

    log_open(service->name, LOG_INFO);
    status = service_settings_load(&settings, &error);
    if (status != STATUS_OK) {
        return quit(status, &error);
    }
    log_open(service->name, settings.log_level);
    catch_signals();
    status = run(service, &settings, &error);
    return status == STATUS_OK ? EXIT_SUCCESS : quit(status, &error);
}

int
service_main(const struct service_program *program, int argc, char **argv)
{
    const struct service *service = program->service;
    int code;

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        service_settings_help(service->name, stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--config-markdown") == 0) {
        service_settings_markdown(stdout);
        return EXIT_SUCCESS;
    }
    if (argc > 1) {
        fprintf(stderr, "%s takes no arguments but --help and --config-markdown\n", argv[0]);
        return EXIT_CONFIG;
    }
    code = start(service);
    /* Threads of libraries are still there: no one may run on over what exit() takes down. */
    log_flush();
    _exit(code);
}
