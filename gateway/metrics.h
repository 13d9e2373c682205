/*
 * What the gateway counts: requests and their durations per method, written as Prometheus text
 * (exposition format 0.0.4).
 */
#ifndef DEPOT_GATEWAY_METRICS_H
#define DEPOT_GATEWAY_METRICS_H

#include <stdint.h>

#include "base/buf.h"
#include "http/route.h"

enum { METRICS_BUCKETS = 14, METRICS_STATUSES = 500 };

/* One method, one of the gateway's own paths, or everything that is neither. */
struct metrics_row {
    const char *service, *method;
    uint64_t statuses[METRICS_STATUSES]; /* from 100 on */
    uint64_t buckets[METRICS_BUCKETS + 1];
    uint64_t sum_us, count;
};

struct metrics {
    struct metrics_row *rows;
    size_t n_rows;
    size_t *first; /* for each service of the contract, its first row */
    const struct http_contract *contract;
    uint64_t in_flight;
    uint64_t accepted, turned_away; /* connections */
    int64_t started_wall_us;
};

/* A row for each method of the contract, and for each name in `own` (ends with NULL). */
void metrics_open(struct metrics *self, const struct http_contract *contract,
                  const char *const *own);
void metrics_close(struct metrics *self);

/* The row of a method; of the gateway's own path `name`; of what was not found. */
struct metrics_row *metrics_method_row(const struct metrics *self, const struct pb_method *method);
struct metrics_row *metrics_own_row(const struct metrics *self, const char *name);
struct metrics_row *metrics_other_row(const struct metrics *self);

/* A request has ended. */
void metrics_count(struct metrics_row *row, int status, int64_t duration_us);

/* The requests, connections in all, and the process (memory, CPU, descriptors, version). */
void metrics_write(const struct metrics *self, struct buf *out);

#endif
