/* A PostgreSQL server of a test's own, to be killed and started again. */
#ifndef DEPOT_TESTS_SUPPORT_SERVER_H
#define DEPOT_TESTS_SUPPORT_SERVER_H

#include "support/process.h"

struct server {
    char folder[64];
    char data[96], sockets[96];
    char url[256]; /* of its database `depot`; the same after every start */
    struct process process;
};

/* Makes the folders; starts nothing. */
void server_make(struct server *self);

/* Starts it with more settings ("fsync=off", NULL-terminated or NULL) and waits until it accepts
 * connections. */
void server_start(struct server *self, const char *const *settings);

/* kill -9 of the whole server, as if the machine had lost its memory but not its disk. */
void server_kill(struct server *self);

/* Ends it and removes its folder. */
void server_remove(struct server *self);

#endif
