#include "fixture.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <depot/accounts/v1/accounts.schema.h>
#include <depot/auth/v1/authority.schema.h>
#include <depot/inventory/v1/inventory.pb-c.h>
#include <depot/inventory/v1/inventory.schema.h>
#include <depot/rpc/v1/reasons.schema.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "authority.h"
#include "base/clock.h"

atomic_bool fixture_ready = true;
atomic_uint fixture_calls;
atomic_bool fixture_wedged;

enum { PATIENCE_S = 30 };

static void
nap(void)
{
    usleep(5000);
}

/* --- The service --- */

static Depot__Inventory__V1__Resource *
new_resource(struct call *call, const char *id, const char *name)
{
    Depot__Inventory__V1__Resource *resource = (Depot__Inventory__V1__Resource *)pb_new(
        call->arena, &depot__inventory__v1__resource__schema);

    resource->id = arena_strdup(call->arena, id);
    resource->type = arena_strdup(call->arena, "cars");
    resource->name = arena_strdup(call->arena, name);
    /* What came with the call, for the tests to see. */
    resource->description = arena_printf(call->arena, "%s|%s|%s", call->request_id,
                                         call->traceparent, call->idempotency_key);
    return resource;
}

static void
get_resource(struct rpc_served *served)
{
    const Depot__Inventory__V1__GetResourceRequest *request =
        (const Depot__Inventory__V1__GetResourceRequest *)served->request;
    const char *end = request->id + strlen(request->id) - 4;

    if (strcmp(end, "dead") == 0) {
        while (atomic_load(&fixture_wedged)) {
            nap();
        }
    }
    served->status = STATUS_OK;
    if (strcmp(end, "0503") == 0) {
        served->call.problem.retry_after_ms = 2500;
        served->status = call_fail(&served->call, &reason_db_unavailable, "Away for a moment.");
    } else if (strcmp(end, "0409") == 0) {
        served->call.problem.retry_after_ms = 2500;
        served->status = call_fail(&served->call, &reason_request_in_progress, "Not yet.");
    } else if (strcmp(end, "0500") == 0) {
        served->status = call_fail(&served->call, &reason_internal_error, "secret of the database");
    } else if (strcmp(end, "0404") == 0) {
        served->status = call_fail(&served->call, &reason_resource_not_found, "No such car.");
    } else {
        served->reply = &new_resource(&served->call, request->id, "a")->base;
    }
}

static void
create_resource(struct rpc_served *served)
{
    const Depot__Inventory__V1__CreateResourceRequest *request =
        (const Depot__Inventory__V1__CreateResourceRequest *)served->request;
    const char *name = request->resource->name;

    if (strcmp(name, "taken") == 0) {
        served->status = call_fail(&served->call, &reason_name_taken, "There is one.");
        return;
    }
    served->replayed = strcmp(name, "replayed") == 0;
    served->status = STATUS_OK;
    served->reply =
        &new_resource(&served->call, "01890000-0000-7000-8000-000000000001", name)->base;
}

/* As many as the page is to have, and then one more page; an empty one gives the token back. */
static void
list_resources(struct rpc_served *served)
{
    const Depot__Inventory__V1__ListResourcesRequest *request =
        (const Depot__Inventory__V1__ListResourcesRequest *)served->request;
    Depot__Inventory__V1__ListResourcesResponse *page =
        (Depot__Inventory__V1__ListResourcesResponse *)pb_new(
            served->call.arena, &depot__inventory__v1__list_resources_response__schema);

    page->n_resources = (size_t)request->page_size;
    page->resources = arena_alloc(served->call.arena, page->n_resources * sizeof(void *));
    for (size_t i = 0; i < page->n_resources; i++) {
        page->resources[i] = new_resource(&served->call, "id", "a");
    }
    page->next_page_token = arena_printf(served->call.arena, "%s%s", request->page_token,
                                         page->n_resources > 0 ? "+1" : "");
    served->status = STATUS_OK;
    served->reply = &page->base;
}

/* Always in the way of something. */
static void
create_allocation(struct rpc_served *served)
{
    Depot__Inventory__V1__AllocationOverlap *overlap =
        (Depot__Inventory__V1__AllocationOverlap *)pb_new(
            served->call.arena, &depot__inventory__v1__allocation_overlap__schema);

    served->status = call_fail(&served->call, &reason_allocation_overlap, "It is taken.");
    call_extra(&served->call, &depot__inventory__v1__allocation_overlap__schema, overlap);
}

static void
execute(void *worker, struct rpc_served *const *calls, size_t n_calls)
{
    (void)worker;
    for (size_t i = 0; i < n_calls; i++) {
        struct rpc_served *served = calls[i];
        const char *name = served->method->name;

        if (served->method->service == &depot__auth__v1__authority__service) {
            authority_answer(served);
            continue;
        }
        atomic_fetch_add(&fixture_calls, 1);
        if (strcmp(name, "GetResource") == 0) {
            get_resource(served);
        } else if (strcmp(name, "CreateResource") == 0) {
            create_resource(served);
        } else if (strcmp(name, "ListResources") == 0) {
            list_resources(served);
        } else if (strcmp(name, "CreateAllocation") == 0) {
            create_allocation(served);
        } else {
            served->status = STATUS_OK;
            served->reply = pb_new(served->call.arena, served->method->reply);
        }
    }
}

static pthread_mutex_t seen_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct fixture_seen seen;

/* Everybody may do everything here: it is the gateway that refuses. */
static enum status
authorise(void *closure, struct rpc_served *served, const char *token)
{
    (void)closure;
    if (served->method->service != &depot__auth__v1__authority__service) {
        pthread_mutex_lock(&seen_mutex);
        snprintf(seen.token, sizeof(seen.token), "%s", token);
        snprintf(seen.principal, sizeof(seen.principal), "%s", served->call.principal);
        snprintf(seen.client_address, sizeof(seen.client_address), "%s",
                 served->call.client_address);
        pthread_mutex_unlock(&seen_mutex);
    }
    return STATUS_OK;
}

void
fixture_see(struct fixture_seen *out)
{
    pthread_mutex_lock(&seen_mutex);
    *out = seen;
    pthread_mutex_unlock(&seen_mutex);
}

static void *
worker_open(void *closure, unsigned index)
{
    (void)closure;
    (void)index;
    return NULL;
}

static void
worker_close(void *worker)
{
    (void)worker;
}

static bool
ready(void *closure, const char **why)
{
    (void)closure;
    *why = "the test says so";
    return atomic_load(&fixture_ready);
}

/* --- The gateway --- */

void
fixture_init(struct fixture *self)
{
    *self = (struct fixture){
        .contract = &http_contract,
        .config =
            {
                .host = "127.0.0.1",
                .request_timeout_ms = 20000,
                .max_connections = 1000,
                .max_connections_per_address = 1000,
                .rpc = {.drain_grace_s = 10, .log_level = LOG_ERROR},
                .auth = {.app_env = "test", .revocation_max_age_s = 60},
            },
    };
}

static void
start_service(struct fixture *self)
{
    static const struct pb_service *const services[] = {
        &depot__accounts__v1__accounts_service__service, &depot__auth__v1__authority__service,
        &depot__inventory__v1__inventory_service__service, NULL};
    const struct rpc_server_options options = {
        .listen_url = "tcp://127.0.0.1:0",
        .workers = 3,
        .services = services,
        .executor = {.worker_open = worker_open,
                     .execute = execute,
                     .worker_close = worker_close,
                     .ready = ready,
                     .authorise = authorise},
    };
    struct error error;

    cr_assert_eq(rpc_server_open(&options, &self->service, &error), STATUS_OK, "%s", error.text);
    for (size_t i = 0; self->contract->services[i] != NULL; i++) {
        self->config.addresses[i] = rpc_server_url(self->service);
    }
    self->config.auth.accounts_addresses = rpc_server_url(self->service);
}

static void *
run(void *closure)
{
    struct fixture *self = closure;

    self->cut = gateway_run(&self->gateway);
    return NULL;
}

void
fixture_launch(struct fixture *self)
{
    struct error error;

    log_open("test", self->config.rpc.log_level);
    authority_open();
    start_service(self);
    self->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    cr_assert_eq(gateway_open(&self->gateway, &self->config, self->contract, self->stop_fd, &error),
                 STATUS_OK, "%s", error.text);
    cr_assert_eq(pthread_create(&self->thread, NULL, run, self), 0);
    self->running = true;
}

void
fixture_wait(struct fixture *self, int status)
{
    int port = self->config.admin_port != 0 ? gateway_admin_port(&self->gateway)
                                            : gateway_port(&self->gateway);
    int64_t end_us = clock_us() + PATIENCE_S * 1000000;
    struct answer answer = {0};

    while (answer.status != status) {
        int fd = client_open(port);

        cr_assert_lt(clock_us(), end_us, "readiness is not %d: %s", status, answer.head);
        client_send(fd, "GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        answer_read(fd, &answer, false);
        answer_free(&answer);
        close(fd);
        nap();
    }
}

void
fixture_start(struct fixture *self)
{
    fixture_launch(self);
    fixture_wait(self, 200);
}

void
fixture_signal(struct fixture *self)
{
    cr_assert_eq(eventfd_write(self->stop_fd, 1), 0);
}

void
fixture_join(struct fixture *self)
{
    if (self->running) {
        pthread_join(self->thread, NULL);
        self->running = false;
    }
}

void
fixture_stop(struct fixture *self)
{
    atomic_store(&fixture_wedged, false);
    atomic_store(&authority_wedged, false);
    if (self->running) {
        fixture_signal(self);
        fixture_join(self);
    }
    gateway_close(&self->gateway);
    rpc_server_close(self->service, 1000);
    close(self->stop_fd);
}

/* --- Clients --- */

int
client_open(int port)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0,
                 "port %d: %s", port, strerror(errno));
    return fd;
}

void
client_send_bytes(int fd, const void *data, size_t bytes)
{
    const char *at = data;

    while (bytes > 0) {
        ssize_t n = send(fd, at, bytes, MSG_NOSIGNAL);

        cr_assert_gt(n, 0, "%s", strerror(errno));
        at += n;
        bytes -= (size_t)n;
    }
}

void
client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

bool
client_at_end(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, 0);

    cr_assert(n >= 0 || errno == ECONNRESET, "%s", strerror(errno));
    return n <= 0;
}

static void
read_exactly(int fd, char *out, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = recv(fd, out, bytes, 0);

        cr_assert_gt(n, 0, "the answer ends early: %s", n == 0 ? "closed" : strerror(errno));
        out += n;
        bytes -= (size_t)n;
    }
}

void
answer_read(int fd, struct answer *self, bool to_head)
{
    size_t length = 0;
    const char *content;

    while (length < 4 || memcmp(self->head + length - 4, "\r\n\r\n", 4) != 0) {
        cr_assert_lt(length, sizeof(self->head) - 1);
        read_exactly(fd, self->head + length, 1);
        length++;
    }
    self->head[length] = '\0';
    cr_assert_eq(sscanf(self->head, "HTTP/1.1 %d ", &self->status), 1, "%s", self->head);
    content = answer_field(self, "Content-Length");
    self->body_bytes = content == NULL || to_head ? 0 : (size_t)atol(content);
    self->body = malloc(self->body_bytes + 1);
    read_exactly(fd, self->body, self->body_bytes);
    self->body[self->body_bytes] = '\0';
}

void
answer_free(struct answer *self)
{
    free(self->body);
    self->body = NULL;
}

const char *
answer_field(const struct answer *self, const char *name)
{
    static char value[1024];
    char start[128];
    const char *at;

    snprintf(start, sizeof(start), "\r\n%s: ", name);
    at = strstr(self->head, start);
    if (at == NULL) {
        return NULL;
    }
    at += strlen(start);
    snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

static void
expect_text(const json_t *document, const char *member, const char *expected)
{
    const char *text = json_string_value(json_object_get(document, member));

    cr_assert_not_null(text, "no member %s", member);
    cr_assert(expected == NULL || strcmp(text, expected) == 0, "%s is %s", member, text);
}

/* Whatever fails, and wherever: the same kind of document. */
static void
expect_problem(const struct answer *self, const char *reason)
{
    json_error_t error;
    json_t *document = json_loadb(self->body, self->body_bytes, 0, &error);

    cr_assert_not_null(document, "%s: %s", error.text, self->body);
    cr_assert_str_eq(answer_field(self, "Content-Type"), "application/problem+json");
    expect_text(document, "type", NULL);
    expect_text(document, "title", NULL);
    expect_text(document, "detail", NULL);
    expect_text(document, "instance", NULL);
    expect_text(document, "code", NULL);
    expect_text(document, "reason", reason);
    expect_text(document, "requestId", answer_field(self, "X-Request-Id"));
    cr_assert_eq(json_integer_value(json_object_get(document, "status")), self->status);
    json_decref(document);
}

void
answer_expect(const struct answer *self, int status, const char *reason)
{
    cr_assert_eq(self->status, status, "%d instead of %d: %s%s", self->status, status, self->head,
                 self->body);
    cr_assert_str_eq(answer_field(self, "X-Content-Type-Options"), "nosniff");
    cr_assert_str_eq(answer_field(self, "Referrer-Policy"), "no-referrer");
    cr_assert_str_eq(answer_field(self, "Cross-Origin-Resource-Policy"), "same-origin");
    cr_assert_not_null(answer_field(self, "Content-Security-Policy"));
    cr_assert_not_null(answer_field(self, "Cache-Control"));
    if (status >= 400) {
        cr_assert_str_eq(answer_field(self, "Cache-Control"), "no-store");
        cr_assert_null(answer_field(self, "ETag"));
    }
    cr_assert_not_null(answer_field(self, "Date"));
    cr_assert_not_null(answer_field(self, "X-Request-Id"));
    cr_assert_null(answer_field(self, "Server"));
    if (reason != NULL) {
        expect_problem(self, reason);
    }
}

void
expect(int port, const char *request, int status, const char *reason)
{
    int fd = client_open(port);
    struct answer answer;

    client_send(fd, request);
    answer_read(fd, &answer, strncmp(request, "HEAD", 4) == 0);
    cr_assert_eq(answer.status, status, "%s: %s%s", request, answer.head, answer.body);
    answer_expect(&answer, status, reason);
    answer_free(&answer);
    close(fd);
}

char *
metrics_text(int port)
{
    int fd = client_open(port);
    struct answer answer;

    client_send(fd, "GET /metrics" HTTP "\r\n");
    answer_read(fd, &answer, false);
    close(fd);
    cr_assert_eq(answer.status, 200);
    return answer.body;
}

void
wait_for_metric(int port, const char *line)
{
    int64_t end_us = clock_us() + PATIENCE_S * 1000000;

    for (;;) {
        char *text = metrics_text(port);
        bool found = strstr(text, line) != NULL;

        cr_assert(found || clock_us() < end_us, "no line \"%s\" in:\n%s", line, text);
        free(text);
        if (found) {
            return;
        }
        nap();
    }
}
