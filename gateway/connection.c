#include "connection.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/limits.h"
#include "exchange.h"

static void
wait_for(struct connection *self, enum gateway_wait wait)
{
    self->window_bytes = 0;
    timer_set(&self->timer, &self->gateway->waits[wait], self->gateway->now_us);
}

static bool
waits_for(const struct connection *self, enum gateway_wait wait)
{
    return self->timer.list == &self->gateway->waits[wait];
}

static void
go_on_later(struct connection *self)
{
    if (!self->is_again && !self->closed) {
        self->is_again = true;
        self->next_again = self->gateway->again;
        self->gateway->again = self;
    }
}

/*
 * A client that sends no more may have gone, or may only have said all: the stream does not tell.
 * So its request has a moment to be answered before it is given up.
 */
static void
doubt(struct connection *self)
{
    if (self->hung_up && self->working && !waits_for(self, WAIT_GONE)) {
        wait_for(self, WAIT_GONE);
    }
}

static void
ready(struct watch *watch, uint32_t events)
{
    struct connection *self = (struct connection *)watch; /* its first member */

    if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        connection_close(self);
        return;
    }
    self->hung_up = self->hung_up || (events & EPOLLRDHUP) != 0;
    self->readable = self->readable || (events & (EPOLLIN | EPOLLRDHUP)) != 0;
    doubt(self);
    connection_step(self);
}

bool
connection_open(struct gateway *gateway, int fd, struct address peer, bool admin)
{
    struct connection *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->watch = (struct watch){fd, ready};
    self->gateway = gateway;
    self->peer = peer;
    address_format(&peer, self->peer_text);
    self->admin = admin;
    /* Edges: one registration for the connection's life, however often its state changes. */
    if (!loop_watch(&gateway->loop, &self->watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
        free(self);
        return false;
    }
    self->next = gateway->connections;
    if (self->next != NULL) {
        self->next->previous = self;
    }
    gateway->connections = self;
    gateway->n_connections++;
    address_counts_add(gateway->per_address, &peer);
    wait_for(self, WAIT_IDLE);
    return true;
}

static void
forget(struct connection *self)
{
    struct gateway *gateway = self->gateway;

    if (self->previous != NULL) {
        self->previous->next = self->next;
    } else {
        gateway->connections = self->next;
    }
    if (self->next != NULL) {
        self->next->previous = self->previous;
    }
    gateway->n_connections--;
    address_counts_remove(gateway->per_address, &self->peer);
}

void
connection_close(struct connection *self)
{
    if (self->closed) {
        return;
    }
    self->closed = true;
    if (self->exchange != NULL) {
        exchange_cancel(self->exchange);
        exchange_free(self->exchange);
        self->exchange = NULL;
    }
    timer_clear(&self->timer);
    loop_unwatch(&self->gateway->loop, &self->watch);
    close(self->watch.fd);
    buf_fini(&self->in);
    buf_fini(&self->out);
    forget(self);
    if (!self->is_again) { /* else it is freed when its turn comes */
        self->next_again = self->gateway->dead;
        self->gateway->dead = self;
    }
}

/* --- Writing --- */

/* The client gets an end after its last answer, and time to read it before bytes that it still
 * sends would reset the connection. */
static void
end(struct connection *self)
{
    if (!self->refused && !self->readable && self->in.length_bytes == 0) {
        connection_close(self);
        return;
    }
    buf_fini(&self->in);
    shutdown(self->watch.fd, SHUT_WR);
    self->lingering = true;
    wait_for(self, WAIT_LINGER);
    go_on_later(self);
}

static void
written(struct connection *self)
{
    if (self->closing) {
        end(self);
        return;
    }
    wait_for(self, WAIT_IDLE);
    if (self->in.length_bytes > 0 || self->readable) {
        go_on_later(self);
    }
}

/* Whether everything was taken; what was not is kept. */
static bool
write_parts(struct connection *self, struct iovec *parts, int n_parts)
{
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)n_parts};
    ssize_t n = sendmsg(self->watch.fd, &message, MSG_NOSIGNAL);
    size_t taken = n < 0 ? 0 : (size_t)n;

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        self->closing = true; /* nobody reads it, and there is nothing to wait for */
        self->refused = self->readable = false;
        buf_fini(&self->in);
        return true;
    }
    for (int i = 0; i < n_parts; i++) {
        size_t own = taken < parts[i].iov_len ? taken : parts[i].iov_len;

        taken -= own;
        buf_append(&self->out, (char *)parts[i].iov_base + own, parts[i].iov_len - own);
    }
    return self->out.length_bytes == 0;
}

/* What was kept, now that the socket may have room. */
static void
write_rest(struct connection *self)
{
    ssize_t n = send(self->watch.fd, self->out.data, self->out.length_bytes, MSG_NOSIGNAL);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            connection_close(self);
        }
        return;
    }
    self->window_bytes += (size_t)n;
    buf_consume(&self->out, (size_t)n);
    if (self->out.length_bytes == 0) {
        buf_fini(&self->out);
        written(self);
    } else {
        go_on_later(self);
    }
}

void
connection_answer(struct connection *self, struct http_response *response, const char *content,
                  bool head_only)
{
    struct buf *head = &self->gateway->head;
    struct iovec parts[2];
    bool whole;

    if (self->hung_up || self->gateway->phase == GATEWAY_CLOSING) {
        self->closing = true;
    }
    self->closing = self->closing || response->close;
    response->close = self->closing;
    buf_clear(head, SIZE_MAX);
    http_response_write(head, response);
    parts[0] = (struct iovec){head->data, head->length_bytes};
    parts[1] = (struct iovec){(char *)content, head_only ? 0 : response->content_bytes};
    whole = write_parts(self, parts, parts[1].iov_len == 0 ? 1 : 2);

    exchange_free(self->exchange);
    self->exchange = NULL;
    self->working = false;
    if (whole) {
        written(self);
    } else {
        wait_for(self, WAIT_WRITE);
    }
}

void
connection_read_no_more(struct connection *self)
{
    self->closing = self->refused = true;
}

void
connection_continue(struct connection *self)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

    /* A client that does not read these few bytes sends no body either: nothing is kept. */
    if (send(self->watch.fd, text, sizeof(text) - 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
        self->closing = true;
    }
}

/* --- Reading --- */

/* Gives the parser bytes until they are used up or a request has to be waited for; how many. */
static size_t
feed(struct connection *self, const char *data, size_t bytes)
{
    size_t at = 0;

    while (at < bytes && !self->working && !self->closing && self->out.length_bytes == 0) {
        struct exchange *exchange = self->exchange;
        size_t used;
        enum http_parse parse;

        if (exchange == NULL) {
            exchange = self->exchange = exchange_new(self->gateway, self);
            wait_for(self, WAIT_HEAD);
        }
        parse = http_message_feed(&exchange->message, data + at, bytes - at, &used);
        at += used;
        if (parse == HTTP_PARSE_HEAD) {
            wait_for(self, WAIT_BODY);
            if (!exchange_head(exchange)) {
                break;
            }
        } else if (parse == HTTP_PARSE_DONE) {
            timer_clear(&self->timer);
            self->working = true;
            doubt(self);
            exchange_start(exchange);
        } else if (parse == HTTP_PARSE_REFUSED) {
            connection_read_no_more(self);
            exchange_refuse(exchange);
        }
    }
    return at;
}

static void
take_bytes(struct connection *self, const char *data, size_t bytes)
{
    size_t used = feed(self, data, bytes);

    self->window_bytes += bytes;
    if (!self->closed && !self->closing) {
        buf_append(&self->in, data + used, bytes - used);
    }
}

/* What waited behind the last request. */
static void
take_kept(struct connection *self)
{
    struct buf kept = self->in;

    self->in = BUF_INIT;
    take_bytes(self, kept.data, kept.length_bytes);
    buf_fini(&kept);
}

/* One read; an end of the stream closes. */
static void
take_read(struct connection *self)
{
    char *buffer = self->gateway->read_buffer;
    ssize_t n = recv(self->watch.fd, buffer, LIMIT_HTTP_READ_BYTES, 0);

    if (n < 0) {
        self->readable = errno == EINTR;
        if (errno != EAGAIN && errno != EINTR) {
            connection_close(self);
        }
        return;
    }
    if (n == 0) {
        connection_close(self);
        return;
    }
    /* A short read has emptied the socket: the next edge tells of more. */
    self->readable = n == LIMIT_HTTP_READ_BYTES || self->hung_up;
    if (self->lingering) {
        self->window_bytes += (size_t)n;
        if (self->window_bytes > LIMIT_HTTP_LINGER_BYTES) {
            connection_close(self);
        }
        return;
    }
    take_bytes(self, buffer, (size_t)n);
}

void
connection_step(struct connection *self)
{
    if (self->out.length_bytes > 0) {
        write_rest(self);
        return;
    }
    if (self->working) {
        return;
    }
    if (self->in.length_bytes > 0) {
        take_kept(self);
    } else if (self->readable) {
        take_read(self);
    }
    if (!self->closed && !self->working && self->out.length_bytes == 0 &&
        (self->readable || self->in.length_bytes > 0)) {
        go_on_later(self);
    }
}

/* --- Waiting --- */

/* Whether the bytes of the last window came or went fast enough. */
static bool
is_fast_enough(const struct connection *self)
{
    return self->window_bytes >=
           (size_t)LIMIT_HTTP_RATE_BYTES_PER_S * LIMIT_HTTP_RATE_WINDOW_MS / 1000;
}

void
connection_expire(struct connection *self, enum gateway_wait wait)
{
    if ((wait == WAIT_BODY || wait == WAIT_WRITE) && is_fast_enough(self)) {
        wait_for(self, wait);
        return;
    }
    if (wait == WAIT_HEAD || wait == WAIT_BODY) {
        connection_read_no_more(self);
        exchange_expire(self->exchange);
        return;
    }
    connection_close(self);
}
