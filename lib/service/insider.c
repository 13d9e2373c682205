#include "service/insider.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/uuid.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/validate.h"
#include "pb/wire.h"
#include "service/main.h"

struct insider {
    struct rpc_executor executor;
    void *worker;
    pthread_mutex_t mutex; /* of the worker */
};

/* Of service_call. */
static struct insider *of_process;

struct insider *
insider_new(const struct rpc_executor *executor, unsigned index)
{
    struct insider *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->executor = *executor;
    self->worker = executor->worker_open(executor->closure, index);
    pthread_mutex_init(&self->mutex, NULL);
    if (of_process == NULL) {
        of_process = self;
    }
    return self;
}

void
insider_free(struct insider *self)
{
    if (of_process == self) {
        of_process = NULL;
    }
    self->executor.worker_close(self->worker);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

void
insider_prepare(struct rpc_served *served, const struct pb_method *method,
                const ProtobufCMessage *request, struct arena *arena)
{
    char id[UUID_TEXT_BYTES];
    const char *copy;

    uuid_v7(id);
    *served = (struct rpc_served){.method = method, .request = request};
    call_init(&served->call, arena);
    served->call.deadline_us = clock_us() + INT64_C(1000) * LIMIT_STATEMENT_MS;
    served->call.caller.name = "operator";
    served->call.caller.role = PB_ROLE_OPERATOR;
    served->call.caller.sees_all = true;
    copy = arena_strdup(arena, id);
    served->call.request_id = copy == NULL ? "" : copy;
}

/* The reply as a message, whichever way it came. */
static const ProtobufCMessage *
reply_of(struct rpc_served *served)
{
    ProtobufCMessage *message = served->reply;

    if (served->reply_payload != NULL &&
        pb_unpack(served->call.arena, served->method->reply, served->reply_payload,
                  served->reply_payload_bytes, &message) != STATUS_OK) {
        served->status =
            call_fail(&served->call, &reason_internal_error, "The reply is malformed.");
        return NULL;
    }
    return message;
}

const ProtobufCMessage *
insider_call(struct insider *self, struct rpc_served *served)
{
    served->status = pb_validate(&served->call, served->method->request, served->request);
    if (served->status != STATUS_OK) {
        return NULL;
    }
    pthread_mutex_lock(&self->mutex);
    self->executor.execute(self->worker, &served, 1);
    pthread_mutex_unlock(&self->mutex);
    return served->status == STATUS_OK ? reply_of(served) : NULL;
}

enum status
service_call(const struct pb_method *method, const ProtobufCMessage *request, struct arena *arena,
             const ProtobufCMessage **reply, struct error *error)
{
    struct rpc_served served;
    const ProtobufCMessage *answer;

    ASSERT(of_process != NULL);
    insider_prepare(&served, method, request, arena);
    answer = insider_call(of_process, &served);
    if (answer == NULL) {
        (void)error_set(error, served.status, "%s: %s: %s", method->name,
                        served.call.problem.reason->name, served.call.problem.detail);
        log_message(LOG_ERROR, "own_call_failed", "%s", error->text);
        return served.status;
    }
    *reply = answer;
    return STATUS_OK;
}
