/*
 * A listener on loopback that answers every PostgreSQL client with the same bytes: for servers that
 * are starting up, full, silent or none at all.
 */
#ifndef DEPOT_TESTS_SUPPORT_FAKE_POSTGRES_H
#define DEPOT_TESTS_SUPPORT_FAKE_POSTGRES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

struct fake_postgres {
    int listener, port;
    const void *answer; /* NULL: the connection stays open in silence */
    size_t answer_bytes;
    atomic_int clients; /* that came */
    pthread_t thread;
};

/* The answer must live as long as the listener. */
void fake_postgres_start(struct fake_postgres *self, const void *answer, size_t answer_bytes);
void fake_postgres_stop(struct fake_postgres *self);

/* An ErrorResponse as a server of some language sends it; returns its length. */
size_t fake_postgres_error(const char *severity, const char *sqlstate, const char *message,
                           char *out, size_t out_bytes);

/* A URL to it. */
void fake_postgres_url(const struct fake_postgres *self, char *url, size_t url_bytes);

#endif
