/*
 * Works on frames: splits them into rounds, runs those, and decides what follows from failures.
 *
 * An unexpected error is isolated: the call whose statement failed runs alone, or, when no single
 * one is to blame, both halves run by themselves, down to one, within a budget. Deadlocks and their
 * kind are tried again. What may have been committed is never tried again and never called failed.
 */
#ifndef DEPOT_SERVICE_EXECUTOR_H
#define DEPOT_SERVICE_EXECUTOR_H

#include "db/conn.h"
#include "rpc/server.h"
#include "service/handler.h"

struct executor_options {
    const struct service *service;
    struct db_options db;
    unsigned workers;
    bool log_calls;      /* one line per call */
    struct guard *guard; /* who may call; NULL: everybody, as with AUTH_MODE=off */
};

struct executor;
struct guard;

/*
 * Takes `first`, a connection to a migrated database. FAILED_PRECONDITION, naming the query, when
 * one does not fit the schema; UNAVAILABLE when the database went away. `first` is closed then. The
 * options' service and strings must outlive the executor.
 */
enum status executor_open(const struct executor_options *options, struct db_conn *first,
                          struct executor **executor, struct error *error) MUST_CHECK;

/* All workers have been closed. */
void executor_close(struct executor *self);

/*
 * What a server calls; workers have the indexes from 0 to `workers` - 1. One more, `workers`, is
 * the service's own: its calls leave no log lines.
 */
struct rpc_executor executor_callbacks(struct executor *self);

#endif
