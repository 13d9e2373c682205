/* Clients and calls of the tests of this folder. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "pb/wire.h"

struct rpc_client *
client_start(const char *addresses)
{
    struct rpc_client_options options = {
        .service = &depot__inventory__v1__inventory_service__service, .addresses = addresses};
    struct rpc_client *client;
    struct error error;

    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_OK, "%s", error.text);
    return client;
}

static void
note_payload(struct trial *self, const struct rpc_reply *reply)
{
    struct arena arena;
    ProtobufCMessage *message;

    arena_init(&arena, 1024, 0);
    if (self->request.method->reply == &depot__inventory__v1__resource__schema) {
        cr_assert_eq(pb_unpack(&arena, self->request.method->reply, reply->payload,
                               reply->payload_bytes, &message),
                     STATUS_OK);
        snprintf(self->seen_id, sizeof(self->seen_id), "%s",
                 ((Depot__Inventory__V1__Resource *)message)->id);
        snprintf(self->seen_name, sizeof(self->seen_name), "%s",
                 ((Depot__Inventory__V1__Resource *)message)->name);
    }
    arena_fini(&arena);
}

static void
on_done(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct trial *self = request->owner;

    self->done++;
    self->status = reply->status;
    self->replayed = reply->replayed;
    self->retry_after_ms = reply->retry_after_ms;
    self->payload_bytes = reply->payload_bytes;
    self->detail_bytes = reply->detail_bytes;
    self->n_violations = reply->n_violations;
    snprintf(self->reason, sizeof(self->reason), "%s", reply->reason);
    snprintf(self->message, sizeof(self->message), "%s", reply->message);
    snprintf(self->detail_type, sizeof(self->detail_type), "%s", reply->detail_type);
    if (reply->n_violations > 0) {
        snprintf(self->field, sizeof(self->field), "%s", reply->violations[0].field);
    }
    if (reply->status == STATUS_OK) {
        note_payload(self, reply);
    }
}

static void
prepare(struct trial *self, const struct pb_method *method, const ProtobufCMessage *message,
        const char *request_id)
{
    snprintf(self->request_id, sizeof(self->request_id), "%s", request_id);
    self->request.method = method;
    self->request.message = message;
    self->request.principal = "anna";
    self->request.request_id = self->request_id;
    self->request.traceparent = "";
    self->request.idempotency_key = "";
    self->request.done = on_done;
    self->request.owner = self;
    trial_timeout(self, PATIENCE_MS);
}

static void
id_of(struct trial *self, unsigned n)
{
    snprintf(self->id, sizeof(self->id), "01912d68-783e-7000-8000-%012x", n);
}

void
trial_get(struct trial *self, unsigned n, const char *request_id)
{
    memset(self, 0, sizeof(*self));
    id_of(self, n);
    depot__inventory__v1__get_resource_request__init(&self->get);
    self->get.type = "cars";
    self->get.id = self->id;
    prepare(self, &depot__inventory__v1__inventory_service__get_resource__method, &self->get.base,
            request_id);
}

void
trial_list(struct trial *self, const char *request_id)
{
    memset(self, 0, sizeof(*self));
    depot__inventory__v1__list_resources_request__init(&self->list);
    self->list.type = "cars";
    prepare(self, &depot__inventory__v1__inventory_service__list_resources__method,
            &self->list.base, request_id);
}

void
trial_create(struct trial *self, unsigned n, const char *request_id)
{
    memset(self, 0, sizeof(*self));
    id_of(self, n);
    google__protobuf__timestamp__init(&self->start);
    google__protobuf__timestamp__init(&self->end);
    self->start.seconds = 1800000000;
    self->end.seconds = 1800003600;
    depot__inventory__v1__allocation__init(&self->allocation);
    self->allocation.start_time = &self->start;
    self->allocation.end_time = &self->end;
    depot__inventory__v1__create_allocation_request__init(&self->create);
    self->create.type = "cars";
    self->create.resource_id = self->id;
    self->create.allocation = &self->allocation;
    prepare(self, &depot__inventory__v1__inventory_service__create_allocation__method,
            &self->create.base, request_id);
}

void
trial_timeout(struct trial *self, int ms)
{
    self->request.deadline_us = clock_us() + (int64_t)ms * 1000;
}

/* One turn of an event loop; at most a few milliseconds. */
static void
turn(struct rpc_client *client)
{
    struct pollfd fd = {.fd = rpc_client_fd(client), .events = POLLIN};
    int64_t pause_us = rpc_client_next_us(client) - clock_us();

    poll(&fd, 1, pause_us <= 0 ? 0 : pause_us < 5000 ? (int)(pause_us / 1000) + 1 : 5);
    rpc_client_run(client);
}

bool
run_until(struct rpc_client *client, bool (*holds)(struct rpc_client *, void *), void *closure)
{
    int64_t end_us = clock_us() + PATIENCE_MS * 1000LL;

    rpc_client_run(client);
    while (!holds(client, closure)) {
        if (clock_us() > end_us) {
            return false;
        }
        turn(client);
    }
    return true;
}

void
run_for(struct rpc_client *client, int ms)
{
    int64_t end_us = clock_us() + (int64_t)ms * 1000;

    while (clock_us() < end_us) {
        turn(client);
    }
}

bool
settle(struct rpc_client *client, const struct trial *trials, size_t n)
{
    int64_t end_us = clock_us() + PATIENCE_MS * 1000LL;

    rpc_client_run(client);
    for (size_t i = 0; i < n; i++) {
        while (trials[i].done == 0) {
            if (clock_us() > end_us) {
                return false;
            }
            turn(client);
        }
    }
    return true;
}

void
settle_one(struct rpc_client *client, struct trial *trial)
{
    rpc_client_submit(client, &trial->request);
    cr_assert_eq(settle(client, trial, 1), true);
    cr_assert_eq(trial->done, 1);
}

struct rpc_replica_state
replica_state(struct rpc_client *client, size_t index)
{
    struct rpc_replica_state states[8];

    cr_assert_gt(rpc_client_replicas(client, states, 8), index);
    return states[index];
}

static bool
are_serving(struct rpc_client *client, void *closure)
{
    size_t *n = closure;
    struct rpc_replica_state states[8];
    size_t n_replicas = rpc_client_replicas(client, states, 8), serving = 0;

    for (size_t i = 0; i < n_replicas; i++) {
        serving += states[i].serving && states[i].connected && !states[i].ejected;
    }
    return serving == *n;
}

void
run_until_serving(struct rpc_client *client, size_t n)
{
    cr_assert_eq(run_until(client, are_serving, &n), true, "replicas serve");
}
