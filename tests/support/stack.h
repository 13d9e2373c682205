/* The whole system as its own processes: a fresh database, inventory replicas and a gateway. */
#ifndef DEPOT_TESTS_SUPPORT_STACK_H
#define DEPOT_TESTS_SUPPORT_STACK_H

#include "support/cluster.h"
#include "support/http.h"
#include "support/process.h"

enum { STACK_REPLICAS_MAX = 3 };

struct stack_options {
    size_t replicas;             /* 0: one */
    const char *database_url;    /* NULL: a fresh database of the test run's cluster */
    const char *const *services; /* more environment of inventory ("NAME=value"), NULL-terminated */
    const char *const *gateway;  /* likewise of the gateway */
};

struct stack {
    struct test_database database;
    bool owns_database;
    size_t replicas;
    int rpc_ports[STACK_REPLICAS_MAX];
    struct process inventory[STACK_REPLICAS_MAX];
    struct process gateway;
    int port;
    char base[64]; /* http://127.0.0.1:PORT */
    const char *const *service_environment;
};

/* Starts everything and waits until /readyz is 200; a failure is an assertion with the logs
 * printed. */
void stack_start(struct stack *self, const struct stack_options *options);

/* Starts one replica (again) on its port; waits until it says that it started. */
void stack_start_inventory(struct stack *self, size_t replica);

bool stack_wait_ready(struct stack *self, int seconds);

/* Waits until /readyz is 503. */
bool stack_wait_not_ready(struct stack *self, int seconds);

/*
 * Ends the replicas, gently, and asserts that no two transactions ever waited for each other, not
 * even such as a retry has mended: sessions report that when they end.
 */
void stack_assert_no_deadlock(struct stack *self);

/* Ends everything and drops the database. */
void stack_stop(struct stack *self);

/* A request to a path; `key` is an Idempotency-Key or NULL. Free the response with http_free. */
void stack_send(const struct stack *self, struct http_response *response, const char *verb,
                const char *path, const char *key, const char *body);

/* Sends and asserts the status; the body goes to a string that the caller frees. */
char *stack_expect(const struct stack *self, int status, const char *verb, const char *path,
                   const char *key, const char *body);

/* Makes a car and writes its id. */
void stack_make_car(const struct stack *self, const char *name, char id[static 37]);

/* The one value that a query gives, as text; the caller frees it. */
char *stack_query(const struct stack *self, const char *sql);

#endif
