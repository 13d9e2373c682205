#include "support/hold.h"

#include <criterion/criterion.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/process.h"

static void
run(PGconn *session, const char *sql)
{
    PGresult *result = PQexec(session, sql);

    cr_assert_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s", PQerrorMessage(session));
    PQclear(result);
}

void
hold_table(struct hold *self, const struct test_database *database, const char *table)
{
    char sql[128];

    self->session = PQconnectdb(database->url);
    cr_assert_eq(PQstatus(self->session), CONNECTION_OK, "%s", PQerrorMessage(self->session));
    snprintf(sql, sizeof(sql), "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", table);
    run(self->session, "BEGIN");
    run(self->session, sql);
}

struct waiting {
    PGconn *session;
    int wanted;
};

static bool
is_waited_for(void *closure)
{
    const struct waiting *waiting = closure;
    PGresult *result = PQexec(waiting->session, "SELECT count(*) FROM pg_locks WHERE NOT granted "
                                                "AND locktype = 'relation' AND database = (SELECT "
                                                "oid FROM pg_database WHERE datname = "
                                                "current_database())");
    int n;

    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(waiting->session));
    n = atoi(PQgetvalue(result, 0, 0));
    PQclear(result);
    return n >= waiting->wanted;
}

void
hold_expect_waiting(const struct hold *self, int n)
{
    cr_assert(wait_until(is_waited_for, &(struct waiting){self->session, n}, 60));
}

void
hold_release(struct hold *self)
{
    PQfinish(self->session);
}
