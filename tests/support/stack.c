#include "support/stack.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/port.h"

enum { READY_SECONDS = 120, ENVIRONMENT_MAX = 16 };

/* Appends `more` (may be NULL) to a list of environment strings. */
static void
add_environment(const char *list[static ENVIRONMENT_MAX], const char *const *more)
{
    size_t n = 0;

    while (list[n] != NULL) {
        n++;
    }
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        cr_assert_lt(n, ENVIRONMENT_MAX - 1);
        list[n++] = more[i];
    }
}

static void
fail_with_log(const char *what, const struct process *process)
{
    char *log = process_log(process);

    cr_assert_fail("%s: %s", what, log);
}

static const char *
mode_of(const struct stack *self)
{
    return self->open ? "AUTH_MODE=off" : "AUTH_MODE=on";
}

void
stack_start_accounts(struct stack *self)
{
    char program[512];
    char url[sizeof(self->database.url) + 32];
    char listen[64];
    const char *argv[] = {test_program("accounts/accounts", program, sizeof(program)), NULL};
    const char *environment[ENVIRONMENT_MAX] = {
        url,
        listen,
        mode_of(self),
        "SECRET_KEY=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "ADMIN_PASSWORD=" STACK_ADMIN_PASSWORD,
    };

    process_stop(&self->accounts);
    snprintf(url, sizeof(url), "DATABASE_URL=%s", self->database.url);
    snprintf(listen, sizeof(listen), "RPC_LISTEN=tcp://127.0.0.1:%d", self->accounts_port);
    add_environment(environment, self->accounts_environment);
    process_start(&self->accounts, argv, environment);
    if (!process_wait_log(&self->accounts, "\"event\":\"started\"", READY_SECONDS)) {
        fail_with_log("accounts does not start", &self->accounts);
    }
}

void
stack_start_inventory(struct stack *self, size_t replica)
{
    struct process *process = &self->inventory[replica];
    char program[512];
    char url[sizeof(self->database.url) + 32];
    char listen[64];
    const char *argv[] = {test_program("inventory/inventory", program, sizeof(program)), NULL};
    char authority[64];
    const char *environment[ENVIRONMENT_MAX] = {url, listen, authority, mode_of(self),
                                                "RPC_WORKERS=3"};

    process_stop(process);
    snprintf(url, sizeof(url), "DATABASE_URL=%s", self->database.url);
    snprintf(listen, sizeof(listen), "RPC_LISTEN=tcp://127.0.0.1:%d", self->rpc_ports[replica]);
    snprintf(authority, sizeof(authority), "ACCOUNTS_ADDRESSES=tcp://127.0.0.1:%d",
             self->accounts_port);
    add_environment(environment, self->service_environment);
    process_start(process, argv, environment);
    if (!process_wait_log(process, "\"event\":\"started\"", READY_SECONDS)) {
        fail_with_log("inventory does not start", process);
    }
}

static void
start_gateway(struct stack *self, const char *const *more)
{
    char program[512];
    char port[32];
    char addresses[256] = "INVENTORY_ADDRESSES=";
    size_t length = strlen(addresses);
    const char *argv[] = {test_program("gateway/gateway", program, sizeof(program)), NULL};
    char authority[64];
    const char *environment[ENVIRONMENT_MAX] = {port, addresses, authority, mode_of(self),
                                                "RATE_LIMIT=off"};

    for (size_t i = 0; i < self->replicas; i++) {
        length += (size_t)snprintf(addresses + length, sizeof(addresses) - length,
                                   "%stcp://127.0.0.1:%d", i == 0 ? "" : ",", self->rpc_ports[i]);
    }
    snprintf(port, sizeof(port), "GATEWAY_PORT=%d", self->port);
    snprintf(authority, sizeof(authority), "ACCOUNTS_ADDRESSES=tcp://127.0.0.1:%d",
             self->accounts_port);
    add_environment(environment, more);
    process_start(&self->gateway, argv, environment);
}

void
stack_start(struct stack *self, const struct stack_options *options)
{
    *self = (struct stack){
        .replicas = options->replicas == 0 ? 1 : options->replicas,
        .owns_database = options->database_url == NULL,
        .open = options->open,
        .service_environment = options->services,
        .accounts_environment = options->accounts,
        .port = test_free_port(),
        .accounts_port = test_free_port(),
    };

    http_authorize(NULL);
    if (self->owns_database) {
        test_database_open(&self->database);
    } else {
        snprintf(self->database.url, sizeof(self->database.url), "%s", options->database_url);
    }
    snprintf(self->base, sizeof(self->base), "http://127.0.0.1:%d", self->port);
    stack_start_accounts(self);
    for (size_t i = 0; i < self->replicas; i++) {
        self->rpc_ports[i] = test_free_port();
        stack_start_inventory(self, i);
    }
    start_gateway(self, options->gateway);
    if (!stack_wait_ready(self, READY_SECONDS)) {
        fail_with_log("the gateway is not ready", &self->gateway);
    }
    if (!self->open) {
        stack_login(self, "admin", STACK_ADMIN_PASSWORD, self->token, NULL);
        http_authorize(self->token);
        cr_assert_eq(setenv("DEPOT_TOKEN", self->token, 1), 0); /* for those whom the test runs */
    }
}

static int
status_of_readyz(const struct stack *self)
{
    struct http_response response;
    int status;

    stack_send(self, &response, "GET", "/readyz", NULL, NULL);
    status = response.status;
    http_free(&response);
    return status;
}

static bool
is_ready(void *closure)
{
    return status_of_readyz(closure) == 200;
}

static bool
is_not_ready(void *closure)
{
    return status_of_readyz(closure) == 503;
}

bool
stack_wait_ready(struct stack *self, int seconds)
{
    return wait_until(is_ready, self, seconds);
}

bool
stack_wait_not_ready(struct stack *self, int seconds)
{
    return wait_until(is_not_ready, self, seconds);
}

static bool
has_no_sessions(void *closure)
{
    char *n = stack_query(closure, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                   "current_database() AND backend_type = 'client backend' AND "
                                   "pid <> pg_backend_pid()");
    bool none = strcmp(n, "0") == 0;

    free(n);
    return none;
}

void
stack_assert_no_deadlock(struct stack *self)
{
    char *deadlocks;

    process_signal(&self->accounts, SIGTERM);
    cr_assert_eq(process_wait(&self->accounts, 60), 0);
    for (size_t i = 0; i < self->replicas; i++) {
        process_signal(&self->inventory[i], SIGTERM);
    }
    for (size_t i = 0; i < self->replicas; i++) {
        cr_assert_eq(process_wait(&self->inventory[i], 60), 0);
    }
    cr_assert(wait_until(has_no_sessions, self, 60));
    deadlocks = stack_query(self, "SELECT deadlocks FROM pg_stat_database WHERE datname = "
                                  "current_database()");
    cr_assert_str_eq(deadlocks, "0");
    free(deadlocks);
}

void
stack_stop(struct stack *self)
{
    process_stop(&self->gateway);
    process_stop(&self->accounts);
    for (size_t i = 0; i < self->replicas; i++) {
        process_stop(&self->inventory[i]);
    }
    if (self->owns_database) {
        test_database_drop(&self->database);
    }
}

void
stack_send(const struct stack *self, struct http_response *response, const char *verb,
           const char *path, const char *key, const char *body)
{
    char url[2048];
    char key_header[512];
    const char *headers[] = {key_header, NULL};

    snprintf(url, sizeof(url), "%s%s", self->base, path);
    if (key != NULL) {
        snprintf(key_header, sizeof(key_header), "Idempotency-Key: %s", key);
    }
    http_send(response, verb, url, key != NULL ? headers : NULL, body);
}

char *
stack_expect(const struct stack *self, int status, const char *verb, const char *path,
             const char *key, const char *body)
{
    struct http_response response;
    char *text;

    stack_send(self, &response, verb, path, key, body);
    cr_assert_eq(response.status, status, "%s %s %s: %d instead of %d: %s", verb, path,
                 body != NULL ? body : "", response.status, status, response.body);
    text = response.body;
    response.body = NULL;
    http_free(&response);
    return text;
}

void
stack_make_car(const struct stack *self, const char *name, char id[static 37])
{
    struct http_response response;
    char body[256];
    char *made;

    snprintf(body, sizeof(body), "{\"name\":\"%s\"}", name);
    stack_send(self, &response, "POST", "/v1/cars", NULL, body);
    cr_assert_eq(response.status, 201, "%d %s", response.status, response.body);
    made = http_member(&response, "id");
    snprintf(id, 37, "%s", made);
    free(made);
    http_free(&response);
}

char *
stack_query(const struct stack *self, const char *sql)
{
    return test_database_value(&self->database, sql);
}

void
stack_send_as(const struct stack *self, const char *token, struct http_response *response,
              const char *verb, const char *path, const char *body)
{
    char url[2048];
    char header[STACK_TOKEN_BYTES + 32] = "Authorization:";
    const char *headers[] = {header, NULL};

    snprintf(url, sizeof(url), "%s%s", self->base, path);
    if (token[0] != '\0') {
        snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
    }
    http_send(response, verb, url, headers, body);
}

int
stack_status_as(const struct stack *self, const char *token, const char *verb, const char *path,
                const char *body)
{
    struct http_response response;
    int status;

    stack_send_as(self, token, &response, verb, path, body);
    status = response.status;
    http_free(&response);
    return status;
}

static void
copy_member(const struct http_response *response, const char *name,
            char out[static STACK_TOKEN_BYTES])
{
    char *value = http_member(response, name);

    cr_assert_lt(snprintf(out, STACK_TOKEN_BYTES, "%s", value), STACK_TOKEN_BYTES);
    free(value);
}

void
stack_login(const struct stack *self, const char *username, const char *password,
            char access[static STACK_TOKEN_BYTES], char *refresh)
{
    struct http_response response;
    char body[512];

    snprintf(body, sizeof(body), "{\"username\":\"%s\",\"password\":\"%s\"}", username, password);
    stack_send_as(self, "", &response, "POST", "/v1/auth/login", body);
    cr_assert_eq(response.status, 200, "%d %s", response.status, response.body);
    copy_member(&response, "accessToken", access);
    if (refresh != NULL) {
        copy_member(&response, "refreshToken", refresh);
    }
    http_free(&response);
}

void
stack_make_user(const struct stack *self, const char *username, const char *role,
                char access[static STACK_TOKEN_BYTES])
{
    char body[512];

    snprintf(body, sizeof(body),
             "{\"username\":\"%s\",\"email\":\"%s@example.org\",\"password\":\"" STACK_PASSWORD
             "\",\"role\":\"%s\"}",
             username, username, role);
    free(stack_expect(self, 201, "POST", "/v1/users", NULL, body));
    stack_login(self, username, STACK_PASSWORD, access, NULL);
}
