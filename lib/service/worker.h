/*
 * One worker: one thread, one connection, one frame at a time. See executor.h for what it decides.
 */
#ifndef DEPOT_SERVICE_WORKER_H
#define DEPOT_SERVICE_WORKER_H

#include "rpc/server.h"
#include "service/keeper.h"

struct worker;

struct worker *worker_new(const struct plan *plan, struct keeper *keeper, unsigned index,
                          bool log_calls);
void worker_free(struct worker *self);

/* Gives every call of a frame its outcome. */
void worker_execute(struct worker *self, struct rpc_served *const *calls, size_t n_calls);

#endif
