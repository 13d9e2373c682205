#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"

enum { EVENTS_PER_TURN = 256 };

enum status
loop_open(struct loop *self, struct error *error)
{
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (self->epoll_fd < 0) {
        return error_set(error, STATUS_UNAVAILABLE, "epoll: %s", strerror(errno));
    }
    return STATUS_OK;
}

void
loop_close(struct loop *self)
{
    close(self->epoll_fd);
}

bool
loop_watch(struct loop *self, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    ASSERT(watch->ready != NULL);
    return epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void
loop_unwatch(struct loop *self, struct watch *watch)
{
    if (watch->ready != NULL) {
        epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
        watch->ready = NULL;
    }
}

/* Rounded up, so that what is due has really passed. */
static int
wait_ms(int64_t until_us)
{
    int64_t left_us;

    if (until_us == INT64_MAX) {
        return -1;
    }
    left_us = until_us - clock_us();
    if (left_us <= 0) {
        return 0;
    }
    return left_us / 1000 >= INT_MAX ? INT_MAX : (int)((left_us + 999) / 1000);
}

void
loop_turn(struct loop *self, int64_t until_us)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(self->epoll_fd, events, EVENTS_PER_TURN, wait_ms(until_us));

    ASSERT(n >= 0 || errno == EINTR);
    for (int i = 0; i < n; i++) {
        struct watch *watch = events[i].data.ptr;

        if (watch->ready != NULL) {
            watch->ready(watch, events[i].events);
        }
    }
}
