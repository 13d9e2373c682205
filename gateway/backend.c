#include "backend.h"

#include <string.h>

#include "auth/feed.h"
#include "base/assert.h"
#include "depot/auth/v1/authority.schema.h"

enum { REPLICAS_SHOWN = 64 };

static void
ready(struct watch *watch, uint32_t events)
{
    struct backend *self = (struct backend *)watch; /* its first member */

    (void)events;
    self->due = true;
}

/* Whether it is the accounts service, which fulfils the authority's contract beside its own. */
static bool
is_authority(const struct pb_service *service)
{
    return service == &depot__auth__v1__authority__service ||
           strcmp(service->short_name, AUTH_AUTHORITY_NAME) == 0;
}

static enum status
open_one(struct backends *self, const struct gateway_config *config,
         const struct rpc_client_options *options, struct loop *loop, struct error *error)
{
    bool authority = is_authority(options->service);
    struct backend *backend = &self->list[self->n];
    enum status status;

    *backend = (struct backend){.service = options->service,
                                .authority = authority,
                                .due = true,
                                .needed = config->auth.enforced || !authority};
    status = rpc_client_open(options, &backend->client, error);
    if (status != STATUS_OK) {
        return status;
    }
    self->n++;
    backend->watch = (struct watch){rpc_client_fd(backend->client), ready};
    ASSERT(loop_watch(loop, &backend->watch, EPOLLIN));
    return STATUS_OK;
}

static enum status
open_authority(struct backends *self, const struct gateway_config *config, struct loop *loop,
               struct error *error)
{
    const struct rpc_client_options options = {
        .service = &depot__auth__v1__authority__service,
        .addresses = config->auth.accounts_addresses,
        .tls = config->rpc.tls,
        .peer_name = AUTH_AUTHORITY_NAME,
    };

    return open_one(self, config, &options, loop, error);
}

enum status
backends_open(struct backends *self, const struct gateway_config *config,
              const struct http_contract *contract, struct loop *loop, struct error *error)
{
    enum status status = STATUS_OK;

    self->n = 0;
    for (size_t i = 0; status == STATUS_OK && contract->services[i] != NULL; i++) {
        const struct rpc_client_options options = {
            .service = contract->services[i],
            .addresses = config->addresses[i],
            .tls = config->rpc.tls,
        };

        status = open_one(self, config, &options, loop, error);
    }
    if (status == STATUS_OK && config->auth.enforced) {
        status = open_authority(self, config, loop, error);
    }
    if (status != STATUS_OK) {
        backends_close(self, loop);
    }
    return status;
}

void
backends_close(struct backends *self, struct loop *loop)
{
    for (size_t i = 0; i < self->n; i++) {
        loop_unwatch(loop, &self->list[i].watch);
        rpc_client_close(self->list[i].client);
    }
    self->n = 0;
}

static struct backend *
find(struct backends *self, const struct pb_service *service)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->list[i].service == service) {
            return &self->list[i];
        }
    }
    ASSERT(!"a call's service is one of those");
    return NULL;
}

void
backends_submit(struct backends *self, struct rpc_request *request)
{
    struct backend *backend = find(self, request->method->service);

    backend->due = true;
    rpc_client_submit(backend->client, request);
}

void
backends_cancel(struct backends *self, struct rpc_request *request)
{
    rpc_client_cancel(find(self, request->method->service)->client, request);
}

void
backends_run(struct backends *self, int64_t now_us)
{
    for (size_t i = 0; i < self->n; i++) {
        struct backend *backend = &self->list[i];

        if (backend->due || rpc_client_next_us(backend->client) <= now_us) {
            backend->due = false;
            rpc_client_run(backend->client);
            if (backend->authority && backend->needed) {
                backend->needed = !rpc_client_serving(backend->client);
            }
        }
    }
}

int64_t
backends_next_us(const struct backends *self)
{
    int64_t next_us = INT64_MAX;

    for (size_t i = 0; i < self->n; i++) {
        int64_t own_us = self->list[i].due ? 0 : rpc_client_next_us(self->list[i].client);

        next_us = own_us < next_us ? own_us : next_us;
    }
    return next_us;
}

const struct pb_service *
backends_not_serving(const struct backends *self)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->list[i].needed && !rpc_client_serving(self->list[i].client)) {
            return self->list[i].service;
        }
    }
    return NULL;
}

static void
write_queues(const struct backends *self, struct buf *out)
{
    buf_puts(out, "# HELP depot_rpc_queue_length Calls that wait to be sent.\n"
                  "# TYPE depot_rpc_queue_length gauge\n");
    for (size_t i = 0; i < self->n; i++) {
        buf_printf(out, "depot_rpc_queue_length{service=\"%s\"} %zu\n",
                   self->list[i].service->short_name, rpc_client_waiting(self->list[i].client));
    }
}

/* One family of numbers about replicas. */
struct family {
    const char *name, *type, *help;
    uint64_t (*value)(const struct rpc_replica_state *state);
};

static uint64_t
connected(const struct rpc_replica_state *state)
{
    return state->connected;
}

static uint64_t
serving(const struct rpc_replica_state *state)
{
    return state->serving;
}

static uint64_t
ejected(const struct rpc_replica_state *state)
{
    return state->ejected;
}

static uint64_t
workers(const struct rpc_replica_state *state)
{
    return state->workers;
}

static uint64_t
in_flight(const struct rpc_replica_state *state)
{
    return state->in_flight;
}

static uint64_t
frames(const struct rpc_replica_state *state)
{
    return state->frames;
}

static uint64_t
calls(const struct rpc_replica_state *state)
{
    return state->calls;
}

static const struct family families[] = {
    {"depot_rpc_replica_connected", "gauge", "Whether there is a connection.", connected},
    {"depot_rpc_replica_serving", "gauge", "Whether its last health check said so.", serving},
    {"depot_rpc_replica_ejected", "gauge", "Whether it is left aside after timeouts.", ejected},
    {"depot_rpc_replica_workers", "gauge", "Frames that it works on at once.", workers},
    {"depot_rpc_replica_in_flight", "gauge", "Frames that wait for their reply.", in_flight},
    {"depot_rpc_frames_total", "counter", "Frames sent.", frames},
    {"depot_rpc_calls_total", "counter", "Calls sent in them.", calls},
};

static void
write_family(const struct backends *self, const struct family *family, struct buf *out)
{
    struct rpc_replica_state states[REPLICAS_SHOWN];

    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
               family->type);
    for (size_t i = 0; i < self->n; i++) {
        size_t n = rpc_client_replicas(self->list[i].client, states, REPLICAS_SHOWN);

        for (size_t j = 0; j < n && j < REPLICAS_SHOWN; j++) {
            buf_printf(out, "%s{service=\"%s\",replica=\"%s\"} %llu\n", family->name,
                       self->list[i].service->short_name, states[j].url,
                       (unsigned long long)family->value(&states[j]));
        }
    }
}

void
backends_write_metrics(const struct backends *self, struct buf *out)
{
    write_queues(self, out);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        write_family(self, &families[i], out);
    }
}
