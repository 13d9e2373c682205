#include "timer.h"

void
timer_clear(struct timer *self)
{
    struct timer_list *list = self->list;

    if (list == NULL) {
        return;
    }
    if (self->previous != NULL) {
        self->previous->next = self->next;
    } else {
        list->first = self->next;
    }
    if (self->next != NULL) {
        self->next->previous = self->previous;
    } else {
        list->last = self->previous;
    }
    *self = (struct timer){0};
}

void
timer_set(struct timer *self, struct timer_list *list, int64_t now_us)
{
    timer_clear(self);
    *self =
        (struct timer){.previous = list->last, .list = list, .due_us = now_us + list->duration_us};
    if (list->last != NULL) {
        list->last->next = self;
    } else {
        list->first = self;
    }
    list->last = self;
}

int64_t
timer_list_next_us(const struct timer_list *self)
{
    return self->first == NULL ? INT64_MAX : self->first->due_us;
}

struct timer *
timer_list_take(struct timer_list *self, int64_t now_us)
{
    struct timer *first = self->first;

    if (first == NULL || first->due_us > now_us) {
        return NULL;
    }
    timer_clear(first);
    return first;
}
