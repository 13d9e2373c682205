#include "service/worker.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/batch.h"
#include "service/call_log.h"
#include "service/round.h"

struct worker {
    const struct plan *plan;
    struct keeper *keeper;
    unsigned index;
    bool log_calls;
    struct session session;
    struct round round;
    int retries_left; /* of the frame */
    struct job jobs[LIMIT_FRAME_CALLS];
};

struct worker *
worker_new(const struct plan *plan, struct keeper *keeper, unsigned index, bool log_calls)
{
    struct worker *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->plan = plan;
    self->keeper = keeper;
    self->index = index;
    self->log_calls = log_calls;
    self->session.conn = keeper_take(keeper, index, clock_us());
    round_init(&self->round);
    return self;
}

static void
disconnect(struct worker *self)
{
    db_close(self->session.conn);
    self->session = (struct session){0};
}

void
worker_free(struct worker *self)
{
    disconnect(self);
    round_fini(&self->round);
    free(self);
}

/* A connection that is there as far as one can know. */
static bool
connect(struct worker *self, int64_t deadline_us)
{
    int64_t until_us = clock_us() + (int64_t)LIMIT_DB_WAIT_MS * 1000;

    if (deadline_us < until_us) {
        until_us = deadline_us;
    }
    if (self->session.conn == NULL) {
        self->session.conn = keeper_take(self->keeper, self->index, until_us);
    }
    /* Also one that was waiting for us may have died meanwhile. */
    while (self->session.conn != NULL && !db_pipeline_alive(self->session.conn)) {
        disconnect(self);
        self->session.conn = keeper_take(self->keeper, self->index, until_us);
    }
    return self->session.conn != NULL;
}

/* One failure for all jobs that still wait; those whose time is over are told that instead. */
static void
fail_all(struct job *const *jobs, size_t n, const struct reason *reason, uint32_t retry_after_ms,
         const char *detail)
{
    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->state != JOB_WAITING) {
            continue;
        }
        if (job_is_late(jobs[i])) {
            job_fail(jobs[i], &reason_deadline_exceeded, 0, "The time of the call is over.");
        } else {
            job_fail(jobs[i], reason, retry_after_ms, detail);
        }
    }
}

static void
fail_unavailable(struct job *const *jobs, size_t n)
{
    fail_all(jobs, n, &reason_db_unavailable, LIMIT_RETRY_AFTER_MS,
             "The database cannot be reached; nothing was changed.");
}

static void
fail_overloaded(struct job *const *jobs, size_t n)
{
    fail_all(jobs, n, &reason_overloaded, LIMIT_RETRY_AFTER_MS,
             "Too much went on at once; nothing was changed.");
}

/* Moves the jobs that still wait to the front; returns how many. */
static size_t
keep_waiting(struct job **jobs, size_t n)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->state == JOB_WAITING) {
            jobs[n_kept++] = jobs[i];
        }
    }
    return n_kept;
}

static size_t
keep_timely(struct job **jobs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->state == JOB_WAITING && job_is_late(jobs[i])) {
            job_fail(jobs[i], &reason_deadline_exceeded, 0,
                     jobs[i]->second ? "The time of the call is over."
                                     : "The time was over before anything was changed.");
        }
    }
    return keep_waiting(jobs, n);
}

static int64_t
last_deadline_us(struct job *const *jobs, size_t n)
{
    int64_t last_us = 0;

    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->served->call.deadline_us > last_us) {
            last_us = jobs[i]->served->call.deadline_us;
        }
    }
    return last_us;
}

static void
pause_at_random(void)
{
    struct timespec nap = {
        .tv_nsec = (long)randombytes_uniform(LIMIT_TRANSACTION_JITTER_MS * 1000) * 1000};

    nanosleep(&nap, NULL);
}

static void
move_to_end(struct job **jobs, size_t n, struct job *job)
{
    size_t i = 0;

    while (jobs[i] != job) {
        i++;
        ASSERT(i < n);
    }
    jobs[i] = jobs[n - 1];
    jobs[n - 1] = job;
}

static void run_jobs(struct worker *self, struct job **jobs, size_t n);

/* The jobs of a round that a bug of ours or of a query undid. */
static void
isolate(struct worker *self, struct job **jobs, size_t n)
{
    struct job *suspect = self->round.suspect;

    if (n == 1) {
        call_log_bug(jobs[0], &self->round.problem);
        job_fail(jobs[0], &reason_internal_error, 0,
                 "Something went wrong here; it is noted under the request id.");
        return;
    }
    if (--self->retries_left < 0) {
        call_log_bug(suspect != NULL ? suspect : jobs[0], &self->round.problem);
        fail_overloaded(jobs, n);
        return;
    }
    if (suspect != NULL) {
        move_to_end(jobs, n, suspect);
        run_jobs(self, jobs, n - 1);
        run_jobs(self, jobs + n - 1, 1);
    } else {
        run_jobs(self, jobs, n / 2);
        run_jobs(self, jobs + n / 2, n - n / 2);
    }
}

/* Whether the same is worth another try, after `tries` of them. */
static bool
is_worth_a_try(struct worker *self, struct job *const *jobs, unsigned tries)
{
    const struct db_problem *problem = &self->round.problem;

    switch (problem->failure) {
    case DB_FAILURE_UNAVAILABLE:
        return !jobs[0]->writes && tries == 0;
    case DB_FAILURE_RETRY:
    case DB_FAILURE_TIMEOUT: /* for those whose time is not over: somebody cancelled a statement */
        if (tries >= LIMIT_TRANSACTION_RETRIES || --self->retries_left < 0) {
            return false;
        }
        pause_at_random();
        return true;
    default:
        return false;
    }
}

static void
give_up(struct worker *self, struct job **jobs, size_t n)
{
    const struct db_problem *problem = &self->round.problem;

    call_log_problem(problem, n);
    switch (problem->failure) {
    case DB_FAILURE_TIMEOUT:
        for (size_t i = 0; i < n; i++) {
            if (jobs[i]->state == JOB_WAITING) {
                job_fail(jobs[i], &reason_deadline_exceeded, 0, "The database took too long.");
            }
        }
        return;
    case DB_FAILURE_RETRY:
        fail_overloaded(jobs, n);
        return;
    default:
        fail_unavailable(jobs, n);
    }
}

/*
 * Runs jobs that may share a transaction until all have an outcome, or want to be run again by
 * themselves. The array's order changes.
 */
static void
run_jobs(struct worker *self, struct job **jobs, size_t n)
{
    const struct db_problem *problem = &self->round.problem;

    for (unsigned tries = 0; (n = keep_timely(jobs, n)) > 0; tries++) {
        if (!connect(self, last_deadline_us(jobs, n))) {
            fail_unavailable(jobs, n);
            return;
        }
        if (round_run(&self->round, &self->session, jobs, n)) {
            return;
        }
        if (problem->lost) {
            disconnect(self);
        }
        n = keep_waiting(jobs, n); /* some may have been answered by a record */
        if (n == 0) {
            return;
        }
        if (problem->unknown && jobs[0]->writes) {
            call_log_problem(problem, n);
            fail_all(jobs, n, &reason_outcome_unknown, LIMIT_RETRY_AFTER_MS,
                     "The connection to the database broke before the outcome was known: it may or "
                     "may not have happened.");
            return;
        }
        if (problem->failure == DB_FAILURE_BUG) {
            isolate(self, jobs, n);
            return;
        }
        if (!is_worth_a_try(self, jobs, tries)) {
            give_up(self, jobs, n);
            return;
        }
    }
}

/* The one more try that a handler wants. */
static void
run_again(struct worker *self, struct job *job)
{
    if (job->state != JOB_AGAIN) {
        return;
    }
    job_reset(job);
    run_jobs(self, &job, 1);
    if (job->state == JOB_AGAIN) {
        job_reset(job);
        fail_overloaded(&job, 1);
    }
}

/* What follows the rounds of a frame, each in a transaction of its own. */
static void
run_on(struct worker *self, struct job *job)
{
    run_again(self, job);
    if (job->state == JOB_THEN) {
        job_go_on(job);
        run_jobs(self, &job, 1);
        run_again(self, job);
    }
    ASSERT(job->state == JOB_DONE);
}

void
worker_execute(struct worker *self, struct rpc_served *const *calls, size_t n_calls)
{
    int64_t start_us = clock_us();
    unsigned n_rounds;

    ASSERT(n_calls <= LIMIT_FRAME_CALLS);
    for (size_t i = 0; i < n_calls; i++) {
        job_init(&self->jobs[i], calls[i], plan_find(self->plan, calls[i]->method));
    }
    self->retries_left = LIMIT_FRAME_RETRIES;
    n_rounds = batch_split(self->jobs, n_calls);
    for (unsigned round = 0; round < n_rounds; round++) {
        struct job *jobs[LIMIT_FRAME_CALLS];
        size_t n = 0;

        for (size_t i = 0; i < n_calls; i++) {
            if (self->jobs[i].round == round) {
                jobs[n++] = &self->jobs[i];
            }
        }
        run_jobs(self, jobs, n);
    }
    for (size_t i = 0; i < n_calls; i++) {
        run_on(self, &self->jobs[i]);
    }
    if (self->log_calls) {
        for (size_t i = 0; i < n_calls; i++) {
            call_log_end(&self->jobs[i], start_us);
        }
        log_flush();
    }
}
