/* What a service's process refuses to start with, and what it does for its operator. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cluster.h"
#include "support/process.h"

#define SECRET "SECRET_KEY=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

TestSuite(service, .timeout = 120);

/* Runs a program until it ends by itself; its exit code, and what it has printed. */
static int
run(const char *program, const char *const *arguments, const char *const *environment, char **log)
{
    struct process process;
    char path[512];
    const char *argv[8] = {test_program(program, path, sizeof(path))};
    int code;

    for (size_t i = 0; arguments[i] != NULL; i++) {
        argv[i + 1] = arguments[i];
    }
    process_start(&process, argv, environment);
    code = process_wait(&process, 60);
    *log = process_log(&process);
    process_stop(&process);
    return code;
}

static const char *const no_arguments[] = {NULL};

static void
expect_refused(const char *program, const char *const *environment, const char *says)
{
    char *log;

    cr_expect_eq(run(program, no_arguments, environment, &log), 78, "%s", log);
    cr_expect_not_null(strstr(log, says), "no %s in %s", says, log);
    free(log);
}

#define REFUSED(program, says, ...)                                                                \
    expect_refused(program,                                                                        \
                   (const char *const[]){"DATABASE_URL=postgresql:///x", __VA_ARGS__, NULL}, says)

/* Before it looks for its database. */
Test(service, settings_that_do_not_go_together_are_refused)
{
    REFUSED("inventory/inventory", "ACCOUNTS_ADDRESSES must be set", "RPC_WORKERS=1");
    REFUSED("inventory/inventory", "refused with APP_ENV=production", "AUTH_MODE=off",
            "APP_ENV=production");
    REFUSED("inventory/inventory", "RPC_LISTEN must be loopback", "AUTH_MODE=off",
            "RPC_LISTEN=tcp://0.0.0.0:0");
    REFUSED("inventory/inventory", "RPC_LISTEN must be loopback", "AUTH_MODE=off",
            "RPC_LISTEN=tcp://[::]:0");
    REFUSED("inventory/inventory", "APP_ENV must be", "AUTH_MODE=off", "APP_ENV=prod");
    REFUSED("inventory/inventory", "RPC_TLS_DIR must be set", "AUTH_MODE=off",
            "RPC_LISTEN=tls+tcp://127.0.0.1:0");
    REFUSED("inventory/inventory", "/nowhere/ca.pem", "AUTH_MODE=off", "RPC_TLS_DIR=/nowhere");
    REFUSED("inventory/inventory", "64 hexadecimal digits", "AUTH_MODE=off", "SECRET_KEY=short");
    REFUSED("accounts/accounts", "SECRET_KEY must be set", "AUTH_MODE=off");
}

static int
call(const char *url, const char *method, const char *json, char **log)
{
    const char *arguments[] = {"call", method, json, NULL};
    const char *environment[] = {url, SECRET, NULL};

    return run("accounts/accounts", arguments, environment, log);
}

Test(service, calls_methods_for_its_operator)
{
    struct test_database database;
    char url[1100];
    char *log;

    test_database_open(&database);
    snprintf(url, sizeof(url), "DATABASE_URL=%s", database.url);
    cr_assert_eq(call(url, "RotateKeys", NULL, &log), 0, "%s", log);
    cr_assert_not_null(strstr(log, "{}"), "%s", log);
    free(log);
    cr_assert_eq(call(url, "RotateKeys", "{\"no\": 1}", &log), 1, "%s", log);
    cr_assert_not_null(strstr(log, "UNKNOWN_FIELD"), "%s", log);
    free(log);
    cr_assert_eq(call(url, "ListUsers", NULL, &log), 1, "%s", log);
    cr_assert_not_null(strstr(log, "RotateKeys"), "it says what there is: %s", log);
    free(log);
    test_database_drop(&database);
}

Test(service, shouts_when_nobody_is_asked)
{
    struct test_database database;
    struct process process;
    char path[512];
    char url[1100];
    const char *argv[] = {test_program("inventory/inventory", path, sizeof(path)), NULL};
    const char *environment[] = {url, "AUTH_MODE=off", NULL};

    test_database_open(&database);
    snprintf(url, sizeof(url), "DATABASE_URL=%s", database.url);
    process_start(&process, argv, environment);
    cr_assert(process_wait_log(&process, "AUTH_MODE_IS_OFF", 60));
    process_stop(&process);
    test_database_drop(&database);
}
