/*
 * Idempotency keys within a round: claimed before anything is done, recorded with the effect.
 *
 * A claim is a transaction's lock that nobody waits for: who does not get it learns that the same
 * request is being worked on. The record is looked up in a statement after the claim, which sees
 * what whoever had the claim before has committed.
 */
#ifndef DEPOT_SERVICE_IDEMPOTENCY_H
#define DEPOT_SERVICE_IDEMPOTENCY_H

#include "base/buf.h"
#include "db/pipeline.h"
#include "service/job.h"

/* Memory for parameters, kept from round to round. */
struct idempotency {
    struct buf scopes, others, replies;
    size_t claim, lookup; /* the statements' numbers */
};

void idempotency_init(struct idempotency *self);
void idempotency_fini(struct idempotency *self);

/* Adds the claims and the lookup for all jobs with a key; there is at least one. */
void idempotency_ask(struct idempotency *self, struct db_pipeline *pipeline,
                     struct job *const *jobs, size_t n);

/*
 * Reads what came of it: jobs that are not to be run are DONE with a recorded answer,
 * IDEMPOTENCY_KEY_REUSED or REQUEST_IN_PROGRESS.
 */
void idempotency_decide(const struct idempotency *self, const struct db_pipeline *pipeline,
                        struct job *const *jobs, size_t n);

/*
 * Adds the records of those ANSWERED jobs with a key that succeeded; their packed replies become
 * their answers. Returns the first whose reply could not be packed for want of memory, or NULL.
 */
struct job *idempotency_record(struct idempotency *self, struct db_pipeline *pipeline,
                               struct job *const *jobs, size_t n) MUST_CHECK;

#endif
