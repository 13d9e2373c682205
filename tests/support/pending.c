#include "support/pending.h"

#include <criterion/criterion.h>

static void *
wait_for_answer(void *closure)
{
    struct pending *self = closure;

    stack_send(self->stack, &self->response, self->verb, self->path, self->key, self->body);
    return NULL;
}

void
pending_start(struct pending *self)
{
    cr_assert_eq(pthread_create(&self->thread, NULL, wait_for_answer, self), 0);
}

void
pending_end(struct pending *self)
{
    cr_assert_eq(pthread_join(self->thread, NULL), 0);
}
