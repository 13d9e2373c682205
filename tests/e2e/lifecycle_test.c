/* How processes start, refuse to start, and end. */
#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/load.h"
#include "support/server.h"

TestSuite(lifecycle, .timeout = 300);

/* Runs inventory with an environment until it ends by itself; returns its exit code and its log. */
static int
run_inventory(const char *const *environment, char **log)
{
    struct process process;
    char path[512];
    const char *argv[] = {test_program("inventory/inventory", path, sizeof(path)), NULL};
    int code;

    process_start(&process, argv, environment);
    code = process_wait(&process, 120);
    *log = process_log(&process);
    process_stop(&process);
    return code;
}

static size_t
count_lines(const char *log, const char *text)
{
    size_t n = 0;

    for (const char *at = log; (at = strstr(at, text)) != NULL; at++) {
        n++;
    }
    return n;
}

Test(lifecycle, a_database_that_never_comes_ends_the_service_with_69)
{
    const char *environment[] = {"DATABASE_URL=postgresql://depot@127.0.0.1:1/depot",
                                 "DB_MAX_RETRY=3", "RPC_LISTEN=tcp://127.0.0.1:0", "AUTH_MODE=off",
                                 NULL};
    char *log;
    int code = run_inventory(environment, &log);

    cr_assert_eq(code, 69, "%d: %s", code, log);
    cr_assert_geq(count_lines(log, "\"event\":\"database_connect\""), 4, "%s", log);
    free(log);
}

Test(lifecycle, a_database_that_comes_late_is_found)
{
    struct server server;
    struct process process;
    char path[512];
    char url[300];
    const char *argv[] = {test_program("inventory/inventory", path, sizeof(path)), NULL};
    const char *environment[] = {url, "DB_MAX_RETRY=100", "RPC_LISTEN=tcp://127.0.0.1:0",
                                 "AUTH_MODE=off", NULL};

    server_make(&server);
    snprintf(url, sizeof(url), "DATABASE_URL=%s", server.url);
    process_start(&process, argv, environment);
    cr_assert(process_wait_log(&process, "\"event\":\"database_connect\"", 30));
    server_start(&server, NULL);
    cr_assert(process_wait_log(&process, "\"event\":\"started\"", 60));
    process_signal(&process, SIGTERM);
    cr_assert_eq(process_wait(&process, 60), 0);
    process_stop(&process);
    server_remove(&server);
}

/* Whether somebody has asked in vain for the lock that `holder` has. */
static bool
is_asked_for(void *holder)
{
    PGresult *result = PQexec(holder, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                                      "'SELECT pg_try_advisory_lock%' AND datname = "
                                      "current_database() AND state = 'idle'");
    bool asked = strcmp(PQgetvalue(result, 0, 0), "0") != 0;

    PQclear(result);
    return asked;
}

/* Another process migrates, or has forgotten that it does: nobody waits for it against his will. */
Test(lifecycle, a_service_that_waits_for_migrations_can_be_stopped, .timeout = 120)
{
    struct test_database database;
    struct process process;
    char path[512];
    char url[1100];
    const char *argv[] = {test_program("inventory/inventory", path, sizeof(path)), NULL};
    const char *environment[] = {url, "RPC_LISTEN=tcp://127.0.0.1:0", "AUTH_MODE=off", NULL};
    PGconn *holder;
    char *log;

    test_database_open(&database);
    holder = PQconnectdb(database.url);
    PQclear(PQexec(holder, "SELECT pg_advisory_lock(431198596980)"));
    snprintf(url, sizeof(url), "DATABASE_URL=%s", database.url);
    process_start(&process, argv, environment);
    cr_assert(wait_until(is_asked_for, holder, 60), "%s", process_log(&process));
    process_signal(&process, SIGTERM);
    cr_assert_eq(process_wait(&process, 30), 0);
    log = process_log(&process);
    cr_assert_eq(count_lines(log, "\"event\":\"stopped\""), 1, "%s", log);
    cr_assert_eq(count_lines(log, "\"event\":\"started\""), 0, "%s", log);
    free(log);
    process_stop(&process);
    PQfinish(holder);
    test_database_drop(&database);
}

Test(lifecycle, an_unsafe_database_is_refused_with_78_unless_allowed)
{
    const char *settings[] = {"fsync=off", NULL};
    const char *environment[] = {NULL, "RPC_LISTEN=tcp://127.0.0.1:0", "AUTH_MODE=off", NULL, NULL};
    struct server server;
    struct process process;
    char path[512];
    char url[300];
    char *log;
    int code;
    const char *argv[] = {test_program("inventory/inventory", path, sizeof(path)), NULL};

    server_make(&server);
    server_start(&server, settings);
    snprintf(url, sizeof(url), "DATABASE_URL=%s", server.url);
    environment[0] = url;
    code = run_inventory(environment, &log);
    cr_assert_eq(code, 78, "%d: %s", code, log);
    cr_assert_not_null(strstr(log, "fsync"), "%s", log);
    free(log);
    environment[3] = "ALLOW_UNSAFE_DB=1";
    process_start(&process, argv, environment);
    cr_assert(process_wait_log(&process, "\"event\":\"started\"", 60));
    process_stop(&process);
    server_remove(&server);
}

Test(lifecycle, a_bad_setting_is_named_and_ends_with_78)
{
    const char *environment[] = {"DATABASE_URL=postgresql:///x", "RPC_WORKERS=many", NULL};
    char *log;

    cr_assert_eq(run_inventory(environment, &log), 78);
    cr_assert_not_null(strstr(log, "RPC_WORKERS"), "%s", log);
    cr_assert_not_null(strstr(log, "many"), "%s", log);
    free(log);
}

Test(lifecycle, a_taken_port_is_one_clear_line)
{
    struct stack stack;
    struct process second;
    char path[512];
    char port[64];
    char *log;
    const char *argv[] = {test_program("gateway/gateway", path, sizeof(path)), NULL};
    const char *environment[] = {port, "INVENTORY_ADDRESSES=tcp://127.0.0.1:1",
                                 "ACCOUNTS_ADDRESSES=tcp://127.0.0.1:1", NULL};

    stack_start(&stack, &(struct stack_options){0});
    snprintf(port, sizeof(port), "GATEWAY_PORT=%d", stack.port);
    process_start(&second, argv, environment);
    cr_assert_gt(process_wait(&second, 30), 0);
    log = process_log(&second);
    cr_assert_not_null(strstr(log, port + 13), "%s", log);
    cr_assert_eq(count_lines(log, "\n"), 1, "%s", log);
    free(log);
    process_stop(&second);
    stack_stop(&stack);
}

/* Nobody listens there any more. */
static bool
is_refused(const struct stack *stack)
{
    struct http_response response;
    bool refused;

    stack_send(stack, &response, "GET", "/livez", NULL, NULL);
    refused = response.status == 0 && !response.cut;
    http_free(&response);
    return refused;
}

/*
 * SIGTERM under load: not ready at once, serving for DRAIN_DELAY, then an end, while clients go on
 * calling. Every request that was taken is answered; others find nobody who listens. Then the
 * service, which has nothing left to do.
 */
Test(lifecycle, the_gateway_drains)
{
    /* Within it something is asked twenty times, also of a machine that is busy. */
    const char *drain[] = {"DRAIN_DELAY=6", NULL};
    struct stack stack;
    struct load load;

    stack_start(&stack, &(struct stack_options){.gateway = drain});
    load_start(&load, &stack);
    cr_assert(load_advance(&load, 50, 60));
    process_signal(&stack.gateway, SIGTERM);
    cr_assert(stack_wait_not_ready(&stack, 60));
    cr_assert_eq(atomic_load(&load.refused), 0, "%d refused", atomic_load(&load.refused));
    cr_assert(load_advance(&load, 20, 60));
    cr_assert_eq(process_wait(&stack.gateway, 60), 0);
    cr_assert(is_refused(&stack));
    load_stop(&load);
    cr_assert_eq(atomic_load(&load.lost), 0, "%d lost", atomic_load(&load.lost));
    process_signal(&stack.inventory[0], SIGTERM);
    cr_assert_eq(process_wait(&stack.inventory[0], 60), 0);
    load_verify(&load);
    stack_stop(&stack);
}

/* A replica that is told to go finishes what it has; its calls go to the other one. */
Test(lifecycle, inventory_drains)
{
    const char *drain[] = {"DRAIN_DELAY=2", NULL};
    struct stack stack;
    struct load load;
    bool closed;

    stack_start(&stack, &(struct stack_options){.replicas = 2, .services = drain});
    load_start(&load, &stack);
    cr_assert(load_advance(&load, 50, 60));
    process_signal(&stack.inventory[0], SIGTERM);
    cr_assert_eq(process_wait(&stack.inventory[0], 60), 0);
    free(http_raw(stack.rpc_ports[0], "", 0, 1, &closed));
    cr_assert(closed, "somebody still listens");
    cr_assert(load_advance(&load, 50, 60));
    load_stop(&load);
    cr_assert_eq(atomic_load(&load.refused), 0, "%d refused", atomic_load(&load.refused));
    load_verify(&load);
    stack_stop(&stack);
}

static void *
continue_later(void *accounts)
{
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    process_signal(accounts, SIGCONT);
    return NULL;
}

static bool
is_answered(void *stack)
{
    struct http_response response;
    char *reason;
    bool answered;

    stack_send(stack, &response, "GET", "/v1/cars", NULL, NULL);
    answered = response.status == 200;
    if (!answered) {
        reason = http_member(&response, "reason");
        cr_assert_str_neq(reason, "ACCESS_UNKNOWN");
        free(reason);
    }
    http_free(&response);
    return answered;
}

/* Calls wait for a service that starts; it takes none before it can tell whose they are. */
Test(lifecycle, who_calls_a_service_that_starts_is_known_to_it)
{
    struct stack stack;
    pthread_t thread;

    stack_start(&stack, &(struct stack_options){0});
    for (int i = 0; i < 3; i++) {
        process_stop(&stack.inventory[0]);
        process_signal(&stack.accounts, SIGSTOP);
        cr_assert_eq(pthread_create(&thread, NULL, continue_later, &stack.accounts), 0);
        stack_start_inventory(&stack, 0);
        cr_assert(wait_until(is_answered, &stack, 60));
        pthread_join(thread, NULL);
    }
    stack_stop(&stack);
}

/* Garbage on the internal port is somebody's mistake, not the service's end. */
Test(lifecycle, garbage_on_the_rpc_port_changes_nothing)
{
    static const char sp_header[] = "\0SP\0\0\x30\0\0";
    struct stack stack;
    char noise[4096];
    bool closed;

    stack_start(&stack, &(struct stack_options){0});
    srand(11);
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (char)rand();
    }
    for (int i = 0; i < 5; i++) {
        free(http_raw(stack.rpc_ports[0], "", 0, 0, &closed));
        free(http_raw(stack.rpc_ports[0], noise, sizeof(noise), 1, &closed));
        memcpy(noise, sp_header, 8);
        free(http_raw(stack.rpc_ports[0], noise, sizeof(noise), 1, &closed));
        free(http_raw(stack.rpc_ports[0], "GET / HTTP/1.1\r\n\r\n", 18, 1, &closed));
    }
    free(stack_expect(&stack, 200, "GET", "/v1/cars", NULL, NULL));
    cr_assert(stack_wait_ready(&stack, 60));
    stack_stop(&stack);
}
