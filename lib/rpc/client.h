/*
 * The sending end: calls to one service, spread over its replicas, gathered into frames.
 *
 * A client belongs to one thread, which drives it: it waits for rpc_client_fd to be readable (or
 * for rpc_client_next_us) and calls rpc_client_run. Nothing here blocks. See rpc/stub.h for the
 * blocking client over protobuf-c's generated stubs.
 *
 * Calls wait in a queue that is bounded in length and time; when a replica has a free worker a
 * frame leaves at once with every waiting call of one class that fits, round-robin over
 * principals. There is no timer that holds a call back.
 */
#ifndef DEPOT_RPC_CLIENT_H
#define DEPOT_RPC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "pb/schema.h"
#include "rpc/server.h" /* struct rpc_tls */

struct rpc_violation {
    const char *field, *reason, *detail;
};

/* An answer; all of it lives only while `done` runs. */
struct rpc_reply {
    enum status status;
    const char *reason;  /* the stable name; "" on success */
    const char *message; /* for people */
    const struct rpc_violation *violations;
    size_t n_violations;
    const char *detail_type; /* "" or the full name of the message in `detail` */
    const uint8_t *detail;
    size_t detail_bytes;
    const uint8_t *payload; /* the packed reply */
    size_t payload_bytes;
    bool replayed;
    uint32_t retry_after_ms;
};

/* One call; the caller's storage, untouched by the caller from submit until done or cancel. */
struct rpc_request {
    const struct pb_method *method;
    const ProtobufCMessage *message; /* alive until done: it may be packed more than once */
    const char *principal, *request_id, *traceparent, *idempotency_key; /* "" if none */
    const char *access_token;   /* who asks, as services verify it; "" or NULL: nobody */
    const char *client_address; /* where it came from, for the record; "" or NULL: not known */
    int64_t deadline_us;
    bool validate_only; /* everything but the effect */
    void (*done)(struct rpc_request *self, const struct rpc_reply *reply);
    void *owner; /* the caller's */

    /* The client's own; need not be initialised. */
    struct rpc_request *next, *previous;
    struct rpc_calls *list; /* in which it waits, or NULL */
    struct rpc_flight *flight;
    const struct reason *refusal;
    uint64_t affinity, key; /* hashes; 0: none */
    int64_t queued_us, due_us;
    size_t packed_bytes;
    unsigned attempts, bucket, flight_index;
};

struct rpc_client_options {
    const struct pb_service *service;
    const char *addresses; /* tcp://host:port,tcp://host:port: one per replica */
    struct rpc_tls tls;    /* with it all addresses are of TLS */
    const char *peer_name; /* whom their certificates must be for; NULL: service->short_name */
};

struct rpc_client;

/* Starts connecting in the background; INVALID_ARGUMENT when an address is none. */
enum status rpc_client_open(const struct rpc_client_options *options, struct rpc_client **client,
                            struct error *error) MUST_CHECK;

/*
 * Calls under way end first: SERVICE_DOWN, or OUTCOME_UNKNOWN if they may have had an effect. Their
 * `done` must not submit.
 */
void rpc_client_close(struct rpc_client *self);

int rpc_client_fd(const struct rpc_client *self);

/* When rpc_client_run is due even if the fd is silent; INT64_MAX: never. */
int64_t rpc_client_next_us(const struct rpc_client *self);

/*
 * Sends what can be sent, answers what has come or is over; calls `done` functions, which may
 * submit and cancel, but neither run nor close the client.
 */
void rpc_client_run(struct rpc_client *self);

/*
 * Takes a call. `done` is called later, from rpc_client_run, exactly once: with the reply; or
 * OVERLOADED (queue full, or waited too long), SERVICE_DOWN (no replica), DEADLINE_EXCEEDED,
 * OUTCOME_UNKNOWN (the connection broke after a call left that must not be sent twice). Calls
 * that are idempotent by contract or carry a key are sent again, with jitter, within the deadline
 * and a budget. Call rpc_client_run after a round of submits.
 */
void rpc_client_submit(struct rpc_client *self, struct rpc_request *request);

/*
 * The caller lost interest in a call that is under way: `done` is not called, the storage is its
 * own again. What was sent is not undone.
 */
void rpc_client_cancel(struct rpc_client *self, struct rpc_request *request);

/* What one replica looks like from here. */
struct rpc_replica_state {
    const char *url;
    bool connected, ejected, serving; /* serving: its last Check said so */
    unsigned workers, in_flight;      /* frames; in_flight is never more than workers */
    uint64_t frames, calls;           /* that left, in all */
};

/* Copies up to `max` states; returns how many replicas there are. */
size_t rpc_client_replicas(const struct rpc_client *self, struct rpc_replica_state *states,
                           size_t max);

/* Whether some replica would take calls now, by its last Check. */
bool rpc_client_serving(const struct rpc_client *self);

/* Calls that wait in the queue now. */
size_t rpc_client_waiting(const struct rpc_client *self);

#endif
