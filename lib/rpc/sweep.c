
#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "rpc/client_parts.h"

/* Sweeping more often would find nothing: answers are wanted within milliseconds, not less. */
enum { SWEEP_PAUSE_US = 1000 };

void
client_due(struct rpc_client *self, int64_t due_us)
{
    if (due_us < self->sweep_us) {
        self->sweep_us = due_us;
    }
}

static void
refuse_waiting(struct rpc_client *self, struct rpc_request *request, const struct reason *reason)
{
    queue_remove(&self->queue, request);
    client_refuse(self, request, reason);
}

static void
sweep_bucket(struct rpc_client *self, struct rpc_calls *bucket, int64_t now_us)
{
    struct rpc_request *next;

    for (struct rpc_request *request = bucket->first; request != NULL; request = next) {
        int64_t patience_us = request->queued_us + LIMIT_QUEUE_WAIT_MS * 1000;

        next = request->next;
        if (now_us >= request->deadline_us) {
            refuse_waiting(self, request, &reason_deadline_exceeded);
        } else if (now_us >= patience_us) {
            refuse_waiting(self, request, &reason_overloaded);
        } else {
            client_due(self, request->deadline_us);
            client_due(self, patience_us);
        }
    }
}

static void
sweep_delayed(struct rpc_client *self, int64_t now_us)
{
    struct rpc_request *next;

    for (struct rpc_request *request = self->delayed.first; request != NULL; request = next) {
        next = request->next;
        if (now_us >= request->deadline_us) {
            calls_remove(request);
            client_refuse(self, request, &reason_deadline_exceeded);
        } else if (now_us >= request->due_us) {
            calls_remove(request);
            request->queued_us = now_us;
            queue_prepend(&self->queue, request);
        } else {
            client_due(self, request->due_us);
            client_due(self, request->deadline_us);
        }
    }
}

/* Calls whose time is over are answered by us; their frame goes on. */
static void
sweep_calls(struct rpc_client *self, struct rpc_flight *flight, int64_t now_us)
{
    for (unsigned i = 0; i < flight->n_calls; i++) {
        struct rpc_request *request = flight->calls[i];

        if (request == NULL) {
            continue;
        }
        if (now_us < request->deadline_us) {
            client_due(self, request->deadline_us);
            continue;
        }
        flight->calls[i] = NULL;
        request->flight = NULL;
        client_refuse(self, request, &reason_deadline_exceeded);
    }
}

static bool
is_usable_beside(const struct rpc_client *self, const struct replica *replica)
{
    for (size_t i = 0; i < self->n_replicas; i++) {
        if (&self->replicas[i] != replica && replica_rank(&self->replicas[i]) < REPLICA_UNUSABLE) {
            return true;
        }
    }
    return false;
}

/* The replica does not answer: what may run twice is tried elsewhere, the rest waits on. */
static void
abandon(struct rpc_client *self, struct rpc_flight *flight, int64_t now_us)
{
    client_release_lanes(self, flight);
    flight_recall(flight);
    if (!is_usable_beside(self, flight->replica)) {
        return;
    }
    for (unsigned i = 0; i < flight->n_calls; i++) {
        if (flight->calls[i] != NULL && client_retry(self, flight->calls[i], now_us)) {
            flight->calls[i] = NULL;
        }
    }
}

static void
sweep_flight(struct rpc_client *self, struct rpc_flight *flight, int64_t now_us)
{
    struct replica *replica = flight->replica;
    int64_t attempt_us = flight->sent_us + LIMIT_ATTEMPT_MS * 1000;

    if (replica->ejected) {
        abandon(self, flight, now_us);
    } else if (!flight->silent && flight->class != PB_CLASS_LONG) {
        if (now_us < attempt_us) {
            client_due(self, attempt_us);
        } else {
            flight->silent = true;
            if (replica->heard_us < flight->sent_us) {
                replica_suspect(replica, now_us);
            }
        }
    }
    sweep_calls(self, flight, now_us);
}

void
client_sweep(struct rpc_client *self, int64_t now_us)
{
    self->sweep_us = INT64_MAX;
    for (unsigned class = 0; class < PB_CLASSES; class ++) {
        for (unsigned i = 0; self->queue.n_class[class] > 0 && i < QUEUE_BUCKETS; i++) {
            sweep_bucket(self, &self->queue.buckets[class][i], now_us);
        }
    }
    sweep_delayed(self, now_us);
    for (size_t i = 0; i < self->n_replicas; i++) {
        struct replica *replica = &self->replicas[i];

        for (unsigned j = 0; j < LIMIT_REPLICA_FRAMES; j++) {
            if (replica->flights[j].n_calls > 0) {
                sweep_flight(self, &replica->flights[j], now_us);
            }
        }
    }
    if (self->sweep_us < now_us + SWEEP_PAUSE_US) {
        self->sweep_us = now_us + SWEEP_PAUSE_US;
    }
}

void
client_refuse_all(struct rpc_client *self, const struct reason *reason)
{
    for (unsigned class = 0; class < PB_CLASSES; class ++) {
        for (unsigned i = 0; i < QUEUE_BUCKETS; i++) {
            while (self->queue.buckets[class][i].first != NULL) {
                refuse_waiting(self, self->queue.buckets[class][i].first, reason);
            }
        }
    }
    while (self->delayed.first != NULL) {
        struct rpc_request *request = self->delayed.first;

        calls_remove(request);
        client_refuse(self, request, reason);
    }
}

void
client_mind_down(struct rpc_client *self, int64_t now_us)
{
    if (is_usable_beside(self, NULL)) {
        self->down_us = 0;
        return;
    }
    if (self->down_us == 0) {
        self->down_us = now_us;
    }
    if (now_us < self->down_us + LIMIT_DOWN_MS * 1000) {
        if (self->queue.n + self->delayed.n > 0) {
            client_due(self, self->down_us + LIMIT_DOWN_MS * 1000);
        }
    } else {
        client_refuse_all(self, &reason_service_down);
    }
}
