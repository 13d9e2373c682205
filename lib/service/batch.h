/*
 * Which calls of a frame may share a transaction.
 *
 * Not in one round: equal affinity values (writes of one hot resource), equal scopes of idempotency
 * keys (the second must see the first's record), reads and writes. Calls with little time left are
 * alone, since a statement timeout ends its neighbours, too; so are those that are to be undone,
 * and those of a method with two queries.
 */
#ifndef DEPOT_SERVICE_BATCH_H
#define DEPOT_SERVICE_BATCH_H

#include "service/job.h"

/*
 * Gives each job its round, from 0 without gaps; returns how many rounds there are. The urgent ones
 * come first, each alone; of two others that must not meet, the one that came first goes first.
 */
unsigned batch_split(struct job *jobs, size_t n);

#endif
