#include "rpc/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "rpc/client_parts.h"
#include "rpc/endpoint.h"
#include "rpc/frame.h"

enum { ARENA_BLOCK_BYTES = 64 * 1024 };

static size_t
count_addresses(const char *addresses)
{
    size_t n = 1;

    for (const char *at = addresses; *at != '\0'; at++) {
        n += *at == ',';
    }
    return n;
}

/* Cuts the next address off the list: `*rest` goes behind its comma, or becomes NULL. */
static char *
next_address(char **rest)
{
    char *address = strsep(rest, ",");

    address += strspn(address, " ");
    address[strcspn(address, " ")] = '\0';
    return address;
}

static enum status
replica_add(struct rpc_client *self, const char *address, const struct rpc_tls *tls,
            nng_tls_config *config, struct error *error)
{
    char *url;
    enum status status = endpoint_url(address, tls, &url, error);

    if (status == STATUS_OK) {
        status = replica_open(&self->replicas[self->n_replicas], url, config, self->service,
                              &self->wakeup, error);
        free(url);
    }
    self->n_replicas += status == STATUS_OK;
    return status;
}

static enum status
replicas_open(struct rpc_client *self, char *addresses, const struct rpc_client_options *options,
              struct error *error)
{
    const char *peer =
        options->peer_name == NULL ? options->service->short_name : options->peer_name;
    nng_tls_config *config = NULL;
    enum status status = endpoint_tls(&options->tls, NNG_TLS_MODE_CLIENT, peer, &config, error);

    while (status == STATUS_OK && addresses != NULL) {
        status = replica_add(self, next_address(&addresses), &options->tls, config, error);
    }
    if (config != NULL) {
        nng_tls_config_free(config); /* the dialers keep it */
    }
    return status;
}

static struct rpc_client *
client_new(const struct pb_service *service, size_t n_replicas)
{
    struct rpc_client *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->service = service;
    self->replicas = calloc(n_replicas, sizeof(*self->replicas));
    ASSERT(self->replicas != NULL);
    wakeup_open(&self->wakeup);
    arena_init(&self->arena, ARENA_BLOCK_BYTES, LIMIT_FRAME_ARENA_BYTES);
    self->credit = LIMIT_RETRY_CREDIT * CREDIT_PER_RETRY;
    self->down_us = clock_us();
    self->random = (uint64_t)self->down_us ^ (uint64_t)(uintptr_t)self;
    return self;
}

static void
replicas_close(struct rpc_client *self)
{
    for (size_t i = 0; i < self->n_replicas; i++) {
        replica_close(&self->replicas[i]);
    }
    for (struct rpc_flight *flight = wakeup_collect(&self->wakeup); flight != NULL;
         flight = flight->next) {
        if (flight->reply != NULL) {
            nng_msg_free(flight->reply);
        }
    }
}

static void
client_free(struct rpc_client *self)
{
    replicas_close(self);
    wakeup_close(&self->wakeup);
    arena_fini(&self->arena);
    free(self->replicas);
    free(self);
}

enum status
rpc_client_open(const struct rpc_client_options *options, struct rpc_client **client,
                struct error *error)
{
    size_t n_replicas = count_addresses(options->addresses);
    struct rpc_client *self;
    char *addresses;
    enum status status;

    if (n_replicas > LIMIT_REPLICAS) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "more than %d addresses", LIMIT_REPLICAS);
    }
    addresses = strdup(options->addresses);
    ASSERT(addresses != NULL);
    self = client_new(options->service, n_replicas);
    status = replicas_open(self, addresses, options, error);
    free(addresses);
    if (status != STATUS_OK) {
        client_free(self);
        return status;
    }
    *client = self;
    return STATUS_OK;
}

/* What is still in flight ends as if its connection had been lost, but is not sent again. */
static void
refuse_flights(struct rpc_client *self)
{
    for (size_t i = 0; i < self->n_replicas * LIMIT_REPLICA_FRAMES; i++) {
        struct rpc_flight *flight =
            &self->replicas[i / LIMIT_REPLICA_FRAMES].flights[i % LIMIT_REPLICA_FRAMES];

        for (unsigned j = 0; j < flight->n_calls; j++) {
            struct rpc_request *request = flight->calls[j];

            flight->calls[j] = NULL;
            if (request != NULL) {
                client_refuse(self, request, &reason_service_down);
            }
        }
    }
}

void
rpc_client_close(struct rpc_client *self)
{
    refuse_flights(self);
    client_refuse_all(self, &reason_service_down);
    client_answer_refused(self);
    client_free(self);
}

int
rpc_client_fd(const struct rpc_client *self)
{
    return self->wakeup.fd;
}

int64_t
rpc_client_next_us(const struct rpc_client *self)
{
    if (self->refused.n > 0) {
        return 0;
    }
    return self->sweep_us < self->watch_us ? self->sweep_us : self->watch_us;
}

static void
watch_replicas(struct rpc_client *self, int64_t now_us)
{
    self->watch_us = INT64_MAX;
    for (size_t i = 0; i < self->n_replicas; i++) {
        struct replica *replica = &self->replicas[i];
        unsigned rank = replica_rank(replica);
        int64_t due_us;

        replica_refresh(replica, now_us);
        due_us = replica_watch(replica, now_us);
        if (due_us < self->watch_us) {
            self->watch_us = due_us;
        }
        if (replica_rank(replica) != rank) {
            client_due(self, now_us); /* calls may have to go elsewhere */
        }
    }
}

void
rpc_client_run(struct rpc_client *self)
{
    struct rpc_flight *flight = wakeup_collect(&self->wakeup);
    int64_t now_us = clock_us();

    while (flight != NULL) {
        struct rpc_flight *next = flight->next;

        if (flight == &flight->replica->check) {
            replica_checked(flight->replica, &self->arena, now_us);
        } else {
            client_landed(self, flight, now_us);
        }
        flight = next;
    }
    watch_replicas(self, now_us);
    if (now_us >= self->sweep_us) {
        client_sweep(self, now_us);
    }
    client_mind_down(self, now_us);
    client_answer_refused(self);
    client_dispatch(self, now_us);
}

void
rpc_client_submit(struct rpc_client *self, struct rpc_request *request)
{
    int64_t now_us = clock_us();

    queue_prepare(request);
    request->list = NULL;
    request->flight = NULL;
    request->attempts = 0;
    request->queued_us = now_us;
    if (self->credit < LIMIT_RETRY_CREDIT * CREDIT_PER_RETRY) {
        self->credit++;
    }
    if (request->packed_bytes > LIMIT_FRAME_BYTES - FRAME_SPARE_BYTES) {
        client_refuse(self, request, &reason_body_too_large);
    } else if (self->queue.n + self->delayed.n >= LIMIT_QUEUE_CALLS) {
        client_refuse(self, request, &reason_overloaded);
    } else {
        queue_append(&self->queue, request);
        client_due(self, request->deadline_us);
        client_due(self, self->down_us != 0 ? now_us : now_us + LIMIT_QUEUE_WAIT_MS * 1000);
    }
}

void
rpc_client_cancel(struct rpc_client *self, struct rpc_request *request)
{
    if (request->list == NULL) {
        ASSERT(request->flight != NULL && request->flight->calls[request->flight_index] == request);
        request->flight->calls[request->flight_index] = NULL;
        request->flight = NULL;
    } else if (queue_holds(&self->queue, request)) {
        queue_remove(&self->queue, request);
    } else {
        calls_remove(request);
    }
}

size_t
rpc_client_replicas(const struct rpc_client *self, struct rpc_replica_state *states, size_t max)
{
    for (size_t i = 0; i < self->n_replicas && i < max; i++) {
        const struct replica *replica = &self->replicas[i];

        states[i] = (struct rpc_replica_state){
            .url = replica->url,
            .connected = replica->connected,
            .ejected = replica->ejected,
            .serving = replica->serving,
            .workers = replica->workers,
            .in_flight = replica->in_flight,
            .frames = replica->frames,
            .calls = replica->calls,
        };
    }
    return self->n_replicas;
}

bool
rpc_client_serving(const struct rpc_client *self)
{
    for (size_t i = 0; i < self->n_replicas; i++) {
        if (replica_rank(&self->replicas[i]) < REPLICA_UNUSABLE && self->replicas[i].serving) {
            return true;
        }
    }
    return false;
}

size_t
rpc_client_waiting(const struct rpc_client *self)
{
    return self->queue.n + self->delayed.n;
}
