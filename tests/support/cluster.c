#include "support/cluster.h"

#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "db/migrate.h"
#include "db/migration_files.h"

/* Ends the process, not only the test's function: also that of a child which a test has forked. */
static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

static const char *
environment(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL || value[0] == '\0') {
        give_up("%s is not set: tests with a database run under tests/run.sh (`make test`)", name);
    }
    return value;
}

static PGconn *
connect_to(const char *url)
{
    PGconn *pg = PQconnectdb(url);

    if (PQstatus(pg) != CONNECTION_OK) {
        give_up("no connection to %s: %s", url, PQerrorMessage(pg));
    }
    return pg;
}

static PGresult *
run(PGconn *pg, const char *sql)
{
    PGresult *result = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        give_up("%s\n%s", sql, PQerrorMessage(pg));
    }
    return result;
}

static void
run_at(const char *url, const char *sql)
{
    PGconn *pg = connect_to(url);

    PQclear(run(pg, sql));
    PQfinish(pg);
}

/* A part of TEST_DATABASE_URL; lives as long as the process. */
static const char *
part(const char *keyword)
{
    static PQconninfoOption *info;

    if (info == NULL) {
        info = PQconninfoParse(environment("TEST_DATABASE_URL"), NULL);
    }
    for (PQconninfoOption *item = info; item != NULL && item->keyword != NULL; item++) {
        if (strcmp(item->keyword, keyword) == 0 && item->val != NULL) {
            return item->val;
        }
    }
    give_up("TEST_DATABASE_URL gives no %s", keyword);
}

const char *
test_cluster_host(void)
{
    return part("host");
}

const char *
test_cluster_user(void)
{
    return part("user");
}

int
test_cluster_tcp_port(void)
{
    return atoi(environment("TEST_DATABASE_TCP_PORT"));
}

const char *
test_cluster_password(void)
{
    return environment("TEST_DATABASE_PASSWORD");
}

static void
percent_encode(const char *text, char *out, size_t out_bytes)
{
    size_t n = 0;

    for (; *text != '\0' && n + 4 < out_bytes; text++) {
        n += (size_t)snprintf(out + n, out_bytes - n, "%%%02X", (unsigned char)*text);
    }
    out[n] = '\0';
}

void
test_database_open(struct test_database *self)
{
    char host[512], user[256], sql[256];

    snprintf(self->name, sizeof(self->name), "test_%d_%08x", (int)getpid(), randombytes_random());
    snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE template0", self->name);
    run_at(environment("TEST_DATABASE_URL"), sql);
    snprintf(sql, sizeof(sql), "ALTER DATABASE %s SET search_path = inventory, accounts, public",
             self->name);
    run_at(environment("TEST_DATABASE_URL"), sql);
    percent_encode(part("host"), host, sizeof(host));
    percent_encode(part("user"), user, sizeof(user));
    snprintf(self->url, sizeof(self->url), "postgresql://%s@/%s?host=%s&port=%s", user, self->name,
             host, part("port"));
}

/* The platform's tables without a service, in `public`. */
static void
make_platform(const struct test_database *self)
{
    struct migration_files files;
    struct arena arena;
    struct error error;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    if (migration_files_read(&arena, DEPOT_SOURCE_FOLDER "/migrations/platform", &files, &error) !=
        STATUS_OK) {
        give_up("%s", error.text);
    }
    for (int i = 0; i < files.n; i++) {
        test_database_run(self, files.migrations[i].up);
    }
    arena_fini(&arena);
}

void
test_database_migrate(const struct test_database *self, const char *service)
{
    struct db_options options = {.url = self->url, .application_name = "test"};
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error;

    if (strcmp(service, "platform") == 0) {
        make_platform(self);
        return;
    }
    if (db_connect(&options, &conn, &failure, &error) != STATUS_OK ||
        db_migrate_up(conn, DEPOT_SOURCE_FOLDER "/migrations", service, NULL, &error) !=
            STATUS_OK) {
        give_up("%s cannot be migrated: %s", self->name, error.text);
    }
    db_close(conn);
}

void
test_database_drop(struct test_database *self)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", self->name);
    run_at(environment("TEST_DATABASE_URL"), sql);
    *self = (struct test_database){0};
}

void
test_database_run(const struct test_database *self, const char *sql)
{
    run_at(self->url, sql);
}

char *
test_database_value(const struct test_database *self, const char *sql)
{
    PGconn *pg = connect_to(self->url);
    PGresult *result = run(pg, sql);
    char *value;

    if (PQntuples(result) == 0) {
        give_up("%s\ngave no row", sql);
    }
    value = strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(pg);
    return value;
}

void
test_database_expect(const struct test_database *self, const char *sql, const char *wanted)
{
    char *value = test_database_value(self, sql);

    cr_assert_str_eq(value, wanted, "%s gave %s instead of %s", sql, value, wanted);
    free(value);
}

void
test_database_tcp_url(const struct test_database *self, const char *user, const char *password,
                      char *url, size_t url_bytes)
{
    char name[256], secret[256];

    percent_encode(user, name, sizeof(name));
    percent_encode(password, secret, sizeof(secret));
    snprintf(url, url_bytes, "postgresql://%s:%s@127.0.0.1:%d/%s", name, secret,
             test_cluster_tcp_port(), self->name);
}
