#include "service/idempotency.h"

#include <endian.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/wire.h"
#include "service/platform.h"

enum { KEPT_BYTES = 64 * 1024 };

void
idempotency_init(struct idempotency *self)
{
    *self = (struct idempotency){0};
}

void
idempotency_fini(struct idempotency *self)
{
    buf_fini(&self->scopes);
    buf_fini(&self->others);
    buf_fini(&self->replies);
}

static struct db_bytes
whole(const struct buf *buf)
{
    return (struct db_bytes){.data = buf->data, .bytes = buf->length_bytes};
}

static int64_t
claim_key(const struct job *job)
{
    int64_t key;

    memcpy(&key, job->scope, sizeof(key));
    return (int64_t)le64toh((uint64_t)key);
}

void
idempotency_ask(struct idempotency *self, struct db_pipeline *pipeline, struct job *const *jobs,
                size_t n)
{
    struct db_bytes scopes[LIMIT_FRAME_CALLS];
    int64_t keys[LIMIT_FRAME_CALLS];
    size_t n_keyed = 0;

    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->keyed) {
            keys[n_keyed] = claim_key(jobs[i]);
            scopes[n_keyed++] = (struct db_bytes){jobs[i]->scope, sizeof(jobs[i]->scope)};
        }
    }
    buf_clear(&self->others, KEPT_BYTES);
    db_array_int8(&self->others, keys, n_keyed);
    self->claim =
        db_pipeline_binary(pipeline, PLATFORM_CLAIM, (struct db_bytes[]){whole(&self->others)}, 1);
    buf_clear(&self->scopes, KEPT_BYTES);
    db_array_bytes(&self->scopes, scopes, n_keyed);
    self->lookup =
        db_pipeline_binary(pipeline, PLATFORM_LOOKUP, (struct db_bytes[]){whole(&self->scopes)}, 1);
}

/* What a record says to a job: its answer, or that the key belongs to another request. */
static void
apply_record(struct job *job, const struct db_rows *rows, size_t row)
{
    struct db_bytes fingerprint = db_bytes(rows, 0, row, "fingerprint");
    struct db_bytes reply = db_bytes(rows, 0, row, "reply");

    if (fingerprint.bytes == sizeof(job->fingerprint) &&
        memcmp(fingerprint.data, job->fingerprint, fingerprint.bytes) == 0) {
        job_replay(job, reply.data, reply.bytes);
    } else {
        job_fail(job, &reason_idempotency_key_reused, 0,
                 "The idempotency key was used for a request that was not the same as this one.");
    }
}

void
idempotency_decide(const struct idempotency *self, const struct db_pipeline *pipeline,
                   struct job *const *jobs, size_t n)
{
    bool exhausted = false;
    struct db_rows claims = db_pipeline_rows(pipeline, self->claim, 1, NULL, &exhausted);
    struct db_rows found = db_pipeline_rows(pipeline, self->lookup, 1, NULL, &exhausted);
    size_t n_found = db_row_count(&found, 0);
    struct job *keyed[LIMIT_FRAME_CALLS];
    size_t n_keyed = 0;

    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->keyed) {
            keyed[n_keyed++] = jobs[i];
        }
    }
    ASSERT(db_row_count(&claims, 0) == n_keyed);
    for (size_t i = 0; i < n_found; i++) {
        int64_t number = db_int(&found, 0, i, "number");

        ASSERT(number >= 1 && (size_t)number <= n_keyed);
        apply_record(keyed[number - 1], &found, i);
    }
    for (size_t i = 0; i < n_keyed; i++) {
        if (keyed[i]->state == JOB_WAITING && !db_bool(&claims, 0, i, "claimed")) {
            job_fail(keyed[i], &reason_request_in_progress, LIMIT_RETRY_AFTER_MS,
                     "Another request with the same idempotency key is being worked on.");
        }
    }
}

static bool
succeeded_with_key(const struct job *job)
{
    return job->keyed && job->state == JOB_ANSWERED && job->served->status == STATUS_OK &&
           !job->served->call.again;
}

/* The rows of a round's successes. */
struct records {
    struct db_bytes scopes[LIMIT_FRAME_CALLS];
    struct db_bytes fingerprints[LIMIT_FRAME_CALLS];
    struct db_bytes replies[LIMIT_FRAME_CALLS];
    size_t n;
};

/* False: the call's arena is at its cap. */
static bool
add_record(struct records *records, const struct job *job)
{
    struct rpc_served *served = job->served;
    size_t i = records->n;

    served->reply_payload =
        pb_pack(served->call.arena, served->reply, &served->reply_payload_bytes);
    if (served->reply_payload == NULL) {
        return false;
    }
    records->scopes[i] = (struct db_bytes){job->scope, sizeof(job->scope)};
    records->fingerprints[i] = (struct db_bytes){job->fingerprint, JOB_DIGEST_BYTES};
    records->replies[i] = (struct db_bytes){served->reply_payload, served->reply_payload_bytes};
    records->n++;
    return true;
}

static void
send_records(struct idempotency *self, struct db_pipeline *pipeline, const struct records *records)
{
    buf_clear(&self->scopes, KEPT_BYTES);
    buf_clear(&self->others, KEPT_BYTES);
    buf_clear(&self->replies, KEPT_BYTES);
    db_array_bytes(&self->scopes, records->scopes, records->n);
    db_array_bytes(&self->others, records->fingerprints, records->n);
    db_array_bytes(&self->replies, records->replies, records->n);
    db_pipeline_binary(
        pipeline, PLATFORM_RECORD,
        (struct db_bytes[]){whole(&self->scopes), whole(&self->others), whole(&self->replies)}, 3);
}

struct job *
idempotency_record(struct idempotency *self, struct db_pipeline *pipeline, struct job *const *jobs,
                   size_t n)
{
    struct records records;

    records.n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct job *job = jobs[i];
        bool exhausted =
            job->keyed && job->state == JOB_ANSWERED && job->served->call.arena->exhausted;

        if (exhausted || (succeeded_with_key(job) && !add_record(&records, job))) {
            return jobs[i];
        }
    }
    if (records.n != 0) {
        send_records(self, pipeline, &records);
    }
    return NULL;
}
