/* Makes the database hang at a chosen place: a table that nobody else may read or write. */
#ifndef DEPOT_TESTS_SUPPORT_HOLD_H
#define DEPOT_TESTS_SUPPORT_HOLD_H

#include "support/cluster.h"

struct hold {
    void *session;
};

/* Locks the table for a session of the test's own. */
void hold_table(struct hold *self, const struct test_database *database, const char *table);

/* Waits until at least `n` other sessions wait for a table; fails after a minute. */
void hold_expect_waiting(const struct hold *self, int n);

/* Lets go. */
void hold_release(struct hold *self);

#endif
