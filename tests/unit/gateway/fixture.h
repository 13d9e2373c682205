/*
 * A gateway that runs in a thread of the test, before a service that runs in the same process and
 * does what a request's names ask for.
 */
#ifndef DEPOT_TESTS_GATEWAY_FIXTURE_H
#define DEPOT_TESTS_GATEWAY_FIXTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth/token.h"
#include "gateway/gateway.h"
#include "rpc/server.h"

struct fixture {
    struct gateway_config config;         /* may be changed between init and start */
    const struct http_contract *contract; /* likewise */
    struct gateway gateway;
    struct rpc_server *service;
    int stop_fd;
    pthread_t thread;
    bool running;
    size_t cut; /* what gateway_run returned */
};

/* Whether the service's health check says so. */
extern atomic_bool fixture_ready;
/* Calls that the service has begun. */
extern atomic_uint fixture_calls;
/* While true, calls for the name or id of `wedge` do not end. */
extern atomic_bool fixture_wedged;

/* What came with the last call of a service but the authority. */
struct fixture_seen {
    char token[TOKEN_TEXT_MAX_BYTES + 1];
    char principal[64], client_address[64];
};
void fixture_see(struct fixture_seen *out);

/* AUTH_MODE=off, unless config.auth is changed. */
void fixture_init(struct fixture *self);
/* Starts both and waits until /readyz says 200. */
void fixture_start(struct fixture *self);
/* Does not wait. */
void fixture_launch(struct fixture *self);
/* Waits until /readyz has this status. */
void fixture_wait(struct fixture *self, int status);
/* Asks the gateway to stop, as a signal would. */
void fixture_signal(struct fixture *self);
/* Waits for the end of gateway_run. */
void fixture_join(struct fixture *self);
/* All of it, if it has not been done yet. */
void fixture_stop(struct fixture *self);

/* A connected client that gives up after half a minute. */
int client_open(int port);
void client_send(int fd, const char *text);
void client_send_bytes(int fd, const void *data, size_t bytes);
/* Whether the stream is at its end (waits for it). */
bool client_at_end(int fd);

/* An answer, taken apart. */
struct answer {
    int status;
    char head[4096];
    char *body; /* NUL-terminated; free with answer_free */
    size_t body_bytes;
};

/* Reads exactly one answer; fails the test if there is none. `to_head`: it has no body. */
void answer_read(int fd, struct answer *self, bool to_head);
void answer_free(struct answer *self);
/* The value of a header field, or NULL; lives until the next call. */
const char *answer_field(const struct answer *self, const char *name);
/* Checks status and, if it is not NULL, the problem document's reason (and that it is one). */
void answer_expect(const struct answer *self, int status, const char *reason);

/* One request on a connection of its own; checks the answer. */
void expect(int port, const char *request, int status, const char *reason);

/* The text of /metrics. */
char *metrics_text(int port);
/* Polls /metrics until it holds the line; fails the test after half a minute. */
void wait_for_metric(int port, const char *line);

/* The ids that the fixture's service knows. */
#define CAR    "/v1/cars/01890000-0000-7000-8000-000000000001" /* answers */
#define WEDGE  "/v1/cars/01890000-0000-7000-8000-00000000dead" /* does not end while wedged */
#define AWAY   "/v1/cars/01890000-0000-7000-8000-000000000503" /* DB_UNAVAILABLE, 2,500 ms */
#define BUSY   "/v1/cars/01890000-0000-7000-8000-000000000409" /* REQUEST_IN_PROGRESS, 2,500 ms */
#define BROKEN "/v1/cars/01890000-0000-7000-8000-000000000500" /* INTERNAL_ERROR with a secret */
#define ABSENT "/v1/cars/01890000-0000-7000-8000-000000000404" /* RESOURCE_NOT_FOUND */

#define HTTP " HTTP/1.1\r\nHost: h\r\n"
#define JSON "Content-Type: application/json\r\n"

#endif
