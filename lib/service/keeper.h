/*
 * Keeps the connections of a service alive.
 *
 * A thread of its own watches the database over a connection of its own, makes connections for
 * workers that lost theirs, and removes expired idempotency records. So no call ever waits for an
 * attempt to connect: while the database is away every call fails at once.
 */
#ifndef DEPOT_SERVICE_KEEPER_H
#define DEPOT_SERVICE_KEEPER_H

#include <stdint.h>

#include "db/conn.h"
#include "service/plan.h"

struct keeper_options {
    struct db_options db;
    const struct plan *plan; /* what is prepared on every connection */
    unsigned workers;
};

struct keeper;

/*
 * Takes `first`, prepares it for itself, makes one connection for every worker (there may be none)
 * and starts the thread. FAILED_PRECONDITION, naming the query, when one does not fit the schema;
 * UNAVAILABLE when a connection cannot be had. `first` is closed then. The options' strings and
 * plan must outlive the keeper.
 */
enum status keeper_open(const struct keeper_options *options, struct db_conn *first,
                        struct keeper **keeper, struct error *error) MUST_CHECK;

void keeper_close(struct keeper *self);

/*
 * A connection for the worker with this index, which then owns it (the index `workers` is the
 * service's own worker, which has one from its first call on): the one that is waiting for it;
 * or, unless the database is away, one that is made now, if that takes no longer than until
 * `until_us`. NULL if there is none. Any thread.
 */
struct db_conn *keeper_take(struct keeper *self, unsigned index, int64_t until_us);

/* Whether the database is there; if not, `why` gets a constant text. Any thread. */
bool keeper_ready(struct keeper *self, const char **why);

#endif
