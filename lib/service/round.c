#include "service/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/platform.h"
#include "service/trace.h"

enum { KEPT_BYTES = 64 * 1024 };

void
round_init(struct round *self)
{
    *self = (struct round){0};
    db_pipeline_init(&self->pipeline);
    idempotency_init(&self->idempotency);
}

void
round_fini(struct round *self)
{
    db_pipeline_fini(&self->pipeline);
    idempotency_fini(&self->idempotency);
    buf_fini(&self->locks);
    buf_fini(&self->packed_locks);
}

int
round_timeout_ms(int remaining_ms)
{
    static const int steps_ms[] = {10,    25,    50,    100,   200,    350,    500,   750,
                                   1000,  1500,  2000,  3000,  5000,   7500,   10000, 15000,
                                   20000, 30000, 45000, 60000, 120000, 200000, 300000};
    const size_t n = sizeof(steps_ms) / sizeof(steps_ms[0]);
    size_t i = 0;

    while (i < n - 1 && steps_ms[i] < remaining_ms) {
        i++;
    }
    return steps_ms[i];
}

static int
longest_remaining_ms(struct job *const *jobs, size_t n)
{
    int longest_ms = 0;

    for (size_t i = 0; i < n; i++) {
        const struct call *call = &jobs[i]->served->call;
        int left_ms = call->deadline_us == INT64_MAX ? LIMIT_STATEMENT_MS : call_remaining_ms(call);

        if (left_ms > longest_ms) {
            longest_ms = left_ms;
        }
    }
    return longest_ms;
}

/* What the functions below share while a round runs. */
struct run {
    struct round *round;
    struct db_pipeline *pipeline;
    struct session *session;
    struct job *const *jobs;
    size_t n;
    int timeout_ms;
    int64_t until_us; /* when a silent database counts as away */
};

static void
begin(struct run *run)
{
    char text[16];
    int length;

    run->timeout_ms = round_timeout_ms(longest_remaining_ms(run->jobs, run->n));
    run->until_us = clock_us() + ((int64_t)run->timeout_ms + LIMIT_DB_SILENCE_MS) * 1000;
    db_pipeline_begin(run->pipeline, run->session->conn);
    if (run->session->timeout_ms != run->timeout_ms) {
        length = snprintf(text, sizeof(text), "%d", run->timeout_ms);
        db_pipeline_binary(run->pipeline, PLATFORM_TIMEOUT,
                           (struct db_bytes[]){{text, (size_t)length}}, 1);
    }
    trace_name(run->pipeline, run->jobs, run->n);
}

/* Whose statement it was; a lock or the commit belongs to nobody in particular. */
static struct job *
find_suspect(const struct run *run, size_t statement)
{
    for (size_t i = 0; i < run->n; i++) {
        struct job *job = run->jobs[i];

        if (job->state == JOB_WAITING && job->asked && job->first_statement != SIZE_MAX &&
            statement >= job->first_sent &&
            statement < job->first_statement + job->params.query->n_statements) {
            return job;
        }
    }
    return NULL;
}

/* The transaction was undone, with it a new statement timeout. */
static bool
fail(struct run *run)
{
    struct round *round = run->round;

    round->problem = run->pipeline->problem;
    round->suspect = find_suspect(run, round->problem.statement);
    run->session->timeout_ms = 0;
    for (size_t i = 0; i < run->n; i++) {
        if (run->jobs[i]->state == JOB_ANSWERED) {
            job_reset(run->jobs[i]);
        }
    }
    return false;
}

static bool
commit(struct run *run)
{
    if (!db_pipeline_sync(run->pipeline, run->until_us)) {
        return fail(run);
    }
    run->session->timeout_ms = run->timeout_ms;
    return true;
}

static bool
ask_all(struct run *run)
{
    bool some = false;

    for (size_t i = 0; i < run->n; i++) {
        struct job *job = run->jobs[i];

        if (job->state == JOB_WAITING) {
            job_ask(job);
            some = some || job->state == JOB_WAITING;
        }
    }
    return some;
}

static int
compare_keys(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

/* All locks of the round in the one order that everybody keeps, each once. */
static void
add_locks(struct run *run)
{
    struct buf *locks = &run->round->locks;
    struct buf *packed = &run->round->packed_locks;
    int64_t *keys;
    size_t n, n_unique = 0;

    buf_clear(locks, KEPT_BYTES);
    for (size_t i = 0; i < run->n; i++) {
        const struct job *job = run->jobs[i];

        if (job->state == JOB_WAITING) {
            buf_append(locks, job->params.locks, job->params.n_locks * sizeof(*keys));
        }
    }
    n = locks->length_bytes / sizeof(*keys);
    if (n == 0) {
        return;
    }
    keys = (int64_t *)(void *)locks->data;
    qsort(keys, n, sizeof(*keys), compare_keys);
    for (size_t i = 0; i < n; i++) {
        if (n_unique == 0 || keys[n_unique - 1] != keys[i]) {
            keys[n_unique++] = keys[i];
        }
    }
    buf_clear(packed, KEPT_BYTES);
    db_array_int8(packed, keys, n_unique);
    db_pipeline_binary(run->pipeline, PLATFORM_LOCK,
                       (struct db_bytes[]){{packed->data, packed->length_bytes}}, 1);
}

static void
add_statements(struct run *run)
{
    add_locks(run);
    for (size_t i = 0; i < run->n; i++) {
        struct job *job = run->jobs[i];

        if (job->state == JOB_WAITING) {
            job->first_sent = run->pipeline->n_sent;
            job->first_statement = db_pipeline_query(run->pipeline, &job->params);
        }
    }
}

static void
answer_all(struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        struct job *job = run->jobs[i];
        bool exhausted = false;
        struct db_rows rows;

        if (job->state == JOB_WAITING) {
            rows = db_pipeline_rows(run->pipeline, job->first_statement,
                                    job->params.query->n_statements, job->served->call.arena,
                                    &exhausted);
            job_answer(job, &rows);
        }
    }
}

static void
commit_all(struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        if (run->jobs[i]->state == JOB_ANSWERED) {
            job_commit(run->jobs[i]);
        }
    }
}

static bool
run_plain(struct run *run)
{
    if (!ask_all(run)) {
        return true;
    }
    begin(run);
    add_statements(run);
    if (!commit(run)) {
        return false;
    }
    answer_all(run);
    commit_all(run);
    return true;
}

/* What a commit would check is checked before it is all undone. */
static bool
run_rolled_back(struct run *run)
{
    if (!ask_all(run)) {
        return true;
    }
    begin(run);
    /* A block of its own: to undo an implicit one is worth a warning in the server's log. */
    db_pipeline_text(run->pipeline, "BEGIN");
    add_statements(run);
    db_pipeline_text(run->pipeline, "SET CONSTRAINTS ALL IMMEDIATE");
    if (!db_pipeline_flush(run->pipeline, run->until_us)) {
        return fail(run);
    }
    answer_all(run);
    db_pipeline_rollback(run->pipeline);
    if (!commit(run)) {
        return false;
    }
    run->session->timeout_ms = 0; /* it was undone, too */
    commit_all(run);
    return true;
}

static void
drop_late(struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        if (run->jobs[i]->state == JOB_WAITING && job_is_late(run->jobs[i])) {
            job_fail(run->jobs[i], &reason_deadline_exceeded, 0,
                     "The time was over before anything was changed.");
        }
    }
}

/* Whether nobody waits any more for anything that this transaction would do. */
static bool
is_all_late(const struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        if (run->jobs[i]->state == JOB_ANSWERED && !job_is_late(run->jobs[i])) {
            return false;
        }
    }
    return true;
}

/* Undoes what was done; those that were answered wait again. */
static bool
undo(struct run *run)
{
    db_pipeline_rollback(run->pipeline);
    if (!commit(run)) {
        return false;
    }
    (void)fail(run);
    return true;
}

/* No memory to keep the answer: then nothing is done. */
static bool
undo_unkept(struct run *run, struct job *unkept)
{
    if (!undo(run)) {
        return false;
    }
    job_fail(unkept, &reason_reply_too_large, 0, "The call needs more memory than allowed.");
    run->round->problem = (struct db_problem){.failure = DB_FAILURE_RETRY};
    return false;
}

static bool
run_keyed(struct run *run)
{
    struct idempotency *idempotency = &run->round->idempotency;
    struct job *unkept;

    begin(run);
    idempotency_ask(idempotency, run->pipeline, run->jobs, run->n);
    if (!db_pipeline_flush(run->pipeline, run->until_us)) {
        return fail(run);
    }
    idempotency_decide(idempotency, run->pipeline, run->jobs, run->n);
    drop_late(run);
    if (!ask_all(run)) {
        return commit(run);
    }
    add_statements(run);
    if (!db_pipeline_flush(run->pipeline, run->until_us)) {
        return fail(run);
    }
    answer_all(run);
    if (is_all_late(run)) {
        if (!undo(run)) {
            return false;
        }
        drop_late(run);
        return true;
    }
    unkept = idempotency_record(idempotency, run->pipeline, run->jobs, run->n);
    if (unkept != NULL) {
        return undo_unkept(run, unkept);
    }
    if (!commit(run)) {
        return false;
    }
    commit_all(run);
    return true;
}

bool
round_run(struct round *self, struct session *session, struct job *const *jobs, size_t n)
{
    struct run run = {
        .round = self,
        .pipeline = &self->pipeline,
        .session = session,
        .jobs = jobs,
        .n = n,
    };

    bool keyed = false;

    ASSERT(session->conn != NULL);
    for (size_t i = 0; i < n; i++) {
        jobs[i]->first_statement = SIZE_MAX;
        jobs[i]->n_together = n;
        keyed = keyed || jobs[i]->keyed;
    }
    if (jobs[0]->rolled_back) {
        ASSERT(n == 1);
        return run_rolled_back(&run);
    }
    return keyed ? run_keyed(&run) : run_plain(&run);
}
