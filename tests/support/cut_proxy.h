/*
 * Stands between a program and the test cluster, and cuts a connection at a chosen moment: once the
 * client has said a certain word, the server's answers reach nobody any more, until the test ends
 * the connection.
 */
#ifndef DEPOT_TESTS_SUPPORT_CUT_PROXY_H
#define DEPOT_TESTS_SUPPORT_CUT_PROXY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "support/cluster.h"

enum { CUT_PROXY_LINKS = 64 };

struct cut_proxy {
    char folder[64];
    char url[1024]; /* of the database, through the proxy */
    char upstream[512];
    const char *_Atomic word; /* NULL: nothing is cut */
    atomic_int n_cut;         /* connections whose answers are being dropped */
    atomic_bool stop;
    int listener, n_links;
    struct {
        int client, server;
        bool cut;
    } links[CUT_PROXY_LINKS];
    pthread_t thread;
};

void cut_proxy_start(struct cut_proxy *self, const struct test_database *database);

/* From now on a connection is cut when its client says the word; NULL: no more are. */
void cut_proxy_at(struct cut_proxy *self, const char *word);

/* Closes all connections that were cut, on both sides. */
void cut_proxy_close_cut(struct cut_proxy *self);

void cut_proxy_stop(struct cut_proxy *self);

#endif
