#include "rpc/flight.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"

void
wakeup_open(struct wakeup *self)
{
    *self = (struct wakeup){.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    ASSERT(self->fd >= 0);
    pthread_mutex_init(&self->mutex, NULL);
}

void
wakeup_close(struct wakeup *self)
{
    close(self->fd);
    pthread_mutex_destroy(&self->mutex);
}

void
wakeup_ring(struct wakeup *self)
{
    const uint64_t one = 1;
    ssize_t written = write(self->fd, &one, sizeof(one));

    (void)written; /* fails only when the counter is full: the fd is readable then */
}

struct rpc_flight *
wakeup_collect(struct wakeup *self)
{
    struct rpc_flight *finished;
    uint64_t rings;
    ssize_t got = read(self->fd, &rings, sizeof(rings));

    (void)got; /* nothing to read is fine */
    pthread_mutex_lock(&self->mutex);
    finished = self->first;
    self->first = NULL;
    self->last = NULL;
    pthread_mutex_unlock(&self->mutex);
    return finished;
}

/* Called with the mutex held. Whether the client's thread must be woken: it is not yet. */
static bool
finish(struct rpc_flight *self, int result, nng_msg *reply)
{
    struct wakeup *wakeup = self->wakeup;
    bool first = wakeup->first == NULL;

    self->result = result;
    self->reply = reply;
    self->state = FLIGHT_IDLE;
    self->next = NULL;
    if (first) {
        wakeup->first = self;
    } else {
        wakeup->last->next = self;
    }
    wakeup->last = self;
    return first;
}

static bool
sent(struct rpc_flight *self, int result)
{
    if (result != 0) {
        nng_msg_free(nng_aio_get_msg(self->aio)); /* it never left */
        return finish(self, result, NULL);
    }
    self->left = true;
    self->state = FLIGHT_RECEIVING;
    nng_ctx_recv(self->context, self->aio);
    return false;
}

/* In a thread of nng. */
static void
on_event(void *closure)
{
    struct rpc_flight *self = closure;
    struct wakeup *wakeup = self->wakeup;
    bool ring;
    int result;

    pthread_mutex_lock(&wakeup->mutex);
    result = nng_aio_result(self->aio);
    if (self->state == FLIGHT_SENDING) {
        ring = sent(self, result);
    } else {
        ring = finish(self, result, result == 0 ? nng_aio_get_msg(self->aio) : NULL);
    }
    pthread_mutex_unlock(&wakeup->mutex);
    if (ring) {
        wakeup_ring(wakeup);
    }
}

int
flight_open(struct rpc_flight *self, struct replica *replica, struct wakeup *wakeup,
            nng_socket socket)
{
    int rv;

    *self = (struct rpc_flight){.replica = replica, .wakeup = wakeup};
    rv = nng_ctx_open(&self->context, socket);
    if (rv != 0) {
        return rv;
    }
    rv = nng_aio_alloc(&self->aio, on_event, self);
    if (rv != 0) {
        nng_ctx_close(self->context);
        self->aio = NULL;
    }
    return rv;
}

void
flight_close(struct rpc_flight *self)
{
    if (self->aio == NULL) {
        return;
    }
    nng_aio_stop(self->aio);
    nng_ctx_close(self->context);
    nng_aio_free(self->aio);
    self->aio = NULL;
}

void
flight_send(struct rpc_flight *self, nng_msg *message, int64_t now_us)
{
    self->sent_us = now_us;
    self->silent = false;
    self->left = false;
    self->reply = NULL;
    self->state = FLIGHT_SENDING;
    nng_aio_set_msg(self->aio, message);
    nng_ctx_send(self->context, self->aio);
}

/*
 * The callback cannot get past the mutex meanwhile, so the operation that is ended is the one that
 * `state` names, or it is through already and nothing happens.
 */
static void
end(struct rpc_flight *self, bool only_sending)
{
    pthread_mutex_lock(&self->wakeup->mutex);
    if (self->state == FLIGHT_SENDING || (self->state == FLIGHT_RECEIVING && !only_sending)) {
        nng_aio_cancel(self->aio);
    }
    pthread_mutex_unlock(&self->wakeup->mutex);
}

void
flight_cancel(struct rpc_flight *self)
{
    end(self, false);
}

void
flight_recall(struct rpc_flight *self)
{
    end(self, true);
}
