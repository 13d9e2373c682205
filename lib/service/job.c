#include "service/job.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"
#include "base/uuid.h"
#include "db/rows.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/list.h"
#include "service/secret.h"

/* A field's value as text; "" if it has none. A UUID has one text, which is put into `uuid`. */
static const char *
field_text(const struct job *self, int16_t index, char uuid[static UUID_TEXT_BYTES])
{
    const struct pb_field *field = &self->served->method->request->fields[index];
    const char *text = NULL;
    bool exhausted = false;

    if (!db_field_text(self->served->call.arena, field, self->served->request, &text, &exhausted)) {
        return "";
    }
    return text == NULL ? "" : uuid_canonical(text, uuid);
}

static void
find_affinity(struct job *self)
{
    static const unsigned char no_secret[crypto_shorthash_KEYBYTES] = {0};
    char uuid[UUID_TEXT_BYTES];
    const char *text = field_text(self, self->served->method->affinity, uuid);
    unsigned char digest[crypto_shorthash_BYTES];

    crypto_shorthash(digest, (const unsigned char *)text, strlen(text), no_secret);
    memcpy(&self->affinity, digest, sizeof(self->affinity));
    self->has_affinity = true;
}

/* With its NUL byte, so that no two lists of texts look the same. */
static void
digest_text(crypto_hash_sha256_state *state, const char *text)
{
    crypto_hash_sha256_update(state, (const unsigned char *)text, strlen(text) + 1);
}

/* A key means something only to one principal, for one method, at one path. */
static void
find_scope(struct job *self)
{
    const struct pb_method *method = self->served->method;
    char uuid[UUID_TEXT_BYTES];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    digest_text(&state, self->served->call.principal);
    digest_text(&state, method->path);
    for (const int16_t *field = method->scope; field != NULL && *field >= 0; field++) {
        digest_text(&state, field_text(self, *field, uuid));
    }
    digest_text(&state, self->served->call.idempotency_key);
    crypto_hash_sha256_final(&state, self->scope);
    crypto_generichash(self->fingerprint, sizeof(self->fingerprint), self->served->payload,
                       self->served->payload_bytes, service_fingerprint_key(), SECRET_BYTES);
    self->keyed = true;
}

static void
done(struct job *self, enum status status)
{
    self->served->status = status;
    self->state = JOB_DONE;
}

static void
fail_memory(struct job *self)
{
    job_fail(self, &reason_reply_too_large, 0, "The call needs more memory than allowed.");
}

void
job_init(struct job *self, struct rpc_served *served, const struct plan_method *method)
{
    const struct pb_method *contract = served->method;

    *self = (struct job){
        .served = served,
        .method = method,
        .state = JOB_WAITING,
        .writes = !contract->no_side_effects && !served->call.validate_only,
        .rolled_back = !contract->no_side_effects && served->call.validate_only,
        .has_steps = method->handler->query->then != NULL,
    };
    ASSERT(!self->has_steps || self->writes); /* it cannot be tried only */
    if (!self->writes) {
        return;
    }
    if (contract->affinity >= 0) {
        find_affinity(self);
    }
    if (contract->idempotency_key && served->call.idempotency_key[0] != '\0') {
        find_scope(self);
    }
    if (served->call.arena->exhausted) {
        self->keyed = false; /* of which value of which field, nobody knows */
        fail_memory(self);
    }
}

bool
job_is_late(const struct job *self)
{
    return call_remaining_ms(&self->served->call) == 0;
}

static enum status
handler_ask(struct job *self)
{
    const struct service_handler *handler = self->method->handler;
    struct rpc_served *served = self->served;
    enum status (*ask)(struct call *, const ProtobufCMessage *, struct db_params *) =
        self->second ? handler->then_ask : handler->ask;

    return ask == NULL ? STATUS_OK : ask(&served->call, served->request, &self->params);
}

void
job_ask(struct job *self)
{
    struct call *call = &self->served->call;
    enum status status = STATUS_OK;

    if (self->asked) {
        return;
    }
    self->asked = true;
    db_params_init(&self->params, call,
                   self->second ? &self->method->then_binding : &self->method->binding,
                   self->served->request);
    if (self->params.query->list != NULL && !self->params.exhausted) {
        status =
            list_ask(call, self->served->method->request, self->served->request, &self->params);
    }
    if (status == STATUS_OK && !self->params.exhausted) {
        status = handler_ask(self);
    }
    if (self->params.exhausted || call->arena->exhausted) {
        fail_memory(self);
    } else if (status != STATUS_OK) {
        ASSERT(call->problem.reason != NULL && call->problem.reason->code == status);
        done(self, status);
    }
}

/* What was never there has no version that a later request could ask for. */
static void
drop_version(const struct pb_message *schema, ProtobufCMessage *reply)
{
    if (schema->etag >= 0) {
        *(char **)pb_member(&schema->fields[schema->etag], reply) = (char *)protobuf_c_empty_string;
    }
}

static enum status
handler_answer(struct job *self, const struct db_rows *rows, ProtobufCMessage *reply)
{
    const struct service_handler *handler = self->method->handler;
    struct call *call = &self->served->call;
    enum status status = (self->second ? handler->then_answer
                                       : handler->answer)(call, self->served->request, rows, reply);

    ASSERT(!call->then || (!self->second && handler->query->then != NULL));
    return status;
}

/* What the second half says is its outcome. */
static void
note_answer(struct job *self, enum status status, ProtobufCMessage *reply)
{
    struct rpc_served *served = self->served;
    const struct reason *reason = served->call.problem.reason;

    ASSERT(status == STATUS_OK || served->call.again || served->call.then ||
           (reason != NULL && reason->code == status));
    served->status = status;
    served->reply = status == STATUS_OK ? reply : NULL;
    if (status == STATUS_OK && self->rolled_back) {
        drop_version(served->method->reply, reply);
    }
}

void
job_answer(struct job *self, const struct db_rows *rows)
{
    struct call *call = &self->served->call;
    ProtobufCMessage *reply = pb_new(call->arena, self->served->method->reply);
    enum status status;

    call->again = false;
    call->then = false;
    if (reply == NULL) {
        fail_memory(self);
    } else {
        status = handler_answer(self, rows, reply);
        if (*rows->exhausted || call->arena->exhausted) {
            fail_memory(self);
        } else {
            note_answer(self, status, reply);
        }
    }
    self->state = JOB_ANSWERED;
}

void
job_commit(struct job *self)
{
    const struct call *call = &self->served->call;

    ASSERT(self->state == JOB_ANSWERED);
    self->state = call->again ? JOB_AGAIN : call->then ? JOB_THEN : JOB_DONE;
}

void
job_go_on(struct job *self)
{
    ASSERT(self->state == JOB_THEN);
    job_reset(self);
    self->second = true;
    self->asked = false;
}

void
job_reset(struct job *self)
{
    struct rpc_served *served = self->served;

    self->state = JOB_WAITING;
    served->status = STATUS_OK;
    served->call.problem = (struct problem){0};
    served->call.again = false;
    served->call.then = false;
    served->reply = NULL;
    served->reply_payload = NULL;
    served->reply_payload_bytes = 0;
}

void
job_fail(struct job *self, const struct reason *reason, uint32_t retry_after_ms, const char *detail)
{
    job_reset(self);
    done(self, call_fail(&self->served->call, reason, "%s", detail));
    self->served->call.problem.retry_after_ms = retry_after_ms;
}

void
job_replay(struct job *self, const void *reply, size_t bytes)
{
    struct rpc_served *served = self->served;
    char *copy = arena_copy(served->call.arena, reply, bytes);

    if (copy == NULL) {
        fail_memory(self);
        return;
    }
    job_reset(self);
    served->reply_payload = (const uint8_t *)copy;
    served->reply_payload_bytes = bytes;
    served->replayed = true;
    done(self, STATUS_OK);
}
