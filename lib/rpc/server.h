/*
 * The receiving end: frames of calls from an nng REP socket, each worked on by one worker thread.
 *
 * The server parses frames, finds methods, drops calls that are late, has the executor check who
 * may call, unpacks and validates requests, and answers grpc.health.v1.Health/Check itself; the
 * executor does the rest. Whatever arrives, the server goes on serving. A Check never waits for a
 * worker: it has a thread of its own.
 *
 * Replies keep to LIMIT_REPLY_BYTES each (REPLY_TOO_LARGE) and LIMIT_FRAME_BYTES together: reads
 * without room in the frame are asked for again by the client. Changes are not: their replies must
 * be small by contract, LIMIT_FRAME_BYTES / LIMIT_FRAME_CALLS each, so that there is always room.
 * One that is larger all the same, and finds none, is acknowledged by a REPLY_TOO_LARGE which says
 * that it was done.
 */
#ifndef DEPOT_RPC_SERVER_H
#define DEPOT_RPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/call.h"
#include "pb/schema.h"

/* One call on its way through a worker. */
struct rpc_served {
    struct call call;
    const struct pb_method *method;
    const ProtobufCMessage *request; /* valid by the contract's rules */
    const uint8_t *payload;          /* the request as it was packed: for fingerprints */
    size_t payload_bytes;

    /* Set by the executor. */
    enum status status;           /* if not OK, call.problem says why */
    ProtobufCMessage *reply;      /* if OK: of method->reply, in the call's arena */
    const uint8_t *reply_payload; /* or, instead of `reply`, a packed one */
    size_t reply_payload_bytes;
    bool replayed;
};

struct rpc_executor {
    void *closure;
    /* Makes what a worker needs, in its own thread, before its first frame. May be NULL. */
    void *(*worker_open)(void *closure, unsigned index);
    /*
     * Works on calls of one frame, 1 to LIMIT_FRAME_CALLS, all valid, in time, of one class, at
     * most LIMIT_FRAME_LISTS lists or one long call, no two with one principal, method and
     * idempotency key; gives each its outcome. Runs in the worker's thread. The text of a problem
     * whose code is INTERNAL is not sent to the caller: log it.
     */
    void (*execute)(void *worker, struct rpc_served *const *calls, size_t n_calls);
    void (*worker_close)(void *worker);
    /* Whether calls would succeed now; if not, `why` gets a constant text. Any thread. NULL: yes.
     */
    bool (*ready)(void *closure, const char **why);
    /* A call that ended before `execute`; its method may be NULL. For logs; any thread. May be
     * NULL. */
    void (*refused)(void *closure, const struct rpc_served *served);
    /*
     * Whether the caller may call served->method, before anything else is looked at: `token` is
     * what the call brought ("": nothing). STATUS_OK with call.caller and call.principal set, or
     * the call's problem. Methods that nobody but the service itself may call, and health, are not
     * asked about. Any worker's thread. NULL: everybody may do everything, and the principal is
     * what the call says.
     */
    enum status (*authorise)(void *closure, struct rpc_served *served, const char *token);
};

/* Both ends need certificates of one authority, and the server's must be for its name. */
struct rpc_tls { /* all NULL: plain tcp */
    const char *ca_file, *certificate_and_key_file;
};

struct rpc_server_options {
    const char *listen_url;                   /* tcp://127.0.0.1:0; port 0: any free one */
    unsigned workers;                         /* 1 to LIMIT_WORKERS */
    const struct pb_service *const *services; /* ends with NULL; health need not be in it */
    struct rpc_executor executor;
    struct rpc_tls tls; /* with it listen_url is of TLS */
};

struct rpc_server;

/* Listens and starts the workers. UNAVAILABLE with a clear line when the address cannot be had. */
enum status rpc_server_open(const struct rpc_server_options *options, struct rpc_server **server,
                            struct error *error) MUST_CHECK;

/* The address with the port that was chosen: tcp://127.0.0.1:40123, or tls+tcp://. Lives as long as
 * the server. */
const char *rpc_server_url(const struct rpc_server *self);

/*
 * From now on Check answers NOT_SERVING, and every reply frame tells clients to go elsewhere; calls
 * are still served.
 */
void rpc_server_drain(struct rpc_server *self);

/*
 * Stops accepting, waits up to `grace_ms` for calls being worked on and their replies, and ends
 * the workers. Calls that come meanwhile are sent back untouched, to be tried elsewhere. Returns
 * the number of calls that were cut; if there are any, their workers still run, and the memory is
 * given back when the last of them ends: the executor's closure must live that long, or the process
 * end.
 */
size_t rpc_server_close(struct rpc_server *self, int grace_ms);

#endif
