#include "rpc/server.h"

#include <errno.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "grpc/health/v1/health.schema.h"
#include "rpc/endpoint.h"
#include "rpc/serving.h"

/* The services with health behind them, unless it is among them. */
static const struct pb_service **
with_health(const struct pb_service *const *services)
{
    const struct pb_service **all;
    bool has_health = false;
    size_t n = 0;

    while (services[n] != NULL) {
        has_health = has_health || services[n] == &grpc__health__v1__health__service;
        n++;
    }
    all = calloc(n + 2, sizeof(*all));
    ASSERT(all != NULL);
    memcpy(all, services, n * sizeof(*all));
    if (!has_health) {
        all[n] = &grpc__health__v1__health__service;
    }
    return all;
}

static void
workers_new(struct rpc_server *self)
{
    self->workers = calloc(self->n_workers + 1, sizeof(*self->workers));
    self->threads = calloc(self->n_workers + 1, sizeof(*self->threads));
    ASSERT(self->workers != NULL && self->threads != NULL);
    for (unsigned i = 0; i <= self->n_workers; i++) {
        struct worker *worker = &self->workers[i];

        worker->server = self;
        worker->index = i;
        worker->for_health = i == self->n_workers;
        arena_init(&worker->arena, LIMIT_ARENA_BLOCK_BYTES, 0);
        for (unsigned j = 0; j < LIMIT_FRAME_CALLS; j++) {
            arena_init(&worker->slots[j].arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
        }
    }
}

static struct rpc_server *
server_new(const struct rpc_server_options *options)
{
    struct rpc_server *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL && options->workers >= 1 && options->workers <= LIMIT_WORKERS);
    self->n_workers = options->workers;
    self->services = with_health(options->services);
    self->executor = options->executor;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->frame_came, NULL);
    pthread_cond_init(&self->check_came, NULL);
    pthread_cond_init(&self->calmed, NULL);
    workers_new(self);
    return self;
}

void
server_free(struct rpc_server *self)
{
    lanes_close(self);
    endpoint_close(self->socket);
    for (unsigned i = 0; i <= self->n_workers; i++) {
        arena_fini(&self->workers[i].arena);
        for (unsigned j = 0; j < LIMIT_FRAME_CALLS; j++) {
            arena_fini(&self->workers[i].slots[j].arena);
        }
    }
    pthread_cond_destroy(&self->calmed);
    pthread_cond_destroy(&self->check_came);
    pthread_cond_destroy(&self->frame_came);
    pthread_mutex_destroy(&self->mutex);
    free(self->workers);
    free(self->threads);
    free(self->services);
    free(self->url);
    free(self);
}

/* The URL as it was asked for, with the port that there is. */
static int
note_url(struct rpc_server *self, const char *asked)
{
    size_t bytes = strlen(asked) + 8;
    const char *colon = strrchr(asked, ':');
    int port;
    int rv = nng_listener_get_int(self->listener, NNG_OPT_TCP_BOUND_PORT, &port);

    if (rv != 0) {
        return rv;
    }
    self->url = malloc(bytes);
    ASSERT(self->url != NULL && colon != NULL);
    snprintf(self->url, bytes, "%.*s:%d", (int)(colon - asked), asked, port);
    return 0;
}

/* In a thread of nng. To close the listener would close its connections too, with their replies. */
static void
on_pipe(nng_pipe pipe, nng_pipe_ev event, void *closure)
{
    struct rpc_server *self = closure;

    (void)event;
    if (atomic_load(&self->closing)) {
        nng_pipe_close(pipe);
    }
}

static int
listen_at(struct rpc_server *self, const char *url, nng_tls_config *tls)
{
    int rv = nng_rep0_open(&self->socket);

    if (rv == 0) {
        rv = endpoint_limit(self->socket);
    }
    if (rv == 0) {
        rv = nng_pipe_notify(self->socket, NNG_PIPE_EV_ADD_PRE, on_pipe, self);
    }
    if (rv == 0) {
        rv = lanes_open(self);
    }
    if (rv == 0) {
        rv = nng_listener_create(&self->listener, self->socket, url);
    }
    if (rv == 0 && tls != NULL) {
        rv = nng_listener_set_ptr(self->listener, NNG_OPT_TLS_CONFIG, tls);
    }
    if (rv == 0 && tls != NULL) {
        /* nng's listener sets its own default over that of the configuration. */
        rv =
            nng_listener_set_int(self->listener, NNG_OPT_TLS_AUTH_MODE, NNG_TLS_AUTH_MODE_REQUIRED);
    }
    if (rv == 0) {
        rv = nng_listener_start(self->listener, 0);
    }
    return rv != 0 ? rv : note_url(self, url);
}

static enum status
read_options(const struct rpc_server_options *options, char **url, nng_tls_config **tls,
             struct error *error)
{
    enum status status = endpoint_url(options->listen_url, &options->tls, url, error);

    if (status == STATUS_OK) {
        status = endpoint_tls(&options->tls, NNG_TLS_MODE_SERVER, NULL, tls, error);
        if (status != STATUS_OK) {
            free(*url);
        }
    }
    return status;
}

/* Signals are for the thread that calls us. */
static void
threads_start(struct rpc_server *self)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    self->n_running = self->n_workers + 1;
    for (unsigned i = 0; i <= self->n_workers; i++) {
        int rv = pthread_create(&self->threads[i], NULL, worker_run, &self->workers[i]);

        ASSERT(rv == 0);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

enum status
rpc_server_open(const struct rpc_server_options *options, struct rpc_server **server,
                struct error *error)
{
    struct rpc_server *self;
    nng_tls_config *tls;
    char *url;
    enum status status = read_options(options, &url, &tls, error);
    int rv;

    if (status != STATUS_OK) {
        return status;
    }
    self = server_new(options);
    rv = listen_at(self, url, tls);
    if (rv != 0) {
        server_free(self);
        status =
            error_set(error, STATUS_UNAVAILABLE, "cannot listen on %s: %s", url, nng_strerror(rv));
    }
    if (tls != NULL) {
        nng_tls_config_free(tls); /* the listener keeps it */
    }
    free(url);
    if (status != STATUS_OK) {
        return status;
    }
    threads_start(self);
    for (size_t i = 0; i < self->n_lanes; i++) {
        lane_receive(&self->lanes[i]);
    }
    *server = self;
    return STATUS_OK;
}

const char *
rpc_server_url(const struct rpc_server *self)
{
    return self->url;
}

void
rpc_server_drain(struct rpc_server *self)
{
    atomic_store(&self->draining, true);
}

/* Waits for `calmed`, or until then. Called with the mutex held. */
static void
wait_until(struct rpc_server *self, int64_t until_us)
{
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    int rv = pthread_cond_clockwait(&self->calmed, &self->mutex, CLOCK_MONOTONIC, &until);

    ASSERT(rv == 0 || rv == ETIMEDOUT);
}

/*
 * Waits until nothing has been under way for the time of lingering: nng tells when it has a reply,
 * not when the reply has left. Called with the mutex held.
 */
static void
wait_for_calm(struct rpc_server *self, int64_t end_us)
{
    int64_t now_us = clock_us();
    int64_t quiet_us = now_us + LIMIT_LINGER_MS * 1000;

    while (now_us < end_us && now_us < quiet_us) {
        bool calm = self->n_waiting + self->n_busy + self->n_sending == 0;

        wait_until(self, calm && quiet_us < end_us ? quiet_us : end_us);
        now_us = clock_us();
        if (!calm) {
            quiet_us = now_us + LIMIT_LINGER_MS * 1000;
        }
    }
}

static size_t
calls_under_way(const struct rpc_server *self)
{
    size_t n = 0;

    for (unsigned i = 0; i < self->n_workers; i++) {
        n += self->workers[i].n_calls;
    }
    return n;
}

size_t
rpc_server_close(struct rpc_server *self, int grace_ms)
{
    unsigned n_threads = self->n_workers + 1;
    size_t cut;

    rpc_server_drain(self);
    atomic_store(&self->closing, true);
    pthread_mutex_lock(&self->mutex);
    wait_for_calm(self, clock_us() + (int64_t)grace_ms * 1000);
    cut = calls_under_way(self);
    self->ended = true;
    self->orphaned = cut > 0;
    /* Threads that are detached now free the server when the last of them ends: not before the
     * mutex is given back. */
    for (unsigned i = 0; cut > 0 && i < n_threads; i++) {
        pthread_detach(self->threads[i]);
    }
    if (cut > 0) {
        nng_close(self->socket);
    }
    pthread_cond_broadcast(&self->frame_came);
    pthread_cond_broadcast(&self->check_came);
    pthread_mutex_unlock(&self->mutex);
    if (cut == 0) {
        for (unsigned i = 0; i < n_threads; i++) {
            pthread_join(self->threads[i], NULL);
        }
        server_free(self);
    }
    return cut;
}
