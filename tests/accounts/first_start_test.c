/* The first administrator, as the program makes one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/password.h"
#include "base/limits.h"
#include "support/cluster.h"
#include "support/process.h"

static struct test_database database;

static void
open_database(void)
{
    static const struct password_options options = {.threads = 1,
                                                    .memory_mib = PASSWORD_MEMORY_MIB_MIN,
                                                    .passes = PASSWORD_PASSES_MIN,
                                                    .registrations = 1};
    struct error error;

    cr_assert_eq(password_open(&options, &error), STATUS_OK);
    test_database_open(&database);
}

static void
close_database(void)
{
    test_database_drop(&database);
    password_close();
}

TestSuite(first_start, .init = open_database, .fini = close_database, .timeout = 120);

static void
start(struct process *process, const char *setting)
{
    char program[512], url[sizeof(database.url) + 32];
    const char *argv[] = {test_program("accounts/accounts", program, sizeof(program)), NULL};
    const char *environment[] = {
        url, "SECRET_KEY=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", setting,
        NULL};

    snprintf(url, sizeof(url), "DATABASE_URL=%s", database.url);
    *process = (struct process){0};
    process_start(process, argv, environment);
}

/* The log of a start, up to its end. */
static char *
log_of_start(const char *setting)
{
    struct process process;
    char *log;

    start(&process, setting);
    cr_assert(process_wait_log(&process, "\"started\"", 60));
    log = process_log(&process);
    process_stop(&process);
    return log;
}

static void
expect(const char *sql, const char *value)
{
    test_database_expect(&database, sql, value);
}

static bool
is_password(const char *password)
{
    char *hash = test_database_value(&database, "SELECT password_hash FROM accounts.account "
                                                "WHERE username = 'admin' AND role = 'ADMIN'");
    bool fits = false, stale;
    struct arena arena;
    struct call call;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    call_init(&call, &arena);
    cr_assert_eq(password_verify(&call, hash, password, &fits, &stale), STATUS_OK);
    arena_fini(&arena);
    free(hash);
    return fits;
}

/* Printed once, as a plain line; nothing is made when there is somebody. */
Test(first_start, password_is_shown_once)
{
    static const char mark[] = "with the password ";
    char *log = log_of_start(NULL), *again = log_of_start(NULL);
    char password[64] = "";
    char *at = strstr(log, mark);

    cr_assert_not_null(at, "%s", log);
    cr_assert_eq(sscanf(at + strlen(mark), "%63s", password), 1);
    cr_assert_geq(strlen(password), 20);
    cr_assert(is_password(password));
    cr_assert_null(strstr(strstr(log, password) + 1, password), "twice");
    cr_assert_null(strstr(again, mark));
    cr_assert_null(strstr(again, password));
    expect("SELECT count(*) FROM accounts.account", "1");
    free(log);
    free(again);
}

/* It counts at every start; a start with the same one ends no sessions. */
Test(first_start, setting_counts)
{
    static const char session[] =
        "INSERT INTO accounts.session (id, account_id, token_hash, expire_time, client_address) "
        "SELECT '01900000-0000-7000-8000-000000000001', id, sha256('x'), now() + interval '1 day', "
        "'' FROM accounts.account";
    char *log = log_of_start("ADMIN_PASSWORD=a password of mine");

    cr_assert_null(strstr(log, "a password of mine"));
    free(log);
    cr_assert(is_password("a password of mine"));
    test_database_run(&database, session);
    free(log_of_start("ADMIN_PASSWORD=a password of mine"));
    expect("SELECT count(*) FROM accounts.session", "1");
    test_database_run(&database, "UPDATE accounts.account SET role = 'MEMBER'");
    free(log_of_start("ADMIN_PASSWORD=another one of mine"));
    cr_assert(is_password("another one of mine"));
    expect("SELECT count(*) FROM accounts.session", "0");
    expect("SELECT count(*) FROM accounts.account", "1");
}

static void
expect_refused(const char *setting, const char *name)
{
    struct process process;
    char *log;

    start(&process, setting);
    cr_assert_eq(process_wait(&process, 60), 78);
    log = process_log(&process);
    cr_assert_not_null(strstr(log, name), "%s", log);
    free(log);
    process_stop(&process);
}

Test(first_start, settings_are_checked)
{
    expect_refused("ADMIN_PASSWORD=short", "ADMIN_PASSWORD");
    expect_refused("ADMIN_PASSWORD=password12345", "ADMIN_PASSWORD");
    expect_refused("TOKEN_ISSUER=a\"b", "TOKEN_ISSUER");
    expect_refused("ACCESS_TOKEN_SECONDS=601", "ACCESS_TOKEN_SECONDS");
}
