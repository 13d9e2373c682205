/*
 * How long to wait before the next attempt to connect: exponential, with full jitter, so that many
 * processes that lost one database do not come back in step.
 */
#ifndef DEPOT_DB_BACKOFF_H
#define DEPOT_DB_BACKOFF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The longest wait before retry number `retry` (from 0): 100 ms, doubling, at most 5 s. */
int db_backoff_limit_ms(int retry);

/* A wait from 0 to that limit, both included; `random` is any number, evenly distributed. */
int db_backoff_ms(int retry, uint32_t random);

/* Waits for so long; false if it was told to stop (NULL: never), which it notices in 50 ms. */
bool db_backoff_wait(int wait_ms, const atomic_bool *stop);

#endif
