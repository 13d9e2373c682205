#include "gateway.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "connection.h"
#include "exchange.h"
#include "home.h"

/* What answers of an ordinary size need is kept; a rare large one is given back. */
enum { KEPT_HEAD_BYTES = 4 * 1024, KEPT_BODY_BYTES = 64 * 1024 };

/* How often it is looked whether callers can be told apart already. */
enum { OPENING_LOOK_US = 2000 };

static const int wait_ms[WAITS] = {
    [WAIT_IDLE] = LIMIT_HTTP_IDLE_MS,        [WAIT_HEAD] = LIMIT_HTTP_HEAD_MS,
    [WAIT_BODY] = LIMIT_HTTP_RATE_WINDOW_MS, [WAIT_WRITE] = LIMIT_HTTP_RATE_WINDOW_MS,
    [WAIT_LINGER] = LIMIT_HTTP_LINGER_MS,    [WAIT_GONE] = LIMIT_HTTP_GONE_MS,
};

static void
stop_ready(struct watch *watch, uint32_t events)
{
    struct gateway *self =
        (struct gateway *)(void *)((char *)watch - offsetof(struct gateway, stop));
    char request[128]; /* a signalfd_siginfo, or an eventfd's number */

    (void)events;
    if (read(watch->fd, request, sizeof(request)) <= 0) {
        return;
    }
    if (self->phase > GATEWAY_SERVING) {
        log_message(LOG_WARN, "stopping", "Asked twice: ending at once.");
        self->ended = true;
        return;
    }
    if (self->phase == GATEWAY_OPENING) {
        listeners_accept(self);
    }
    self->phase = GATEWAY_DRAINING;
    self->phase_ends_us = clock_us() + (int64_t)self->config->rpc.drain_delay_s * 1000000;
    log_message(LOG_INFO, "draining", "Requests are taken for %d more seconds.",
                self->config->rpc.drain_delay_s);
}

/* As many connections as are configured and as the system has descriptors for. */
static size_t
connection_limit(const struct gateway_config *config)
{
    struct rlimit limit;
    size_t configured = (size_t)config->max_connections;
    size_t possible;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return configured;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    possible = limit.rlim_cur > 2 * LIMIT_RESERVED_DESCRIPTORS
                   ? (size_t)limit.rlim_cur - LIMIT_RESERVED_DESCRIPTORS
                   : LIMIT_RESERVED_DESCRIPTORS;
    return configured < possible ? configured : possible;
}

static enum status
open_backends(struct gateway *self, struct error *error)
{
    enum status status =
        backends_open(&self->backends, self->config, self->contract, &self->loop, error);

    if (status == STATUS_OK) {
        status = access_open(&self->access, self->config, &self->backends, error);
        if (status != STATUS_OK) {
            backends_close(&self->backends, &self->loop);
        }
    }
    return status;
}

static enum status
open_loop(struct gateway *self, int stop_fd, struct error *error)
{
    enum status status = loop_open(&self->loop, error);

    if (status != STATUS_OK) {
        return status;
    }
    status = listeners_open(self, error);
    if (status == STATUS_OK) {
        status = open_backends(self, error);
        if (status != STATUS_OK) {
            listeners_close(self);
        }
    }
    if (status != STATUS_OK) {
        loop_close(&self->loop);
        return status;
    }
    self->stop = (struct watch){stop_fd, stop_ready};
    ASSERT(loop_watch(&self->loop, &self->stop, EPOLLIN));
    return STATUS_OK;
}

enum status
gateway_open(struct gateway *self, const struct gateway_config *config,
             const struct http_contract *contract, int stop_fd, struct error *error)
{
    enum status status;

    *self = (struct gateway){.config = config,
                             .contract = contract,
                             .max_connections = connection_limit(config),
                             .now_us = clock_us(),
                             .phase_ends_us = clock_us() + LIMIT_DOWN_MS * 1000,
                             .date_s = -1};
    for (int i = 0; i < WAITS; i++) {
        self->waits[i].duration_us = (int64_t)wait_ms[i] * 1000;
    }
    status = open_loop(self, stop_fd, error);
    if (status != STATUS_OK) {
        return status;
    }
    self->router = http_router_new(contract->routes, contract->n_routes);
    self->methods = http_rpc_table_new(contract->services);
    self->largest_body = exchange_largest_body(contract);
    self->bodies_differ = exchange_bodies_differ(contract);
    self->gzip = http_gzip_new();
    self->limiter = config->rate.requests == 0 ? NULL : rate_limiter_new(config->rate);
    self->base_url = gateway_config_base_url(config, gateway_port(self));
    snprintf(self->document_cache, sizeof(self->document_cache), "public, max-age=%d",
             LIMIT_DOCUMENT_MAX_AGE_S);
    self->docs.folder = config->docs_dir;
    home_write(&self->home, &(struct home){.base_url = self->base_url,
                                           .docs = config->docs_dir != NULL,
                                           .login = config->auth.enforced});
    metrics_open(&self->metrics, contract, admin_names);
    self->per_address = address_counts_new();
    self->read_buffer = malloc(LIMIT_HTTP_READ_BYTES);
    ASSERT(self->read_buffer != NULL);
    return STATUS_OK;
}

static void
stop_listening(struct gateway *self)
{
    self->phase = GATEWAY_CLOSING;
    self->phase_ends_us = self->now_us + (int64_t)self->config->rpc.drain_grace_s * 1000000;
    listeners_close(self);
}

/* Who comes back after a restart is not turned away for the first milliseconds of it. */
static bool
may_accept(const struct gateway *self)
{
    const char *why;

    return access_ready(&self->access, &why) || self->now_us >= self->phase_ends_us;
}

/* Goes from phase to phase. */
static void
advance(struct gateway *self)
{
    if (self->phase == GATEWAY_OPENING && may_accept(self)) {
        self->phase = GATEWAY_SERVING;
        listeners_accept(self);
    }
    if (self->phase == GATEWAY_DRAINING && self->now_us >= self->phase_ends_us) {
        stop_listening(self);
    }
    if (self->phase == GATEWAY_CLOSING) {
        connections_drain(self);
        self->ended =
            self->ended || self->n_connections == 0 || self->now_us >= self->phase_ends_us;
    }
}

static int64_t
next_us(const struct gateway *self)
{
    int64_t next = connections_next_us(self);
    int64_t backends = backends_next_us(&self->backends);

    next = backends < next ? backends : next;
    if (self->access.keys != NULL && apikeys_next_us(self->access.keys) < next) {
        next = apikeys_next_us(self->access.keys);
    }
    if (self->phase == GATEWAY_CLOSING && connections_drain_us(self) < next) {
        next = connections_drain_us(self);
    }
    if (self->phase == GATEWAY_OPENING && self->now_us + OPENING_LOOK_US < next) {
        next = self->now_us + OPENING_LOOK_US; /* another thread learns */
    }
    if (self->phase != GATEWAY_SERVING && self->phase_ends_us < next) {
        next = self->phase_ends_us;
    }
    return next;
}

static void
turn(struct gateway *self)
{
    int64_t until_us = next_us(self);

    log_flush();
    loop_turn(&self->loop, until_us);
    self->now_us = clock_us();
    connections_go_on(self);
    backends_run(&self->backends, self->now_us);
    if (self->access.keys != NULL) {
        apikeys_run(self->access.keys, self->now_us);
    }
    connections_expire(self);
    advance(self);
    connections_bury(self);
    buf_clear(&self->head, KEPT_HEAD_BYTES);
    buf_clear(&self->body, KEPT_BODY_BYTES);
    buf_clear(&self->packed, KEPT_BODY_BYTES);
}

size_t
gateway_run(struct gateway *self)
{
    log_hold();
    while (!self->ended) {
        turn(self);
    }
    log_flush();
    return (size_t)self->metrics.in_flight;
}

void
gateway_close(struct gateway *self)
{
    listeners_close(self);
    while (self->connections != NULL) {
        connection_close(self->connections);
    }
    connections_go_on(self);
    connections_bury(self);
    access_close(&self->access);
    backends_close(&self->backends, &self->loop);
    loop_unwatch(&self->loop, &self->stop);
    loop_close(&self->loop);
    exchanges_forget(self);
    http_router_free(self->router);
    http_rpc_table_free(self->methods);
    metrics_close(&self->metrics);
    address_counts_free(self->per_address);
    free(self->read_buffer);
    buf_fini(&self->head);
    buf_fini(&self->body);
    buf_fini(&self->fields);
    buf_fini(&self->packed);
    buf_fini(&self->home);
    assets_free(self->assets);
    docs_close(&self->docs);
    http_gzip_free(self->gzip);
    rate_limiter_free(self->limiter);
    free(self->base_url);
    log_flush();
}

int
gateway_port(const struct gateway *self)
{
    return listeners_port(&self->listeners, false);
}

int
gateway_admin_port(const struct gateway *self)
{
    return listeners_port(&self->listeners, true);
}

const char *
gateway_date(struct gateway *self)
{
    int64_t now_s = clock_wall_us() / 1000000;

    if (now_s != self->date_s) {
        self->date_s = now_s;
        http_date_format(now_s, self->date);
    }
    return self->date;
}
