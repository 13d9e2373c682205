/*
 * Timers of few different durations: a list each, so that setting one is O(1) and the first of a
 * list is always its next.
 */
#ifndef DEPOT_GATEWAY_TIMER_H
#define DEPOT_GATEWAY_TIMER_H

#include <stddef.h>
#include <stdint.h>

struct timer_list;

/* The owner's storage, zero when new. */
struct timer {
    struct timer *previous, *next;
    struct timer_list *list; /* NULL: not set */
    int64_t due_us;
};

struct timer_list {
    int64_t duration_us;
    struct timer *first, *last;
};

/* Sets the timer to `now_us` and the list's duration, wherever it stood before. */
void timer_set(struct timer *self, struct timer_list *list, int64_t now_us);

void timer_clear(struct timer *self);

/* When the list's first timer is due; INT64_MAX if there is none. */
int64_t timer_list_next_us(const struct timer_list *self);

/* Takes the first timer out if it is due, else NULL. */
struct timer *timer_list_take(struct timer_list *self, int64_t now_us);

#endif
