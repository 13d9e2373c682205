/*
 * One transaction: the jobs of a round, from their parameters to their outcomes.
 *
 * Without idempotency keys everything goes out at once and comes back once:
 *
 *     locks, statements of all jobs, Sync
 *
 * With keys there are three steps; late calls are left out after the first:
 *
 *     claims, lookup, Flush | locks, statements, Flush | records, Sync
 *
 * A job that is to have no effect is alone in its round:
 *
 *     locks, statements, Flush | ROLLBACK, Sync
 *
 * A job of a method with two queries comes twice, each time alone, with whatever its handler does
 * between the two outside of any transaction.
 *
 * A job has its outcome only when the Sync has come back without an error: rows come before the
 * commit's own errors.
 */
#ifndef DEPOT_SERVICE_ROUND_H
#define DEPOT_SERVICE_ROUND_H

#include "service/idempotency.h"

/* A connection and what is known of its session. */
struct session {
    struct db_conn *conn; /* NULL: there is none */
    int timeout_ms;       /* the statement timeout in force; 0: not known */
};

/* Caller's storage, kept from round to round. */
struct round {
    struct db_pipeline pipeline;
    struct idempotency idempotency;
    struct buf locks, packed_locks;
    struct db_problem problem; /* after a failure */
    struct job *suspect;       /* whose statement failed; NULL: nobody's in particular */
};

void round_init(struct round *self);
void round_fini(struct round *self);

/*
 * Runs waiting jobs, which may share a transaction. True: it was committed, all are DONE, AGAIN or
 * THEN.
 * False: it was undone (or, if `problem.unknown`, perhaps not); those that are not DONE are WAITING
 * again, and `problem` says why. When `problem.lost` the session's connection is of no more use.
 */
bool round_run(struct round *self, struct session *session, struct job *const *jobs,
               size_t n) MUST_CHECK;

/*
 * The statement timeout for a call with so much time left: the next of a few steps up, so that it
 * seldom changes from round to round.
 */
int round_timeout_ms(int remaining_ms);

#endif
