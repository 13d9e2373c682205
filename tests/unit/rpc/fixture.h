/* Servers and clients for the tests of this folder, over real sockets on loopback. */
#ifndef UNIT_RPC_FIXTURE_H
#define UNIT_RPC_FIXTURE_H

#include <stdatomic.h>
#include <sys/types.h>

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/envelope.pb-c.h"
#include "rpc/client.h"
#include "rpc/server.h"

/* Long enough for the slowest machine under a sanitizer; nothing waits for it when all is well. */
enum { PATIENCE_MS = 60000 };

/*
 * A service that does what the call's request id says: words of the form `sleep=ms` (once for all
 * calls of a batch), `bytes=n` (of the reply), `fail`, `internal`, `extra`, `replayed`, `missing`
 * (no outcome set), `claimed=n` (REQUEST_IN_PROGRESS the first n times). Replies carry what the
 * request asked for; the name is the principal.
 */
struct service {
    atomic_uint batches, calls, largest, opened, closed, at_work, most_at_work, claims;
    atomic_bool held; /* batches wait while it is set */
    atomic_bool not_ready;
    atomic_uint mixed; /* batches that should not have been: classes, keys */
    int log_fd;        /* the request id of each call goes there, or -1 */
    const char *hold;  /* while there is such a file, batches that say `wait` do; or NULL */
};

struct rpc_server_options server_options(struct service *service, unsigned workers,
                                         const char *url);
struct rpc_server *server_start(struct service *service, unsigned workers);
struct rpc_server *server_start_at(struct service *service, unsigned workers, const char *url);

void pause_ms(int ms);

/* A server in a process of its own; it ends with the test. */
struct child {
    pid_t pid;
    char url[64];
    char log[64];  /* the request ids of all calls that were worked on, one per line */
    char held[72]; /* while there is a file of this name, calls with `wait` are worked on */
};

/* The same again after child_end keeps url and log. */
void child_start(struct child *self, unsigned workers);
void child_end(struct child *self, int signal_number);

/* From now on calls whose request id says `wait` are not answered, until it lets them go. */
void child_hold(const struct child *self);
void child_release(const struct child *self);

/* Kills what may still run, lets go, and removes the files. */
void child_remove(struct child *self);

/* How often a request id is in the log. */
unsigned child_count(const struct child *self, const char *request_id);

struct rpc_client *client_start(const char *addresses);

/* A call and what came of it. */
struct trial {
    struct rpc_request request;
    Depot__Inventory__V1__GetResourceRequest get;
    Depot__Inventory__V1__ListResourcesRequest list;
    Depot__Inventory__V1__CreateAllocationRequest create;
    Depot__Inventory__V1__Allocation allocation;
    Google__Protobuf__Timestamp start, end;
    char id[40];
    char request_id[64];

    unsigned done; /* how often `done` was called */
    enum status status;
    char reason[64], message[256], detail_type[128], field[128];
    size_t n_violations, payload_bytes, detail_bytes;
    char seen_id[64], seen_name[64];
    bool replayed;
    uint32_t retry_after_ms;
};

/* Prepare a call with the n-th id: a read, a list, a write without key. Time is no concern. */
void trial_get(struct trial *self, unsigned n, const char *request_id);
void trial_list(struct trial *self, const char *request_id);
void trial_create(struct trial *self, unsigned n, const char *request_id);
void trial_timeout(struct trial *self, int ms);

/* Runs the client until all are done; false when patience ends. */
bool settle(struct rpc_client *client, const struct trial *trials, size_t n);

/* Submits one and waits for it. */
void settle_one(struct rpc_client *client, struct trial *trial);

/* Runs the client until the condition holds; false when patience ends. */
bool run_until(struct rpc_client *client, bool (*holds)(struct rpc_client *, void *),
               void *closure);

/* Runs the client for that long. */
void run_for(struct rpc_client *client, int ms);

/*
 * Waits until a first Check was answered by `n` replicas. Also before a client is closed: nng 1.5.2
 * loses the memory of a reply whose connection ends in the moment in which it is sent.
 */
void run_until_serving(struct rpc_client *client, size_t n);

struct rpc_replica_state replica_state(struct rpc_client *client, size_t index);

#endif
