/* Queries and rpcs belong together: what is missing or left over is named, and stops the build. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define ACCEPTED_SET DEPOT_BUILD_FOLDER "/gen/accepted.pb"

static char folder[64], output[RUN_OUTPUT_BYTES];

#define RECORD "INSERT INTO depot_audit (action) VALUES ('x')"
#define OWN    "SELECT :'caller_id'::uuid, :'caller_sees_all'::boolean;\n"

static void
setup(void)
{
    run_enter(folder);
    run_write(folder, "make_thing.sql", "SELECT :'name'::text AS name;\n" RECORD ";\n");
    run_write(folder, "find_things.sql", "SELECT :'order'::text, :'after'::timestamptz;\n");
    run_write(folder, "drop_things.sql", "DELETE FROM thing;\n" RECORD ";\n");
    run_write(folder, "peek_thing.sql", "SELECT ':''no parameter''' AS text; -- ;\n");
    run_write(folder, "take_thing.sql", OWN RECORD ";\n");
    run_write(folder, "tick.sql", "DELETE FROM tick;\n");
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

/* The one line that is said about the file. */
static void
expect_refused(const char *file, const char *text)
{
    char line[1024];

    snprintf(line, sizeof line, "%s/%s:1:1: %s\n", folder, file, text);
    cr_assert_eq(make_queries(), 1);
    cr_assert_str_eq(output, line);
}

/* --- second queries --- */

Test(queries, the_second_one_follows_the_first)
{
    char path[128];
    char *text;

    run_write(folder, "take_thing_then.sql", "SELECT 2;\n");
    cr_assert_eq(make_queries(), 0, "%s", output);
    snprintf(path, sizeof path, "%s/out/accepted.queries.c", folder);
    text = run_read(path);
    cr_assert_not_null(strstr(text, ".then = &accepted_query_take_thing_then,"));
    cr_assert_null(strstr(strstr(text, ".then = ") + 1, ".then = "), "%s", text);
    free(text);
    snprintf(path, sizeof path, "%s/out/accepted.queries.h", folder);
    text = run_read(path);
    cr_assert_not_null(
        strstr(text, "extern const struct db_query accepted_query_take_thing_then;"));
    free(text);
}

Test(queries, a_second_one_beside_a_key_is_refused)
{
    run_write(folder, "make_thing_then.sql", "SELECT 2;\n");
    expect_refused("make_thing_then.sql",
                   "rpc MakeThing takes an idempotency key, and cannot have a second query");
}

Test(queries, a_second_one_without_a_first_is_refused)
{
    run_write(folder, "take_thing_then.sql", OWN RECORD ";\n");
    cr_assert_eq(run(output, "rm %s/take_thing.sql", folder), 0);
    cr_assert_eq(make_queries(), 1);
    cr_assert_not_null(strstr(output, "thing/queries/take_thing.sql is missing"), "%s", output);
}

Test(queries, slots_are_for_lists)
{
    run_write(folder, "take_thing_then.sql", "SELECT 2 WHERE /* filter { */ true /* } */;\n");
    expect_refused("take_thing_then.sql",
                   "there must be no slot \"filter\" for `filter` or `order_by` of Thing");
}

/* --- owners and records --- */

#define OWNER_TEXT                                                                                 \
    "rpc TakeThing has `others`, and its query must say whose a row may be: it lacks "

Test(queries, whose_a_row_may_be_is_said_in_sql)
{
    run_write(folder, "take_thing.sql", "SELECT :'caller_id'::uuid;\n" RECORD ";\n");
    expect_refused("take_thing.sql", OWNER_TEXT ":'caller_sees_all'");
    run_write(folder, "take_thing.sql", "SELECT :'caller_sees_all'::boolean;\n" RECORD ";\n");
    expect_refused("take_thing.sql", OWNER_TEXT ":'caller_id'");
    run_write(folder, "take_thing.sql",
              "-- :'caller_id' :'caller_sees_all'\nSELECT ':''caller_id''';\n" RECORD ";\n");
    cr_assert_eq(make_queries(), 1);
    cr_assert_not_null(strstr(output, OWNER_TEXT ":'caller_id'"), "a comment is not SQL");
    cr_assert_not_null(strstr(output, OWNER_TEXT ":'caller_sees_all'"), "%s", output);
}

Test(queries, the_second_one_may_say_whose)
{
    run_write(folder, "take_thing.sql", "SELECT 1;\n");
    run_write(folder, "take_thing_then.sql", OWN RECORD ";\n");
    cr_assert_eq(make_queries(), 0, "%s", output);
}

Test(queries, whoever_may_call_needs_no_owner)
{
    run_write(folder, "peek_thing.sql", "SELECT 1;\n");
    run_write(folder, "tick.sql", "SELECT 1;\n");
    cr_assert_eq(make_queries(), 0, "%s", output);
}

#define RECORD_TEXT                                                                                \
    "rpc DropThings changes something, and its query must record that: it has no INSERT INTO "     \
    "depot_audit"

Test(queries, every_change_is_recorded)
{
    static const char *const without[] = {
        "DELETE FROM thing;\n",
        "DELETE FROM thing; -- INSERT INTO depot_audit\n",
        "DELETE FROM depot_audit;\n",
        "SELECT * FROM depot_audit;\n",
        "INSERT INTO depot_audit_of_mine VALUES (1);\n",
        "INSERT INTO thing SELECT * FROM depot_audit;\n",
        "SELECT 1 AS reinsert INTO depot_audit;\n",
    };
    static const char *const with[] = {
        "insert\n  into\n\tDEPOT_AUDIT(action) VALUES (1);\n",
        "WITH a AS (INSERT INTO depot_audit DEFAULT VALUES) SELECT 1;\n",
        "SELECT 1;\nSELECT 2; INSERT /* here */ INTO depot_audit DEFAULT VALUES;\n",
    };

    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        run_write(folder, "drop_things.sql", without[i]);
        expect_refused("drop_things.sql", RECORD_TEXT);
    }
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        run_write(folder, "drop_things.sql", with[i]);
        cr_assert_eq(make_queries(), 0, "%s%s", with[i], output);
    }
}

/* --- several contracts of one service --- */

static void
write_contract(const char *name)
{
    char file[32], text[1024];

    snprintf(file, sizeof file, "%s.proto", name);
    snprintf(text, sizeof text,
             "syntax = \"proto3\";\npackage depot.%s.v1;\n"
             "import \"depot/rpc/v1/options.proto\";\nimport \"google/protobuf/empty.proto\";\n"
             "// A service.\nservice S {\n"
             "  // Ticks.\n"
             "  rpc Tick(google.protobuf.Empty) returns (google.protobuf.Empty) {\n"
             "    option (depot.rpc.v1.method) = { access: OPERATOR class: WRITE every_ms: 1 };\n"
             "  }\n}\n",
             name);
    run_write(folder, file, text);
}

Test(queries, one_name_in_two_contracts_of_a_service_is_refused)
{
    write_contract("one");
    write_contract("two");
    cr_assert_eq(run(output,
                     "protoc -I%s -I" DEPOT_SOURCE_FOLDER "/proto --include_imports "
                     "--include_source_info --descriptor_set_out=%s/set one.proto two.proto",
                     folder, folder),
                 0, "%s", output);
    cr_assert_eq(run(output, PROTOGEN " queries %s/set %s/out one.proto two.proto q %s/tick.sql",
                     folder, folder, folder),
                 1);
    cr_assert_str_eq(output, "two.proto:8:3: rpcs Tick and Tick (one.proto:8:3) have one name in "
                             "one service, tick\n");
    cr_assert_eq(run(output, PROTOGEN " queries %s/set %s/out one.proto q %s/tick.sql", folder,
                     folder, folder),
                 0, "%s", output);
}

Test(queries, wrong_use)
{
    cr_assert_eq(run(output, PROTOGEN " queries " ACCEPTED_SET " %s accepted.proto", folder), 2);
    cr_assert_eq(run(output, PROTOGEN " queries " ACCEPTED_SET " %s q %s/tick.sql", folder, folder),
                 2);
    cr_assert_eq(run(output, PROTOGEN " handlers " ACCEPTED_SET " %s accepted", folder), 2);
    cr_assert_eq(run(output, PROTOGEN " handlers " ACCEPTED_SET " %s accepted.proto x", folder), 2);
}

/* --- writing --- */

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
    run_write(folder, "drop_things.sql", "TRUNCATE thing;\n" RECORD ";\n");
    cr_assert_eq(make_queries(), 0, "%s", output);
    cr_assert_eq(run(output, "stat -c %%y %s/out/accepted.queries.[ch]", folder), 0);
    cr_assert_str_neq(output, before);
}
