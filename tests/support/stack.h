/*
 * The whole system as its own processes: a fresh database, accounts, inventory replicas and a
 * gateway. Whoever sends with stack_send or http_send is the administrator, unless said otherwise.
 */
#ifndef DEPOT_TESTS_SUPPORT_STACK_H
#define DEPOT_TESTS_SUPPORT_STACK_H

#include "support/cluster.h"
#include "support/http.h"
#include "support/process.h"

enum { STACK_REPLICAS_MAX = 3, STACK_TOKEN_BYTES = 1100 };

/* Of the account `admin` of every stack. */
#define STACK_ADMIN_PASSWORD "an administrator of tests"

struct stack_options {
    size_t replicas;          /* 0: one */
    const char *database_url; /* NULL: a fresh database of the test run's cluster */
    bool open;                /* AUTH_MODE=off: nobody is asked who they are */
    /* These must live as long as the stack. */
    const char *const *services; /* more environment of inventory ("NAME=value"), NULL-terminated */
    const char *const *accounts; /* likewise of accounts */
    const char *const *gateway;  /* likewise of the gateway */
};

struct stack {
    struct test_database database;
    bool owns_database;
    size_t replicas;
    bool open;
    int rpc_ports[STACK_REPLICAS_MAX];
    struct process inventory[STACK_REPLICAS_MAX];
    int accounts_port;
    struct process accounts;
    struct process gateway;
    int port;
    char base[64]; /* http://127.0.0.1:PORT */
    const char *const *service_environment;
    const char *const *accounts_environment;
    char token[STACK_TOKEN_BYTES]; /* the administrator's access token; "" if open */
};

/* Starts everything and waits until /readyz is 200; a failure is an assertion with the logs
 * printed. */
void stack_start(struct stack *self, const struct stack_options *options);

/* Starts one replica (again) on its port; waits until it says that it started. */
void stack_start_inventory(struct stack *self, size_t replica);

/* Likewise the accounts service. */
void stack_start_accounts(struct stack *self);

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

/*
 * Logs in and copies the access token and, unless NULL, the refresh token. The test fails when that
 * does.
 */
void stack_login(const struct stack *self, const char *username, const char *password,
                 char access[static STACK_TOKEN_BYTES], char *refresh);

/* Makes an account with a role ("MEMBER") and logs in with it; the password is STACK_PASSWORD. */
#define STACK_PASSWORD "somebody in a test"
void stack_make_user(const struct stack *self, const char *username, const char *role,
                     char access[static STACK_TOKEN_BYTES]);

/* As stack_send, by whoever has the token; "": by nobody who is known. */
void stack_send_as(const struct stack *self, const char *token, struct http_response *response,
                   const char *verb, const char *path, const char *body);

/* The status of that. */
int stack_status_as(const struct stack *self, const char *token, const char *verb, const char *path,
                    const char *body);

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
