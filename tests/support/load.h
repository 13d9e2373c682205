/* Clients that book one period after another and remember what was acknowledged. */
#ifndef DEPOT_TESTS_SUPPORT_LOAD_H
#define DEPOT_TESTS_SUPPORT_LOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "support/stack.h"

enum { LOAD_CLIENTS = 8, LOAD_BOOKINGS_MAX = 20000 };

struct load_client {
    struct load *load;
    pthread_t thread;
    int number;
    char path[128];
};

struct load {
    const struct stack *stack;
    atomic_bool stop;
    atomic_int acknowledged, refused; /* refused: any other outcome, before its retries */
    atomic_int lost; /* of these: requests that were taken and then cut or failed */
    struct load_client clients[LOAD_CLIENTS];
    pthread_mutex_t lock;
    char (*ids)[37]; /* of acknowledged bookings */
};

/* Starts the clients, each with a vehicle of its own; every booking has an idempotency key and is
 * tried again with it until it is acknowledged or the load is stopped. */
void load_start(struct load *self, const struct stack *stack);

/* Waits until `more` more bookings were acknowledged; false after `seconds`. */
bool load_advance(struct load *self, int more, int seconds);

/* Ends the clients. */
void load_stop(struct load *self);

/*
 * Asserts that every acknowledged booking is stored, that every key had at most one effect, and
 * that nothing overlaps. Frees the ids.
 */
void load_verify(struct load *self);

#endif
