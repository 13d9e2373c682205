/* Traces reach the database: who looks at what runs there sees whose it is. */
#include "service/trace.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/note_frame.h"

#define ID    "4bf92f3577b34da6a3ce929d0e0e4736"
#define TRACE "00-" ID "-00f067aa0ba902b7-"

Test(trace, what_is_a_traceparent)
{
    cr_assert(trace_valid(TRACE "01"));
    cr_assert(trace_valid(TRACE "00"));
    cr_assert_not(trace_valid(""));
    cr_assert_not(trace_valid("00-"));
    cr_assert_not(trace_valid(TRACE));
    cr_assert_not(trace_valid(TRACE "0"));
    cr_assert_not(trace_valid(TRACE "011"));
    cr_assert_not(trace_valid(TRACE "0x"));
    cr_assert_not(trace_valid("01-" ID "-00f067aa0ba902b7-01"));
    cr_assert_not(trace_valid("00-" ID "_00f067aa0ba902b7-01"));
    cr_assert_not(trace_valid("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
}

static struct note_bench bench;
static struct note_frame frame;

static void
open_bench(void)
{
    note_bench_open(&bench);
    note_frame_init(&frame);
    /* What the activity view says of the transaction that writes a note. */
    free(test_database_value(
        &bench.database,
        "CREATE FUNCTION seen() RETURNS text LANGUAGE sql VOLATILE AS "
        "'SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()'; "
        "ALTER TABLE note ADD COLUMN seen text DEFAULT seen(); SELECT ''"));
}

static void
close_bench(void)
{
    note_frame_fini(&frame);
    note_bench_close(&bench);
}

TestSuite(trace_in_database, .init = open_bench, .fini = close_bench, .timeout = 120);

static void
add(const char *id, const char *key, const char *traceparent)
{
    note_frame_add(&frame, NOTE_PUT, id, "text", 1, key)->call.traceparent = traceparent;
}

static void
expect_seen(const char *id, const char *wanted)
{
    struct buf sql = BUF_INIT;
    char *seen;

    buf_printf(&sql, "SELECT seen FROM note WHERE id = '%s'%c", id, '\0');
    seen = test_database_value(&bench.database, sql.data);
    cr_assert_str_eq(seen, wanted, "%s: %s", id, seen);
    free(seen);
    buf_fini(&sql);
}

Test(trace_in_database, a_sampled_one_is_seen_as_long_as_its_transaction)
{
    add("plain", "", "");
    note_bench_run(&bench, 0, &frame);
    note_frame_fini(&frame);
    note_frame_init(&frame);
    add("not", "", TRACE "00");
    add("sampled", "", TRACE "01");
    note_bench_run(&bench, 0, &frame);
    note_frame_fini(&frame);
    note_frame_init(&frame);
    add("keyed", "key", TRACE "03");
    note_bench_run(&bench, 0, &frame);
    cr_assert_str_eq(note_reason(frame.calls[0]), "OK");
    note_frame_fini(&frame);
    note_frame_init(&frame);
    add("after", "", TRACE "00");
    add("nonsense", "", "'; DROP TABLE note");
    note_bench_run(&bench, 0, &frame);

    expect_seen("plain", "notes");
    expect_seen("sampled", "notes " ID);
    expect_seen("not", "notes " ID); /* one transaction, one name */
    expect_seen("keyed", "notes " ID);
    expect_seen("after", "notes");
    expect_seen("nonsense", "notes");
}
