/*
 * The event loop's base: descriptors with a function each, over epoll. One thread.
 */
#ifndef DEPOT_GATEWAY_LOOP_H
#define DEPOT_GATEWAY_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/status.h"

/* One descriptor; the owner's storage, alive until loop_unwatch and the end of that turn. */
struct watch {
    int fd;
    void (*ready)(struct watch *self, uint32_t events); /* NULL: not watched (any more) */
};

struct loop {
    int epoll_fd;
};

enum status loop_open(struct loop *self, struct error *error) MUST_CHECK;
void loop_close(struct loop *self);

/* Calls self->ready on `events` (EPOLLIN, ...) from now on; false if the system has no room. */
bool loop_watch(struct loop *self, struct watch *watch, uint32_t events) MUST_CHECK;

/* No more calls, also for events of this turn that were not delivered yet. */
void loop_unwatch(struct loop *self, struct watch *watch);

/* Waits for events until `until_us` (on clock_us(); at once if it has passed) and delivers them. */
void loop_turn(struct loop *self, int64_t until_us);

#endif
