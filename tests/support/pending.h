/* A request whose answer a thread waits for, while the test does something else. */
#ifndef DEPOT_TESTS_SUPPORT_PENDING_H
#define DEPOT_TESTS_SUPPORT_PENDING_H

#include <pthread.h>

#include "support/stack.h"

struct pending {
    const struct stack *stack;
    const char *verb, *path, *key, *body; /* as stack_send takes them */
    struct http_response response;        /* from pending_end on; free it with http_free */
    pthread_t thread;
};

/* Sends it; the strings must live until pending_end. */
void pending_start(struct pending *self);

/* Waits for the answer. */
void pending_end(struct pending *self);

#endif
