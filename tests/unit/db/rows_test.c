/* Rows as values and as messages, as a real server sends them. */
#include "db/rows.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "db/pipeline.h"
#include "db/prepare.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/envelope.pb-c.h"
#include "depot/rpc/v1/envelope.schema.h"
#include "support/cluster.h"

static struct test_database database;
static struct db_conn *conn;
static struct db_pipeline pipeline;
static struct arena arena;
static struct call call;
static bool exhausted;

static void
open_rows(void)
{
    struct db_options options = {.application_name = "rows_test"};
    enum db_failure failure;
    struct error error = {""};

    test_database_open(&database);
    options.url = database.url;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    db_pipeline_init(&pipeline);
    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&call, &arena);
}

static void
close_rows(void)
{
    arena_fini(&arena);
    db_pipeline_fini(&pipeline);
    db_close(conn);
    test_database_drop(&database);
}

TestSuite(rows, .init = open_rows, .fini = close_rows, .timeout = 120);

/* The rows of one statement without parameters. */
static struct db_rows
query(const char *sql)
{
    const struct db_statement statement = {.name = "s", .sql = sql};
    const struct db_query queries = {.name = "q", .statements = &statement, .n_statements = 1};
    struct error error = {""};

    cr_assert_eq(db_prepare(conn, (const struct db_query *[]){&queries}, 1, &error), STATUS_OK,
                 "%s", error.text);
    db_pipeline_begin(&pipeline, conn);
    db_pipeline_binary(&pipeline, "s", NULL, 0);
    cr_assert(db_pipeline_sync(&pipeline, INT64_MAX), "%s", pipeline.problem.text);
    return db_pipeline_rows(&pipeline, 0, 1, &arena, &exhausted);
}

Test(rows, values_of_every_type)
{
    struct db_rows rows =
        query("SELECT 'text'::text AS t, 'v'::varchar AS v, 'c'::char(3) AS c, 'n'::name AS n, "
              "'0190F3D2-7E7B-7ABC-8DEF-000000000001'::uuid AS u, '{\"a\": 1}'::jsonb AS j, "
              "-3::int2 AS i2, 2147483647::int4 AS i4, '-9223372036854775808'::int8 AS i8, "
              "true AS yes, false AS no, '\\x00ff'::bytea AS b, "
              "'2026-03-01T10:00:00.000001+01:00'::timestamptz AS at, "
              "'1969-12-31T23:59:59Z'::timestamptz AS before, "
              "'infinity'::timestamptz AS never, '-infinity'::timestamptz AS ever");
    struct db_bytes bytes = db_bytes(&rows, 0, 0, "b");

    cr_assert_eq(db_row_count(&rows, 0), 1);
    cr_assert_str_eq(db_text(&rows, 0, 0, "t"), "text");
    cr_assert_str_eq(db_text(&rows, 0, 0, "v"), "v");
    cr_assert_str_eq(db_text(&rows, 0, 0, "c"), "c  ");
    cr_assert_str_eq(db_text(&rows, 0, 0, "n"), "n");
    cr_assert_str_eq(db_text(&rows, 0, 0, "u"), "0190f3d2-7e7b-7abc-8def-000000000001");
    cr_assert_str_eq(db_text(&rows, 0, 0, "j"), "{\"a\": 1}");
    cr_assert_eq(db_int(&rows, 0, 0, "i2"), -3);
    cr_assert_eq(db_int(&rows, 0, 0, "i4"), INT32_MAX);
    cr_assert_eq(db_int(&rows, 0, 0, "i8"), INT64_MIN);
    cr_assert(db_bool(&rows, 0, 0, "yes"));
    cr_assert_not(db_bool(&rows, 0, 0, "no"));
    cr_assert_eq(bytes.bytes, 2);
    cr_assert_eq(memcmp(bytes.data, "\x00\xff", 2), 0);
    cr_assert_eq(db_time_us(&rows, 0, 0, "at"), INT64_C(1772355600000001));
    cr_assert_eq(db_time_us(&rows, 0, 0, "before"), -1000000);
    cr_assert_eq(db_time_us(&rows, 0, 0, "never"), INT64_MAX);
    cr_assert_eq(db_time_us(&rows, 0, 0, "ever"), INT64_MIN);
}

Test(rows, nulls)
{
    struct db_rows rows = query("SELECT NULL::text AS t, NULL::int4 AS i, NULL::bool AS b, "
                                "NULL::timestamptz AS at, NULL::bytea AS y, '' AS empty "
                                "FROM generate_series(1, 3)");

    cr_assert_eq(db_row_count(&rows, 0), 3);
    cr_assert(db_is_null(&rows, 0, 2, "t"));
    cr_assert_not(db_is_null(&rows, 0, 2, "empty"));
    cr_assert_str_eq(db_text(&rows, 0, 2, "t"), "");
    cr_assert_eq(db_int(&rows, 0, 2, "i"), 0);
    cr_assert_not(db_bool(&rows, 0, 2, "b"));
    cr_assert_eq(db_time_us(&rows, 0, 2, "at"), 0);
    cr_assert_eq(db_bytes(&rows, 0, 2, "y").bytes, 0);
}

Test(rows, enums_of_the_database_are_their_names)
{
    struct db_rows rows;

    test_database_run(&database, "CREATE TYPE mood AS ENUM ('BOOKING', 'gone')");
    rows = query("SELECT 'gone'::mood AS m");
    cr_assert_str_eq(db_text(&rows, 0, 0, "m"), "gone");
}

Test(rows, a_column_that_is_not_there_is_a_bug, .signal = SIGABRT)
{
    struct db_rows rows = query("SELECT 1 AS a");

    (void)db_int(&rows, 0, 0, "b");
}

Test(rows, a_column_of_another_type_is_a_bug, .signal = SIGABRT)
{
    struct db_rows rows = query("SELECT 1::numeric AS a");

    (void)db_int(&rows, 0, 0, "a");
}

Test(rows, a_row_becomes_a_message)
{
    struct db_rows rows =
        query("SELECT '0190f3d2-7e7b-7abc-8def-000000000001'::uuid AS id, 'cars' AS resource_type, "
              "'MAINTENANCE' AS kind, '2026-03-01T09:00:00Z'::timestamptz AS start_time, "
              "'infinity'::timestamptz AS end_time, NULL::text AS description, 5 AS unknown, "
              "jsonb_build_object('z', 'last', 'a\"b\\c/', E'\\u00e4\\n\\t\\u0001', 'n', 1.5, "
              "'o', jsonb_build_object('x', jsonb_build_array('}', ',')), 'e', '') AS attributes");
    const struct pb_message *schema = &depot__inventory__v1__allocation__schema;
    Depot__Inventory__V1__Allocation *allocation =
        (Depot__Inventory__V1__Allocation *)(void *)pb_new(&arena, schema);
    static const char *const wanted[][2] = {
        {"a\"b\\c/", "\xc3\xa4\n\t\x01"}, {"e", ""},     {"n", "1.5"},
        {"o", "{\"x\": [\"}\", \",\"]}"}, {"z", "last"},
    };

    cr_assert_eq(db_read(&call, &rows, 0, 0, schema, &allocation->base), STATUS_OK);
    cr_assert_str_eq(allocation->id, "0190f3d2-7e7b-7abc-8def-000000000001");
    cr_assert_str_eq(allocation->resource_type, "cars");
    cr_assert_eq(allocation->kind, DEPOT__INVENTORY__V1__ALLOCATION__KIND__MAINTENANCE);
    cr_assert_eq(allocation->start_time->seconds, 1772355600);
    cr_assert_eq(allocation->start_time->nanos, 0);
    cr_assert_null(allocation->end_time, "infinite is unset");
    cr_assert_null(allocation->create_time, "no column");
    cr_assert_str_eq(allocation->description, "", "NULL");
    cr_assert_eq(allocation->n_attributes, 5);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_str_eq(allocation->attributes[i]->key, wanted[i][0]);
        cr_assert_str_eq(allocation->attributes[i]->value, wanted[i][1]);
    }
    cr_assert_gt(protobuf_c_message_get_packed_size(&allocation->base), 0);
}

Test(rows, an_unknown_name_of_an_enum_stays_unspecified)
{
    struct db_rows rows = query("SELECT 'FROM_THE_FUTURE' AS kind, '{}'::jsonb AS attributes");
    Depot__Inventory__V1__Allocation allocation = DEPOT__INVENTORY__V1__ALLOCATION__INIT;

    cr_assert_eq(
        db_read(&call, &rows, 0, 0, &depot__inventory__v1__allocation__schema, &allocation.base),
        STATUS_OK);
    cr_assert_eq(allocation.kind, 0);
    cr_assert_eq(allocation.n_attributes, 0);
}

Test(rows, numbers_and_bytes_become_fields)
{
    struct db_rows rows =
        query("SELECT 4294967295::int8 AS timeout_ms, '\\x0001'::bytea AS payload");
    Depot__Rpc__V1__Call message = DEPOT__RPC__V1__CALL__INIT;

    cr_assert_eq(db_read(&call, &rows, 0, 0, &depot__rpc__v1__call__schema, &message.base),
                 STATUS_OK);
    cr_assert_eq(message.timeout_ms, UINT32_MAX);
    cr_assert_eq(message.payload.len, 2);
    cr_assert_eq(message.payload.data[1], 1);
}

Test(rows, a_number_that_does_not_fit_is_a_bug, .signal = SIGABRT)
{
    struct db_rows rows = query("SELECT 4294967296::int8 AS timeout_ms");
    Depot__Rpc__V1__Call message = DEPOT__RPC__V1__CALL__INIT;

    (void)!db_read(&call, &rows, 0, 0, &depot__rpc__v1__call__schema, &message.base);
}

Test(rows, rows_become_a_list)
{
    struct db_rows rows = query("SELECT i::text AS name, jsonb_build_object('n', i::text) AS "
                                "attributes FROM generate_series(1, 501) AS i");
    ProtobufCMessage **messages;

    cr_assert_eq(
        db_read_list(&call, &rows, 0, 500, &depot__inventory__v1__resource__schema, &messages),
        STATUS_OK);
    for (int i = 0; i < 500; i++) {
        const Depot__Inventory__V1__Resource *resource = (const void *)messages[i];

        cr_assert_eq(atoi(resource->name), i + 1);
        cr_assert_str_eq(resource->attributes[0]->value, resource->name);
    }
}

/* Whatever the cap is: an outcome, never a crash. */
Test(rows, memory_may_end_anywhere)
{
    struct db_rows rows =
        query("SELECT repeat('x', 300) AS name, 'd' AS description, now() AS create_time, "
              "'0190f3d2-7e7b-7abc-8def-000000000001'::uuid AS id, "
              "'{\"a\": \"b\", \"n\": 1}'::jsonb AS attributes FROM generate_series(1, 5)");
    int n_failed = 0;

    for (size_t cap = 64; cap < 4096; cap += 16) {
        struct arena small;
        struct call poor;
        ProtobufCMessage **messages;

        arena_init(&small, 256, cap);
        call_init(&poor, &small);
        if (db_read_list(&poor, &rows, 0, 5, &depot__inventory__v1__resource__schema, &messages) !=
            STATUS_OK) {
            cr_assert_eq(poor.problem.reason->code, STATUS_RESOURCE_EXHAUSTED);
            n_failed++;
        }
        arena_fini(&small);
    }
    cr_assert_gt(n_failed, 50);
    cr_assert_lt(n_failed, 252);
}
