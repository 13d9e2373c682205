/* Queries and rpcs belong together: what is missing or left over is named, and stops the build. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define ACCEPTED_SET DEPOT_BUILD_FOLDER "/gen/accepted.pb"

static char folder[64], output[RUN_OUTPUT_BYTES];

static void
setup(void)
{
    run_enter(folder);
    run_write(folder, "make_thing.sql", "SELECT :'name'::text AS name;\nSELECT 1;\n");
    run_write(folder, "find_things.sql", "SELECT :'order'::text, :'after'::timestamptz;\n");
    run_write(folder, "drop_things.sql", "DELETE FROM thing;\n");
    run_write(folder, "peek_thing.sql", "SELECT ':''no parameter''' AS text; -- ;\n");
}

static void
teardown(void)
{
    run_leave(folder);
}

static int
make_queries(void)
{
    return run(output,
               PROTOGEN " queries " ACCEPTED_SET " %s/out accepted.proto thing/queries %s/*.sql",
               folder, folder);
}

TestSuite(queries, .init = setup, .fini = teardown);

Test(queries, become_constants)
{
    char path[128];
    char *text;

    cr_assert_eq(make_queries(), 0, "%s", output);
    snprintf(path, sizeof path, "%s/out/accepted.queries.c", folder);
    text = run_read(path);
    cr_assert_not_null(strstr(text, "const struct db_query accepted_query_make_thing = {"));
    cr_assert_not_null(strstr(text, ".name = \"make_thing_1\""));
    cr_assert_not_null(strstr(text, "\"SELECT $1::text AS name\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"SELECT ':''no parameter''' AS text\""), "%s", text);
    free(text);
}

Test(queries, an_rpc_without_query_is_named)
{
    cr_assert_eq(run(output, "rm %s/peek_thing.sql", folder), 0);
    cr_assert_eq(make_queries(), 1);
    cr_assert_str_eq(output, "accepted.proto:55:3: rpc PeekThing has no query: "
                             "thing/queries/peek_thing.sql is missing\n");
}

Test(queries, a_query_without_rpc_is_named)
{
    run_write(folder, "get_lost.sql", "SELECT 1;\n");
    cr_assert_eq(make_queries(), 1);
    cr_assert_not_null(strstr(output, "/get_lost.sql:1:1: no rpc of accepted.proto is called"),
                       "%s", output);
}

Test(queries, a_query_without_statement_is_named)
{
    run_write(folder, "peek_thing.sql", "-- nothing; yet\n");
    cr_assert_eq(make_queries(), 1);
    cr_assert_not_null(strstr(output, "/peek_thing.sql:2:1: no statement"), "%s", output);
}

Test(queries, a_fault_names_its_place)
{
    run_write(folder, "peek_thing.sql", "SELECT 1,\n       'open;\n");
    cr_assert_eq(make_queries(), 1);
    cr_assert_not_null(strstr(output, "/peek_thing.sql:2:8: a quote that is not closed"), "%s",
                       output);
}

/* What does not change is not written: nothing is built again for nothing. */
Test(queries, are_written_only_when_they_change)
{
    char before[RUN_OUTPUT_BYTES];

    cr_assert_eq(make_queries(), 0, "%s", output);
    cr_assert_eq(run(before, "touch -d 2020-01-01 %s/out/accepted.queries.[ch]", folder), 0);
    cr_assert_eq(run(before, "stat -c %%y %s/out/accepted.queries.[ch]", folder), 0);
    cr_assert_eq(make_queries(), 0, "%s", output);
    cr_assert_eq(run(output, "stat -c %%y %s/out/accepted.queries.[ch]", folder), 0);
    cr_assert_str_eq(output, before);
    run_write(folder, "drop_things.sql", "TRUNCATE thing;\n");
    cr_assert_eq(make_queries(), 0, "%s", output);
    cr_assert_eq(run(output, "stat -c %%y %s/out/accepted.queries.[ch]", folder), 0);
    cr_assert_str_neq(output, before);
}
