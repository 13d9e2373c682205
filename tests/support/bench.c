#include "support/bench.h"

#include <criterion/criterion.h>

#include "auth/policy.h"
#include "pb/wire.h"

void
bench_open(struct bench *self, const struct service *service, unsigned n_workers)
{
    struct db_options options = {.url = self->database.url, .application_name = "test"};
    struct executor_options executing = {.service = service, .db = options, .workers = n_workers};
    enum db_failure failure;
    struct db_conn *conn;
    struct error error;

    cr_assert_leq(n_workers, BENCH_WORKERS);
    test_database_open(&self->database);
    test_database_migrate(&self->database, "platform");
    test_database_migrate(&self->database, service->name);
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(executor_open(&executing, conn, &self->executor, &error), STATUS_OK, "%s",
                 error.text);
    self->callbacks = executor_callbacks(self->executor);
    self->n_workers = n_workers;
    for (unsigned i = 0; i < n_workers; i++) {
        self->workers[i] = self->callbacks.worker_open(self->callbacks.closure, i);
    }
}

void
bench_close(struct bench *self)
{
    for (unsigned i = 0; i < self->n_workers; i++) {
        self->callbacks.worker_close(self->workers[i]);
    }
    executor_close(self->executor);
    test_database_drop(&self->database);
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

enum status
bench_authorise(struct call *call, const struct caller *caller, const struct pb_method *method)
{
    static const struct auth_policy policy = {.enforced = true};

    call->caller = *caller;
    call->caller.id = or_empty(caller->id);
    call->caller.name = or_empty(caller->name);
    call->caller.session = or_empty(caller->session);
    call->caller.scope = or_empty(caller->scope);
    call->caller.sees_all = auth_policy_sees_all(&policy, caller, method);
    call->principal = call->caller.id;
    return auth_policy_check(&policy, call, method);
}

enum status
bench_execute(struct bench *self, unsigned worker, struct call *call,
              const struct pb_method *method, const ProtobufCMessage *message,
              ProtobufCMessage **reply)
{
    struct rpc_served served = {.call = *call, .method = method};
    struct rpc_served *calls[] = {&served};
    const uint8_t *payload;
    size_t bytes;

    served.payload = pb_pack(call->arena, message, &served.payload_bytes);
    cr_assert_eq(pb_unpack(call->arena, method->request, served.payload, served.payload_bytes,
                           (ProtobufCMessage **)&served.request),
                 STATUS_OK);
    self->callbacks.execute(self->workers[worker], calls, 1);
    *call = served.call;
    if (served.status != STATUS_OK) {
        return served.status;
    }
    payload = served.reply_payload;
    bytes = served.reply_payload_bytes;
    if (served.reply != NULL) {
        payload = pb_pack(call->arena, served.reply, &bytes);
    }
    cr_assert_eq(pb_unpack(call->arena, method->reply, payload, bytes, reply), STATUS_OK);
    return STATUS_OK;
}
