#include "rpc/replica.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "rpc/endpoint.h"

/*
 * Well below LIMIT_DOWN_MS, so that a service is found as soon as it is back. Not so with TLS: each
 * handshake that a server of nng 1.5.2 refuses may be the one after which it accepts no more.
 */
enum { RECONNECT_MIN_MS = 100, RECONNECT_MAX_MS = 250, RECONNECT_TLS_MAX_MS = 1000 };

/*
 * In a thread of nng. There is one connection at a time, but the two events of one may come in
 * either order, and a connection that was refused goes without having come.
 */
static void
on_pipe(nng_pipe pipe, nng_pipe_ev event, void *closure)
{
    struct replica *self = closure;
    struct wakeup *wakeup = self->check.wakeup;
    int id = nng_pipe_id(pipe);

    pthread_mutex_lock(&wakeup->mutex);
    if (event == NNG_PIPE_EV_REM_POST) {
        self->pipe_gone = id;
        self->pipe_now = self->pipe_now == id ? 0 : self->pipe_now;
    } else if (self->pipe_gone != id) {
        self->pipe_now = id;
    }
    pthread_mutex_unlock(&wakeup->mutex);
    wakeup_ring(wakeup);
}

static int
options_set(struct replica *self)
{
    int rv = endpoint_limit(self->socket);

    /* Before contexts are opened: nng would run a booking twice. */
    if (rv == 0) {
        rv = nng_socket_set_ms(self->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    }
    if (rv == 0) {
        rv = nng_socket_set_ms(self->socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    }
    if (rv == 0) {
        rv = nng_socket_set_ms(self->socket, NNG_OPT_RECONNMAXT,
                               self->tls == NULL ? RECONNECT_MAX_MS : RECONNECT_TLS_MAX_MS);
    }
    return rv;
}

static int
flights_open(struct replica *self, struct wakeup *wakeup)
{
    int rv = flight_open(&self->check, self, wakeup, self->socket);

    for (unsigned i = 0; rv == 0 && i < LIMIT_REPLICA_FRAMES; i++) {
        rv = flight_open(&self->flights[i], self, wakeup, self->socket);
        self->flights[i].next = self->idle;
        self->idle = &self->flights[i];
    }
    if (rv == 0) {
        rv = nng_pipe_notify(self->socket, NNG_PIPE_EV_ADD_POST, on_pipe, self);
    }
    if (rv == 0) {
        rv = nng_pipe_notify(self->socket, NNG_PIPE_EV_REM_POST, on_pipe, self);
    }
    return rv;
}

static int
dial(struct replica *self)
{
    int rv = nng_dialer_create(&self->dialer, self->socket, self->url);

    if (rv == 0 && self->tls != NULL) {
        rv = nng_dialer_set_ptr(self->dialer, NNG_OPT_TLS_CONFIG, self->tls);
    }
    return rv != 0 ? rv : nng_dialer_start(self->dialer, NNG_FLAG_NONBLOCK);
}

/*
 * nng dials again once it has put the lost connection away, and puts them away one by one: one that
 * it cannot put away (see endpoint_close) keeps it from that for ever. A new dialer does not wait.
 */
void
replica_redial(struct replica *self, int64_t now_us)
{
    int rv;

    nng_dialer_close(self->dialer);
    rv = dial(self);
    ASSERT(rv == 0 || rv == NNG_ENOMEM); /* it worked before */
    self->redial_us = now_us + LIMIT_REDIAL_MS * 1000;
}

enum status
replica_open(struct replica *self, const char *url, nng_tls_config *tls,
             const struct pb_service *service, struct wakeup *wakeup, struct error *error)
{
    int rv;

    memset(self, 0, sizeof(*self));
    self->service = service;
    self->workers = 1;
    self->check_due_us = INT64_MAX;
    self->check_timeout_us = INT64_MAX;
    self->redial_us = clock_us() + LIMIT_REDIAL_MS * 1000;
    rv = nng_req0_open(&self->socket);
    if (rv != 0) {
        return error_set(error, STATUS_UNAVAILABLE, "%s: %s", url, nng_strerror(rv));
    }
    self->url = strdup(url);
    ASSERT(self->url != NULL);
    self->tls = tls;
    if (tls != NULL) {
        nng_tls_config_hold(tls);
    }
    rv = options_set(self);
    if (rv == 0) {
        rv = flights_open(self, wakeup);
    }
    if (rv == 0) {
        rv = dial(self);
    }
    if (rv != 0) {
        replica_close(self);
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: %s", url, nng_strerror(rv));
    }
    return STATUS_OK;
}

void
replica_close(struct replica *self)
{
    flight_close(&self->check);
    for (unsigned i = 0; i < LIMIT_REPLICA_FRAMES; i++) {
        flight_close(&self->flights[i]);
    }
    endpoint_close(self->socket);
    if (self->tls != NULL) {
        nng_tls_config_free(self->tls);
    }
    free(self->url);
    self->url = NULL;
}

/* What the last connection said of itself does not hold for the next. */
static void
forget(struct replica *self)
{
    self->checked = false;
    self->serving = false;
    self->leaving = false;
    self->workers = 1;
    self->timeouts = 0;
}

void
replica_refresh(struct replica *self, int64_t now_us)
{
    int seen = self->pipe;

    pthread_mutex_lock(&self->check.wakeup->mutex);
    self->pipe = self->pipe_now;
    pthread_mutex_unlock(&self->check.wakeup->mutex);
    if (self->pipe != 0 && self->pipe != seen) {
        forget(self);
        self->check_due_us = now_us;
    }
    self->connected = self->pipe != 0 && self->pipe != self->lost_pipe;
    if (!self->connected) {
        forget(self);
        /* A frame that had not left would leave by the next connection, late and unasked. */
        flight_recall(&self->check);
        for (unsigned i = 0; i < LIMIT_REPLICA_FRAMES; i++) {
            flight_recall(&self->flights[i]);
        }
    }
}

unsigned
replica_rank(const struct replica *self)
{
    if (!self->connected || self->ejected || self->leaving) {
        return REPLICA_UNUSABLE;
    }
    if (self->checked && !self->serving) {
        return 2;
    }
    return self->checked && self->timeouts == 0 ? 0 : 1;
}

bool
replica_has_room(const struct replica *self, enum pb_class class)
{
    unsigned heavy_max = self->workers < 2 ? 1 : self->workers / 2;

    if (self->in_flight >= self->workers || self->idle == NULL) {
        return false;
    }
    return (class != PB_CLASS_LIST && class != PB_CLASS_LONG) || self->heavy_in_flight < heavy_max;
}

static unsigned
heaviness(const struct rpc_flight *flight)
{
    return flight->class == PB_CLASS_LIST || flight->class == PB_CLASS_LONG ? 1 : 0;
}

struct rpc_flight *
replica_send(struct replica *self, struct rpc_request *const *calls, size_t n, nng_msg *message,
             int64_t now_us)
{
    struct rpc_flight *flight = self->idle;

    ASSERT(flight != NULL && n > 0);
    self->idle = flight->next;
    flight->next = NULL;
    flight->pipe = self->pipe;
    flight->class = calls[0]->method->class;
    flight->n_calls = (unsigned)n;
    flight->n_affinities = 0;
    for (unsigned i = 0; i < n; i++) {
        flight->calls[i] = calls[i];
        calls[i]->flight = flight;
        calls[i]->flight_index = i;
    }
    self->in_flight++;
    self->heavy_in_flight += heaviness(flight);
    self->frames++;
    self->calls += n;
    flight_send(flight, message, now_us);
    return flight;
}

void
replica_land(struct rpc_flight *flight)
{
    struct replica *self = flight->replica;

    self->in_flight--;
    self->heavy_in_flight -= heaviness(flight);
    flight->n_calls = 0;
    flight->next = self->idle;
    self->idle = flight;
}

void
replica_heard(struct replica *self, unsigned workers, int64_t now_us)
{
    self->heard_us = now_us;
    self->redial_us = now_us + LIMIT_REDIAL_MS * 1000;
    self->timeouts = 0;
    if (workers == 0) {
        self->checked = true;
        self->serving = false;
        return;
    }
    self->workers = workers < LIMIT_REPLICA_FRAMES ? workers : LIMIT_REPLICA_FRAMES;
}

void
replica_lost(const struct rpc_flight *flight)
{
    flight->replica->lost_pipe = flight->pipe;
}
