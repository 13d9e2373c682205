/*
 * How long to wait before what failed is tried again: longer each time, and at random, so that many
 * processes that lost one peer do not come back in step.
 */
#ifndef DEPOT_BASE_RETRY_H
#define DEPOT_BASE_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct retry {
    int first_ms, longest_ms;
};

/* The longest wait before retry number `n` (from 0): the first one, doubling up to the longest. */
int retry_limit_ms(const struct retry *self, int n);

/* A wait from 0 to that limit, both included; `random` is any number, evenly distributed. */
int retry_wait_ms(const struct retry *self, int n, uint32_t random);

/* Waits for so long; false if it was told to stop (NULL: never), which it notices in 50 ms. */
bool retry_sleep(int wait_ms, const atomic_bool *stop);

#endif
