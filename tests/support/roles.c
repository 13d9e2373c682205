#include "support/roles.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "support/process.h"
#include "support/temp.h"

struct roles roles;

int
roles_shell(const char *command)
{
    int status = system(command);

    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
put_secret(const char *role, const char *text)
{
    char path[128];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s_password", roles.secrets, role);
    stream = fopen(path, "we");
    cr_assert_not_null(stream);
    cr_assert_geq(fprintf(stream, "%s\n", text), 0);
    cr_assert_eq(fclose(stream), 0);
}

int
roles_make(void)
{
    char command[2048];

    snprintf(command, sizeof(command),
             "psql -qX -v secrets='%s' -f " DEPOT_SOURCE_FOLDER "/deploy/roles.sql '%s'",
             roles.secrets, roles.database.url);
    return roles_shell(command);
}

const char *
roles_url(const char *role)
{
    static char url[1024];

    test_database_tcp_url(&roles.database, role, roles.password, url, sizeof(url));
    return url;
}

int
roles_migrate(const char *role, const char *arguments)
{
    char command[1024];

    setenv("DATABASE_URL", roles_url(role), 1);
    snprintf(command, sizeof(command), "%s %s >/dev/null", roles.tool, arguments);
    return roles_shell(command);
}

void
roles_open(void)
{
    static const char *const names[] = {"depot_migrator", "depot_inventory", "depot_accounts"};
    unsigned char random[16];
    char sql[128];

    test_database_open(&roles.database);
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s RESET search_path", roles.database.name);
    test_database_run(&roles.database, sql);
    temp_template(roles.secrets, sizeof(roles.secrets), "depot-roles");
    cr_assert_not_null(mkdtemp(roles.secrets));
    randombytes_buf(random, sizeof(random));
    sodium_bin2hex(roles.password, sizeof(roles.password), random, sizeof(random));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        put_secret(names[i], roles.password);
    }
    test_program("tools/migrate/depot-migrate", roles.tool, sizeof(roles.tool));
    setenv("MIGRATIONS_DIR", DEPOT_SOURCE_FOLDER "/migrations", 1);
    setenv("AUTH_MODE", "off", 1);
}

void
roles_open_migrated(void)
{
    roles_open();
    cr_assert_eq(roles_make(), 0);
    cr_assert_eq(roles_migrate("depot_migrator", "up"), 0);
}

void
roles_close(void)
{
    char command[128];

    test_database_drop(&roles.database);
    snprintf(command, sizeof(command), "rm -rf %s", roles.secrets);
    cr_assert_eq(roles_shell(command), 0);
}

void
roles_value_is(const char *sql, const char *wanted)
{
    test_database_expect(&roles.database, sql, wanted);
}

void
roles_start_inventory(struct process *process, const char *retries)
{
    char program[512], url[1100], max_retry[32];
    const char *argv[] = {test_program("inventory/inventory", program, sizeof(program)), NULL};
    const char *environment[] = {url, max_retry, "RPC_LISTEN=tcp://127.0.0.1:0", "RPC_WORKERS=1",
                                 NULL};

    snprintf(url, sizeof(url), "DATABASE_URL=%s", roles_url("depot_inventory"));
    snprintf(max_retry, sizeof(max_retry), "DB_MAX_RETRY=%s", retries);
    process_start(process, argv, environment);
}
