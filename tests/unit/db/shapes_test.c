/* Shapes on a connection: prepared once, within the pipeline that needs them, given up one by one,
 * and never believed to be there when they are not. */
#include "db/shapes.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/conn_pg.h"
#include "db/pipeline.h"
#include "db/prepare.h"
#include "support/cluster.h"

static struct test_database database;
static struct db_conn *conn;
static struct db_pipeline pipeline;
static struct arena memory;

static const struct db_statement fail = {.name = "fail", .sql = "SELECT 1 / (SELECT 0)"};
static const struct db_query query = {.name = "q", .statements = &fail, .n_statements = 1};

static void
setup(void)
{
    struct db_options options = {.application_name = "shapes_test"};
    enum db_failure failure;
    struct error error = {""};

    test_database_open(&database);
    options.url = database.url;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(db_prepare(conn, (const struct db_query *[]){&query}, 1, &error), STATUS_OK, "%s",
                 error.text);
    db_pipeline_init(&pipeline);
    arena_init(&memory, 4096, 0);
}

static void
teardown(void)
{
    arena_fini(&memory);
    db_pipeline_fini(&pipeline);
    db_close(conn);
    test_database_drop(&database);
}

TestSuite(shapes, .init = setup, .fini = teardown, .timeout = 120);

/* A shape that gives `number`. */
static const struct db_shape *
shape_of(unsigned number)
{
    char *sql = arena_printf(&memory, "SELECT %u AS number", number);
    struct db_piece *piece = arena_alloc(&memory, sizeof(*piece));
    struct db_list *list = arena_zalloc(&memory, sizeof(*list));

    *piece = (struct db_piece){DB_PIECE_TEXT, 0, sql};
    list->pieces = piece;
    list->n_pieces = 1;
    return db_shape_make(&memory, list, NULL, NULL, NULL);
}

static size_t
send(const struct db_shape *shape)
{
    const char *name = db_shapes_name(db_conn_shapes(conn), &pipeline, shape);

    return db_pipeline_binary(&pipeline, name, NULL, 0);
}

static bool
sync(void)
{
    return db_pipeline_sync(&pipeline, clock_us() + INT64_C(60) * 1000 * 1000);
}

static void
expect(size_t statement, unsigned number)
{
    bool exhausted = false;
    struct db_rows rows = db_pipeline_rows(&pipeline, statement, 1, &memory, &exhausted);

    cr_assert_eq(db_int(&rows, 0, 0, "number"), number);
}

/* What the server has, and what we believe that it has. */
static void
assert_kept(size_t n)
{
    static const struct db_statement count = {
        .name = "",
        .sql = "SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name LIKE 'shape_%'"};
    bool exhausted = false;
    struct db_rows rows;
    size_t statement;

    db_pipeline_begin(&pipeline, conn);
    db_pipeline_prepare(&pipeline, &count);
    statement = db_pipeline_binary(&pipeline, "", NULL, 0);
    cr_assert(sync(), "%s", pipeline.problem.text);
    rows = db_pipeline_rows(&pipeline, statement, 1, &memory, &exhausted);
    cr_assert_eq(db_int(&rows, 0, 0, "n"), n, "%" PRId64, db_int(&rows, 0, 0, "n"));
    cr_assert_eq(db_conn_shapes(conn)->n_kept, n);
    cr_assert_eq(db_conn_shapes(conn)->n_pending, 0);
}

Test(shapes, are_prepared_once)
{
    size_t first, second, sent;

    db_pipeline_begin(&pipeline, conn);
    first = send(shape_of(1));
    second = send(shape_of(1));
    cr_assert_eq(second, first + 1);
    cr_assert(sync());
    expect(first, 1);
    expect(second, 1);
    db_pipeline_begin(&pipeline, conn);
    sent = send(shape_of(1));
    cr_assert_eq(sent, 0);
    cr_assert(sync());
    expect(sent, 1);
    assert_kept(1);
}

Test(shapes, are_given_up_when_there_are_too_many)
{
    for (unsigned i = 0; i < 3 * LIMIT_DB_SHAPES; i++) {
        size_t mine, often;

        db_pipeline_begin(&pipeline, conn);
        mine = send(shape_of(1000 + i));
        often = send(shape_of(7));
        cr_assert(sync(), "%s", pipeline.problem.text);
        expect(mine, 1000 + i);
        expect(often, 7);
    }
    assert_kept(LIMIT_DB_SHAPES);
    db_pipeline_begin(&pipeline, conn);
    cr_assert_eq(send(shape_of(7)), 0, "the one that is used is kept");
    cr_assert(sync());
}

Test(shapes, one_pipeline_may_want_more_than_are_kept)
{
    enum { N = 3 * LIMIT_DB_SHAPES };
    size_t statements[N];

    for (unsigned round = 0; round < 2; round++) {
        db_pipeline_begin(&pipeline, conn);
        for (unsigned i = 0; i < N; i++) {
            statements[i] = send(shape_of(N * round + i));
        }
        cr_assert(sync(), "%s", pipeline.problem.text);
        for (unsigned i = 0; i < N; i++) {
            expect(statements[i], N * round + i);
        }
    }
    assert_kept(LIMIT_DB_SHAPES);
}

/* Skipped by the server, since something before them failed: not prepared, not given up. */
Test(shapes, behind_a_failure_nothing_has_happened)
{
    for (unsigned i = 0; i < LIMIT_DB_SHAPES; i++) {
        db_pipeline_begin(&pipeline, conn);
        send(shape_of(i));
        cr_assert(sync());
    }
    assert_kept(LIMIT_DB_SHAPES);
    for (unsigned i = 0; i < 2 * LIMIT_DB_SHAPES; i++) {
        db_pipeline_begin(&pipeline, conn);
        db_pipeline_binary(&pipeline, "fail", NULL, 0);
        send(shape_of(1000 + i));
        cr_assert_not(sync());
        cr_assert_str_eq(pipeline.problem.sqlstate, "22012");
        assert_kept(LIMIT_DB_SHAPES);
    }
    db_pipeline_begin(&pipeline, conn);
    cr_assert_eq(send(shape_of(0)), 0);
    cr_assert(sync());
    expect(0, 0);
}

/* Before a failure they are made, and stay: preparing knows no transaction. */
Test(shapes, before_a_failure_they_are_there)
{
    db_pipeline_begin(&pipeline, conn);
    send(shape_of(1));
    db_pipeline_binary(&pipeline, "fail", NULL, 0);
    cr_assert_not(sync());
    assert_kept(1);
    db_pipeline_begin(&pipeline, conn);
    cr_assert_eq(send(shape_of(1)), 0);
    cr_assert(sync());
}

Test(shapes, one_that_does_not_fit_is_not_kept)
{
    static const struct db_piece wrong = {DB_PIECE_TEXT, 0, "SELECT nothing FROM nowhere"};
    static const struct db_list list = {.pieces = &wrong, .n_pieces = 1};

    db_pipeline_begin(&pipeline, conn);
    send(db_shape_make(&memory, &list, NULL, NULL, NULL));
    cr_assert_not(sync());
    cr_assert_str_eq(pipeline.problem.sqlstate, "42P01");
    cr_assert_eq(pipeline.problem.statement, 0);
    cr_assert_not(pipeline.problem.lost);
    assert_kept(0);
}
