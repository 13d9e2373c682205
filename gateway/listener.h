/*
 * Where connections come from. Accepting never spins: descriptors are kept in reserve, and what
 * cannot be served is answered 503 and closed.
 */
#ifndef DEPOT_GATEWAY_LISTENER_H
#define DEPOT_GATEWAY_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "loop.h"

struct gateway;

enum { LISTENERS_MAX = 8 };

struct listener {
    struct watch watch;
    struct gateway *gateway;
    int port;
    bool admin;
};

struct listeners {
    struct listener list[LISTENERS_MAX];
    size_t n;
    int reserve_fd; /* given up for a moment when there are no descriptors left */
};

/*
 * Listens on the configured addresses; who connects waits. UNAVAILABLE names the one that cannot be
 * had.
 */
enum status listeners_open(struct gateway *gateway, struct error *error) MUST_CHECK;

/* From now on, once, connections are taken. */
void listeners_accept(struct gateway *gateway);

/* Takes the connections that wait already, then stops listening. */
void listeners_close(struct gateway *gateway);

/* The port of the public or the admin listener; 0 if there is none. */
int listeners_port(const struct listeners *self, bool admin);

#endif
