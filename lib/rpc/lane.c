#include <stdlib.h>

#include "base/assert.h"
#include "base/clock.h"
#include "rpc/serving.h"

void
lanes_append(struct lanes *self, struct lane *lane)
{
    lane->next = NULL;
    if (self->first == NULL) {
        self->first = lane;
    } else {
        self->last->next = lane;
    }
    self->last = lane;
}

struct lane *
lanes_pop(struct lanes *self)
{
    struct lane *lane = self->first;

    if (lane != NULL) {
        self->first = lane->next;
    }
    return lane;
}

/* In a thread of nng. Errors come only at the end: the lane is then out of use. */
static void
on_received(void *closure)
{
    struct lane *self = closure;
    struct rpc_server *server = self->server;
    bool is_check;

    if (nng_aio_result(self->receiving) != 0) {
        return;
    }
    self->frame = nng_aio_get_msg(self->receiving);
    self->pipe = nng_msg_get_pipe(self->frame);
    self->arrived_us = clock_us();
    is_check = health_looks_like(nng_msg_body(self->frame), nng_msg_len(self->frame));
    pthread_mutex_lock(&server->mutex);
    lanes_append(is_check ? &server->checks : &server->frames, self);
    server->n_waiting++;
    pthread_mutex_unlock(&server->mutex);
    pthread_cond_signal(is_check ? &server->check_came : &server->frame_came);
}

/* In a thread of nng. */
static void
on_sent(void *closure)
{
    struct lane *self = closure;
    struct rpc_server *server = self->server;
    int result = nng_aio_result(self->sending);

    if (result != 0) {
        nng_msg_free(nng_aio_get_msg(self->sending));
    }
    if (result == NNG_ETIMEDOUT) {
        nng_pipe_close(self->pipe); /* it sends and never reads: others need the lane */
    }
    pthread_mutex_lock(&server->mutex);
    server->n_sending--;
    pthread_cond_broadcast(&server->calmed);
    pthread_mutex_unlock(&server->mutex);
    lane_receive(self);
}

void
lane_receive(struct lane *self)
{
    nng_ctx_recv(self->context, self->receiving);
}

void
lane_reply(struct lane *self, nng_msg *reply)
{
    nng_msg_free(self->frame);
    self->frame = NULL;
    pthread_mutex_lock(&self->server->mutex);
    self->server->n_sending++;
    pthread_mutex_unlock(&self->server->mutex);
    nng_aio_set_msg(self->sending, reply);
    nng_ctx_send(self->context, self->sending);
}

static int
lane_open(struct lane *self, struct rpc_server *server)
{
    int rv = nng_ctx_open(&self->context, server->socket);

    self->server = server;
    if (rv == 0) {
        rv = nng_aio_alloc(&self->receiving, on_received, self);
    }
    if (rv == 0) {
        rv = nng_aio_alloc(&self->sending, on_sent, self);
    }
    if (rv == 0) {
        nng_aio_set_timeout(self->sending, LIMIT_SEND_MS);
    }
    return rv;
}

int
lanes_open(struct rpc_server *self)
{
    int rv = 0;

    self->n_lanes = self->n_workers + LIMIT_FRAMES_WAITING;
    self->lanes = calloc(self->n_lanes, sizeof(*self->lanes));
    ASSERT(self->lanes != NULL);
    for (size_t i = 0; rv == 0 && i < self->n_lanes; i++) {
        rv = lane_open(&self->lanes[i], self);
    }
    return rv;
}

void
lanes_close(struct rpc_server *self)
{
    /* First all of them: a callback of one operation starts the other. */
    for (size_t i = 0; i < self->n_lanes; i++) {
        nng_aio_stop(self->lanes[i].sending);
        nng_aio_stop(self->lanes[i].receiving);
    }
    for (size_t i = 0; i < self->n_lanes; i++) {
        struct lane *lane = &self->lanes[i];

        if (lane->frame != NULL) {
            nng_msg_free(lane->frame);
        }
        nng_aio_free(lane->sending);
        nng_aio_free(lane->receiving);
    }
    free(self->lanes);
}
