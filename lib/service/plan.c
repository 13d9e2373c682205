#include "service/plan.h"

#include <stdlib.h>

#include "base/assert.h"
#include "service/platform.h"

static void *
table(size_t n, size_t bytes)
{
    void *memory = calloc(n + 1, bytes);

    ASSERT(memory != NULL);
    return memory;
}

static void
check_then(const struct service_handler *handler)
{
    const struct pb_method *method = handler->method;

    ASSERT(handler->query->then == NULL ||
           ((method->class == PB_CLASS_LONG || method->class == PB_CLASS_WRITE) &&
            !method->no_side_effects && !method->idempotency_key && handler->query->list == NULL &&
            handler->then_answer != NULL));
}

void
plan_init(struct plan *self, const struct service *service)
{
    *self = (struct plan){.n_methods = service->n_handlers};
    self->methods = table(self->n_methods, sizeof(self->methods[0]));
    self->queries = table(2 * self->n_methods + platform_n_queries, sizeof(self->queries[0]));
    for (size_t i = 0; i < service->n_handlers; i++) {
        const struct service_handler *handler = &service->handlers[i];

        self->methods[i].handler = handler;
        db_binding_init(&self->methods[i].binding, handler->query, handler->method->request);
        self->queries[self->n_queries++] = handler->query;
        check_then(handler);
        if (handler->query->then != NULL) {
            db_binding_init(&self->methods[i].then_binding, handler->query->then,
                            handler->method->request);
            self->queries[self->n_queries++] = handler->query->then;
        }
    }
    for (size_t i = 0; i < platform_n_queries; i++) {
        self->queries[self->n_queries++] = &platform_queries[i];
    }
}

void
plan_fini(struct plan *self)
{
    for (size_t i = 0; i < self->n_methods; i++) {
        db_binding_fini(&self->methods[i].binding);
        db_binding_fini(&self->methods[i].then_binding);
    }
    free(self->methods);
    free(self->queries);
    *self = (struct plan){0};
}

const struct plan_method *
plan_find(const struct plan *self, const struct pb_method *method)
{
    size_t i = 0;

    while (i < self->n_methods && self->methods[i].handler->method != method) {
        i++;
    }
    ASSERT(i < self->n_methods);
    return &self->methods[i];
}
