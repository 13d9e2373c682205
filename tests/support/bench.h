/*
 * A service's handlers on a fresh database, in the test's own process and without sockets: calls
 * are executed as its workers do it.
 */
#ifndef DEPOT_TESTS_SUPPORT_BENCH_H
#define DEPOT_TESTS_SUPPORT_BENCH_H

#include "service/executor.h"
#include "support/cluster.h"

enum { BENCH_WORKERS = 4 };

struct bench {
    struct test_database database;
    struct executor *executor;
    struct rpc_executor callbacks;
    void *workers[BENCH_WORKERS];
    unsigned n_workers;
};

/* Makes and migrates the database. Every failure ends the test. */
void bench_open(struct bench *self, const struct service *service, unsigned n_workers);
void bench_close(struct bench *self);

/* Sets who asks, of whom strings that are NULL count as "", and holds the access rules against it:
 * STATUS_OK or the call's problem. */
enum status bench_authorise(struct call *call, const struct caller *caller,
                            const struct pb_method *method);

/*
 * What a service does with the request of an authorised call, after a trip over the wire. With
 * STATUS_OK `reply` is in the call's arena; else the call has its problem. One thread at a time
 * uses a worker.
 */
enum status bench_execute(struct bench *self, unsigned worker, struct call *call,
                          const struct pb_method *method, const ProtobufCMessage *message,
                          ProtobufCMessage **reply);

#endif
