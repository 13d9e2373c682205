/* What is done with all connections of a gateway. */
#include <stddef.h>
#include <stdlib.h>

#include "base/limits.h"
#include "connection.h"

static struct connection *
of_timer(struct timer *timer)
{
    return (struct connection *)(void *)((char *)timer - offsetof(struct connection, timer));
}

bool
connection_evict(struct gateway *gateway)
{
    struct timer *oldest = gateway->waits[WAIT_IDLE].first;

    if (oldest == NULL) {
        return false;
    }
    connection_close(of_timer(oldest));
    return true;
}

/* When an idle connection is no longer waited for. */
static int64_t
stale_us(const struct timer *idle)
{
    return idle->due_us - idle->list->duration_us + (int64_t)LIMIT_HTTP_FRESH_MS * 1000;
}

int64_t
connections_drain_us(const struct gateway *gateway)
{
    const struct timer *oldest = gateway->waits[WAIT_IDLE].first;

    return oldest == NULL ? INT64_MAX : stale_us(oldest);
}

void
connections_drain(struct gateway *gateway)
{
    struct connection *next;

    for (struct connection *at = gateway->connections; at != NULL; at = next) {
        next = at->next;
        if (at->timer.list == &gateway->waits[WAIT_IDLE] && !at->readable &&
            stale_us(&at->timer) <= gateway->now_us) {
            connection_close(at);
        }
    }
}

void
connections_go_on(struct gateway *gateway)
{
    struct connection *at = gateway->again;

    gateway->again = NULL;
    while (at != NULL) {
        struct connection *next = at->next_again;

        at->is_again = false;
        if (at->closed) {
            at->next_again = gateway->dead;
            gateway->dead = at;
        } else {
            connection_step(at);
        }
        at = next;
    }
}

void
connections_bury(struct gateway *gateway)
{
    while (gateway->dead != NULL) {
        struct connection *next = gateway->dead->next_again;

        free(gateway->dead);
        gateway->dead = next;
    }
}

void
connections_expire(struct gateway *gateway)
{
    for (int wait = 0; wait < WAITS; wait++) {
        struct timer *timer;

        while ((timer = timer_list_take(&gateway->waits[wait], gateway->now_us)) != NULL) {
            connection_expire(of_timer(timer), (enum gateway_wait)wait);
        }
    }
}

int64_t
connections_next_us(const struct gateway *gateway)
{
    int64_t next_us = INT64_MAX;

    if (gateway->again != NULL) {
        return 0;
    }
    for (int wait = 0; wait < WAITS; wait++) {
        int64_t own_us = timer_list_next_us(&gateway->waits[wait]);

        next_us = own_us < next_us ? own_us : next_us;
    }
    return next_us;
}
