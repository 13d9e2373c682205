/*
 * One call of a frame on its way through rounds: its parameters, what it may not meet, its outcome.
 */
#ifndef DEPOT_SERVICE_JOB_H
#define DEPOT_SERVICE_JOB_H

#include "rpc/server.h"
#include "service/plan.h"

enum { JOB_DIGEST_BYTES = 32 };

enum job_state {
    JOB_WAITING,  /* to be run, perhaps once more */
    JOB_ANSWERED, /* has an outcome that counts only if its transaction is committed */
    JOB_AGAIN,    /* committed without effect; the handler wants one more try */
    JOB_THEN,     /* committed; the method's second query follows */
    JOB_DONE,     /* has its outcome */
};

struct job {
    struct rpc_served *served;
    const struct plan_method *method;
    enum job_state state;

    bool writes;
    bool rolled_back; /* everything but the effect: its transaction is its own, and undone */
    bool has_steps;   /* its method has two queries */
    bool second;      /* it is at the second */
    bool has_affinity;
    uint64_t affinity; /* equal for equal values of the contract's affinity field */
    bool keyed;        /* carries an idempotency key that counts */
    uint8_t scope[JOB_DIGEST_BYTES];
    uint8_t fingerprint[JOB_DIGEST_BYTES];

    bool asked;
    struct db_params params;
    size_t first_sent;      /* in the round's pipeline, what prepares its statements included */
    size_t first_statement; /* likewise, of the statements themselves */
    unsigned round;         /* of its frame: see batch.h */
    size_t n_together;      /* calls of its transaction, for the log */
};

void job_init(struct job *self, struct rpc_served *served, const struct plan_method *method);

/* Whether its caller no longer waits. */
bool job_is_late(const struct job *self);

/* Runs the handler's first half of the query that it is at, once; afterwards it is still WAITING,
 * or DONE with its refusal. */
void job_ask(struct job *self);

/* Runs the second half: ANSWERED, with a provisional outcome. */
void job_answer(struct job *self, const struct db_rows *rows);

/* Its transaction was committed: DONE, AGAIN or THEN. */
void job_commit(struct job *self);

/* Its transaction was undone, or it is to be run again: WAITING, without an outcome. */
void job_reset(struct job *self);

/* From THEN to its second query: WAITING. */
void job_go_on(struct job *self);

/* DONE with a failure; `detail` is for the client. */
void job_fail(struct job *self, const struct reason *reason, uint32_t retry_after_ms,
              const char *detail);

/* DONE with the packed answer of an earlier call. */
void job_replay(struct job *self, const void *reply, size_t bytes);

#endif
