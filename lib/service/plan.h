/* What a service can do: its handlers by method, and the statements that they need. */
#ifndef DEPOT_SERVICE_PLAN_H
#define DEPOT_SERVICE_PLAN_H

#include "db/params.h"
#include "service/handler.h"

struct plan_method {
    const struct service_handler *handler;
    struct db_binding binding;
    struct db_binding then_binding; /* of query->then, if there is one */
};

struct plan {
    struct plan_method *methods;
    size_t n_methods;
    const struct db_query **queries; /* of the handlers and of the platform */
    size_t n_queries;
};

/*
 * The service must outlive the plan. Asserts what the platform relies on: a method with a second
 * query is LONG or WRITE, changes something, and takes no idempotency key: such a call never shares
 * a transaction, and what it does between its two queries keeps nobody else waiting.
 */
void plan_init(struct plan *self, const struct service *service);
void plan_fini(struct plan *self);

/* Asserts that there is a handler: the build tool makes one row for every method. */
const struct plan_method *plan_find(const struct plan *self, const struct pb_method *method);

#endif
