#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "base/assert.h"
#include "base/call.h"
#include "base/uuid.h"
#include "connection.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "gateway.h"
#include "http/transcode.h"

/* Accepted in a row before other events get their turn. */
enum { ACCEPTS_PER_TURN = 64 };

/* Says why without waiting: a new socket has room for it. */
static void
turn_away(struct gateway *gateway, int fd)
{
    struct arena arena;
    struct call call;
    char id[UUID_TEXT_BYTES];
    struct buf *head = &gateway->head;

    uuid_v7(id);
    arena_init(&arena, 256, 0);
    call_init(&call, &arena);
    call.request_id = id;
    call_fail(&call, &reason_overloaded, "There are too many connections.");
    buf_clear(head, SIZE_MAX);
    buf_clear(&gateway->body, SIZE_MAX);
    http_problem_write(&gateway->body, &call, NULL, "", 0);
    http_response_write(head, &(struct http_response){
                                  .status = call.problem.reason->http_status,
                                  .date = gateway_date(gateway),
                                  .content_type = "application/problem+json",
                                  .content_bytes = gateway->body.length_bytes,
                                  .request_id = id,
                                  .retry_after_s = 1,
                                  .close = true,
                              });
    buf_append(head, gateway->body.data, gateway->body.length_bytes);
    (void)!send(fd, head->data, head->length_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(fd, SHUT_WR);
    close(fd);
    arena_fini(&arena);
    gateway->metrics.turned_away++;
}

static bool
has_room(struct gateway *gateway, const struct address *address)
{
    const struct gateway_config *config = gateway->config;

    if (!networks_contain(&config->trusted, address) &&
        address_counts_get(gateway->per_address, address) >=
            (unsigned)config->max_connections_per_address) {
        return false;
    }
    return gateway->n_connections < gateway->max_connections || connection_evict(gateway);
}

static void
take(struct listener *self, int fd, const struct sockaddr_storage *socket)
{
    struct address address = address_of_socket(socket);

    if (!has_room(self->gateway, &address) ||
        !connection_open(self->gateway, fd, address, self->admin)) {
        turn_away(self->gateway, fd);
        return;
    }
    self->gateway->metrics.accepted++;
}

/* No descriptor is left for the next in line: it gets the one in reserve, to be told so. */
static void
use_reserve(struct listener *self)
{
    struct listeners *all = &self->gateway->listeners;
    int fd;

    if (all->reserve_fd >= 0) {
        close(all->reserve_fd);
    }
    fd = accept4(self->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        turn_away(self->gateway, fd);
    }
    all->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool
accept_one(struct listener *self)
{
    struct sockaddr_storage socket;
    socklen_t bytes = sizeof(socket);
    int fd = accept4(self->watch.fd, (struct sockaddr *)(void *)&socket, &bytes,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        take(self, fd, &socket);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE) {
        use_reserve(self);
        return true;
    }
    return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
}

static void
ready(struct watch *watch, uint32_t events)
{
    struct listener *self = (struct listener *)watch; /* its first member */

    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN && accept_one(self); i++) {
    }
}

static int
port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket = {0};
    socklen_t bytes = sizeof(socket);

    ASSERT(getsockname(fd, &socket.any, &bytes) == 0);
    return ntohs(socket.any.sa_family == AF_INET ? socket.v4.sin_port : socket.v6.sin6_port);
}

static void
set_port(struct addrinfo *address, int port)
{
    if (address->ai_family == AF_INET) {
        ((struct sockaddr_in *)(void *)address->ai_addr)->sin_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in6 *)(void *)address->ai_addr)->sin6_port = htons((uint16_t)port);
    }
}

/* A descriptor that listens, or -1 with errno. */
static int
listen_on(const struct addrinfo *address)
{
    static const int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* what is accepted inherits it */
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
        int why = errno;

        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

/* 0, or why the address cannot be had. */
static int
add(struct gateway *gateway, const struct addrinfo *address, bool admin)
{
    struct listeners *all = &gateway->listeners;
    struct listener *self = &all->list[all->n];
    int fd = listen_on(address);

    if (fd < 0) {
        return errno;
    }
    *self = (struct listener){
        .watch = {fd, ready}, .gateway = gateway, .port = port_of(fd), .admin = admin};
    all->n++;
    return 0;
}

/* localhost stands for ::1 too where there is no IPv6. */
static bool
is_absent(int why)
{
    return why == EADDRNOTAVAIL || why == EAFNOSUPPORT;
}

/* A name may stand for several addresses: all that exist are listened on, with one port. */
static int
add_all(struct gateway *gateway, struct addrinfo *addresses, int port, bool admin)
{
    size_t before = gateway->listeners.n;
    int why = 0;

    for (struct addrinfo *at = addresses; at != NULL; at = at->ai_next) {
        int own;

        if (gateway->listeners.n == LISTENERS_MAX) {
            break;
        }
        set_port(at,
                 gateway->listeners.n > before ? listeners_port(&gateway->listeners, admin) : port);
        own = add(gateway, at, admin);
        if (own != 0 && !is_absent(own)) {
            return own;
        }
        why = own != 0 ? own : why;
    }
    return gateway->listeners.n > before ? 0 : why;
}

static enum status
add_host(struct gateway *gateway, int port, bool admin, struct error *error)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *host = gateway->config->host;
    struct addrinfo *addresses;
    int code = getaddrinfo(host, NULL, &hints, &addresses);
    int why;

    if (code != 0) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "GATEWAY_HOST \"%s\": %s", host,
                         gai_strerror(code));
    }
    why = add_all(gateway, addresses, port, admin);
    freeaddrinfo(addresses);
    return why == 0 ? STATUS_OK
                    : error_set(error, STATUS_UNAVAILABLE, "cannot listen on %s port %d (%s): %s",
                                host, port, admin ? "ADMIN_PORT" : "GATEWAY_PORT", strerror(why));
}

enum status
listeners_open(struct gateway *gateway, struct error *error)
{
    const struct gateway_config *config = gateway->config;
    enum status status;

    gateway->listeners.n = 0;
    gateway->listeners.reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    status = add_host(gateway, config->port, false, error);
    if (status == STATUS_OK && config->admin_port != 0) {
        status = add_host(gateway, config->admin_port, true, error);
    }
    if (status != STATUS_OK) {
        listeners_close(gateway);
    }
    return status;
}

void
listeners_accept(struct gateway *gateway)
{
    for (size_t i = 0; i < gateway->listeners.n; i++) {
        ASSERT(loop_watch(&gateway->loop, &gateway->listeners.list[i].watch, EPOLLIN));
    }
}

void
listeners_close(struct gateway *gateway)
{
    struct listeners *all = &gateway->listeners;

    for (size_t i = 0; i < all->n; i++) {
        while (accept_one(&all->list[i])) { /* who has connected is served */
        }
        loop_unwatch(&gateway->loop, &all->list[i].watch);
        close(all->list[i].watch.fd);
    }
    all->n = 0;
    if (all->reserve_fd >= 0) {
        close(all->reserve_fd);
        all->reserve_fd = -1;
    }
}

int
listeners_port(const struct listeners *self, bool admin)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->list[i].admin == admin) {
            return self->list[i].port;
        }
    }
    return 0;
}
