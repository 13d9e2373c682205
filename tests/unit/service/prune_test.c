/* Answers to idempotency keys that nobody may ask for any more. */
#include <criterion/criterion.h>

#include "support/note_frame.h"
#include "support/process.h"

static struct note_bench bench;

static void
open_bench(void)
{
    note_bench_open(&bench);
}

static void
close_bench(void)
{
    note_bench_close(&bench);
}

TestSuite(prune, .init = open_bench, .fini = close_bench, .timeout = 300);

static bool
is_pruned(void *unused)
{
    (void)unused;
    return note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key "
                                    "WHERE expire_time <= now()") == 0;
}

/* Far more than one pass takes: with a pause after each it would be minutes. What is still good
 * stays. */
Test(prune, passes_follow_each_other_until_nothing_is_left)
{
    cr_assert_str_eq(note_bench_call(&bench, 0, NOTE_PUT, "a", "text", 7, "key"), "OK");
    note_bench_stop(&bench);
    test_database_run(&bench.database,
                      "INSERT INTO depot_idempotency_key (scope, fingerprint, reply, expire_time) "
                      "SELECT sha256(i::text::bytea), sha256('f'), '', now() - interval '1 s' "
                      "FROM generate_series(1, 100000) AS i");
    note_bench_start(&bench, bench.database.url);
    cr_assert(wait_until(is_pruned, NULL, 100));
    cr_assert_eq(note_bench_count(&bench, "SELECT count(*) FROM depot_idempotency_key"), 1);
}
