#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <depot/rpc/v1/reasons.schema.h>

#include "base/assert.h"
#include "base/clock.h"
#include "pb/wire.h"

/* --- the service --- */

static const char *
word(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? NULL : at + strlen(name);
}

static void
sleep_ms(int ms)
{
    poll(NULL, 0, ms);
}

static void
check_batch(struct service *service, struct rpc_served *const *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            bool same_key =
                calls[i]->call.idempotency_key[0] != '\0' &&
                strcmp(calls[i]->call.idempotency_key, calls[j]->call.idempotency_key) == 0;

            if (same_key || calls[i]->method->class != calls[j]->method->class) {
                service->mixed++;
            }
        }
    }
    if ((calls[0]->method->class == PB_CLASS_LIST && n > 8) || n > 64) {
        service->mixed++;
    }
}

static void
fill(struct rpc_served *served, const char *id, size_t bytes)
{
    struct arena *arena = served->call.arena;
    ProtobufCMessage *reply = pb_new(arena, served->method->reply);
    char *padding = arena_zalloc(arena, bytes + 1);

    memset(padding, 'x', bytes);
    served->reply = reply;
    if (served->method->reply == &depot__inventory__v1__resource__schema) {
        Depot__Inventory__V1__Resource *resource = (Depot__Inventory__V1__Resource *)reply;

        resource->id = (char *)id;
        resource->name = (char *)served->call.principal;
        resource->description = padding;
    } else if (served->method->reply == &depot__inventory__v1__allocation__schema) {
        ((Depot__Inventory__V1__Allocation *)reply)->id = (char *)id;
        ((Depot__Inventory__V1__Allocation *)reply)->description = padding;
    }
}

static enum status
outcome(struct rpc_served *served)
{
    const char *said = served->call.request_id;
    const char *bytes = word(said, "bytes=");
    const char *id = "";

    if (word(said, "fail") != NULL) {
        if (word(said, "extra") != NULL) {
            call_extra(&served->call, served->method->request, served->request);
        }
        return call_fail(&served->call, &reason_resource_not_found, "No %s here.", "such thing");
    }
    if (word(said, "internal") != NULL) {
        return call_fail(&served->call, &reason_internal_error, "secret words of SQL");
    }
    if (word(said, "latin") != NULL) {
        return call_fail(&served->call, &reason_resource_not_found, "\xe9t\xe9");
    }
    if (served->method->request == &depot__inventory__v1__get_resource_request__schema) {
        id = ((const Depot__Inventory__V1__GetResourceRequest *)served->request)->id;
    }
    served->replayed = word(said, "replayed") != NULL;
    fill(served, id, bytes == NULL ? 0 : strtoul(bytes, NULL, 10));
    return STATUS_OK;
}

static void
execute(void *worker, struct rpc_served *const *calls, size_t n)
{
    struct service *service = worker;
    const char *pause = word(calls[0]->call.request_id, "sleep=");
    unsigned at_work = ++service->at_work;

    if (at_work > service->most_at_work) {
        service->most_at_work = at_work;
    }
    if (n > service->largest) {
        service->largest = (unsigned)n;
    }
    check_batch(service, calls, n);
    for (size_t i = 0; i < n && service->log_fd >= 0; i++) {
        char line[128];
        int length = snprintf(line, sizeof(line), "%s\n", calls[i]->call.request_id);

        ASSERT(write(service->log_fd, line, (size_t)length) == length);
    }
    if (pause != NULL) {
        sleep_ms(atoi(pause));
    }
    while (service->held) {
        sleep_ms(2);
    }
    for (size_t i = 0; i < n; i++) {
        if (word(calls[i]->call.request_id, "missing") == NULL) {
            calls[i]->status = outcome(calls[i]);
        }
    }
    service->calls += (unsigned)n;
    service->batches++;
    service->at_work--;
}

static void *
worker_open(void *closure, unsigned index)
{
    struct service *service = closure;

    (void)index;
    service->opened++;
    return service;
}

static void
worker_close(void *worker)
{
    ((struct service *)worker)->closed++;
}

static bool
ready(void *closure, const char **why)
{
    *why = "told so";
    return !((struct service *)closure)->not_ready;
}

static const struct pb_service *const services[] = {
    &depot__inventory__v1__inventory_service__service, NULL};

static struct rpc_server_options
options_of(struct service *service, unsigned workers, const char *url)
{
    return (struct rpc_server_options){
        .listen_url = url,
        .workers = workers,
        .services = services,
        .executor = {service, worker_open, execute, worker_close, ready},
    };
}

struct rpc_server *
server_start_at(struct service *service, unsigned workers, const char *url)
{
    struct rpc_server_options options = options_of(service, workers, url);
    struct rpc_server *server;
    struct error error;

    cr_assert_eq(rpc_server_open(&options, &server, &error), STATUS_OK, "%s", error.text);
    return server;
}

struct rpc_server *
server_start(struct service *service, unsigned workers)
{
    *service = (struct service){.log_fd = -1};
    return server_start_at(service, workers, "tcp://127.0.0.1:0");
}

/* --- a server in its own process --- */

static volatile sig_atomic_t told_to_end;

static void
on_term(int signal_number)
{
    (void)signal_number;
    told_to_end = 1;
}

/*
 * Before Criterion's main, in a process that child_start made: this program again, with what to do
 * in its environment. A fork alone would not do: nng cannot be used after one.
 */
__attribute__((constructor)) static void
be_child(void)
{
    const char *url = getenv("RPC_TEST_URL");
    struct service service = {.log_fd = -1};
    struct rpc_server_options options;
    struct rpc_server *server;
    struct error error;

    if (url == NULL) {
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, on_term);
    service.log_fd = open(getenv("RPC_TEST_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    options = options_of(&service, (unsigned)atoi(getenv("RPC_TEST_WORKERS")), url);
    if (rpc_server_open(&options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        _exit(1);
    }
    printf("%s\n", rpc_server_url(server));
    fflush(stdout);
    while (!told_to_end) {
        sleep_ms(10);
    }
    rpc_server_close(server, 5000);
    _exit(0);
}

static void
read_line(int fd, char *line, size_t max)
{
    size_t n = 0;

    while (n + 1 < max && read(fd, &line[n], 1) == 1 && line[n] != '\n') {
        n++;
    }
    line[n] = '\0';
}

void
child_start(struct child *self, unsigned workers)
{
    char url[80], log[80], number[32];
    char *options = getenv("ASAN_OPTIONS");
    char asan[256];
    char *environment[] = {url, log, number, asan, NULL};
    char *arguments[] = {"server", NULL};
    posix_spawn_file_actions_t actions;
    int out[2];

    if (self->url[0] == '\0') {
        strcpy(self->url, "tcp://127.0.0.1:0");
        strcpy(self->log, "/tmp/rpc-test-XXXXXX");
        close(mkstemp(self->log));
    }
    snprintf(url, sizeof(url), "RPC_TEST_URL=%s", self->url);
    snprintf(log, sizeof(log), "RPC_TEST_LOG=%s", self->log);
    snprintf(number, sizeof(number), "RPC_TEST_WORKERS=%u", workers);
    snprintf(asan, sizeof(asan), "ASAN_OPTIONS=%s", options == NULL ? "" : options);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    cr_assert_eq(posix_spawn(&self->pid, "/proc/self/exe", &actions, NULL, arguments, environment),
                 0);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    read_line(out[0], self->url, sizeof(self->url));
    close(out[0]);
    cr_assert_eq(strncmp(self->url, "tcp://127.0.0.1:", 16), 0, "the server did not start");
}

void
child_end(struct child *self, int signal_number)
{
    kill(self->pid, signal_number);
    waitpid(self->pid, NULL, 0);
    self->pid = 0;
}

unsigned
child_count(const struct child *self, const char *request_id)
{
    FILE *file = fopen(self->log, "r");
    char line[128];
    unsigned n = 0;

    cr_assert_not_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        n += strcmp(line, request_id) == 0;
    }
    fclose(file);
    return n;
}

/* --- clients and calls --- */

struct rpc_client *
client_start(const char *addresses)
{
    struct rpc_client_options options = {
        .service = &depot__inventory__v1__inventory_service__service, .addresses = addresses};
    struct rpc_client *client;
    struct error error;

    cr_assert_eq(rpc_client_open(&options, &client, &error), STATUS_OK, "%s", error.text);
    return client;
}

static void
note_payload(struct trial *self, const struct rpc_reply *reply)
{
    struct arena arena;
    ProtobufCMessage *message;

    arena_init(&arena, 1024, 0);
    if (self->request.method->reply == &depot__inventory__v1__resource__schema) {
        cr_assert_eq(pb_unpack(&arena, self->request.method->reply, reply->payload,
                               reply->payload_bytes, &message),
                     STATUS_OK);
        snprintf(self->seen_id, sizeof(self->seen_id), "%s",
                 ((Depot__Inventory__V1__Resource *)message)->id);
        snprintf(self->seen_name, sizeof(self->seen_name), "%s",
                 ((Depot__Inventory__V1__Resource *)message)->name);
    }
    arena_fini(&arena);
}

static void
on_done(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct trial *self = request->owner;

    self->done++;
    self->status = reply->status;
    self->replayed = reply->replayed;
    self->retry_after_ms = reply->retry_after_ms;
    self->payload_bytes = reply->payload_bytes;
    self->detail_bytes = reply->detail_bytes;
    self->n_violations = reply->n_violations;
    snprintf(self->reason, sizeof(self->reason), "%s", reply->reason);
    snprintf(self->message, sizeof(self->message), "%s", reply->message);
    snprintf(self->detail_type, sizeof(self->detail_type), "%s", reply->detail_type);
    if (reply->n_violations > 0) {
        snprintf(self->field, sizeof(self->field), "%s", reply->violations[0].field);
    }
    if (reply->status == STATUS_OK) {
        note_payload(self, reply);
    }
}

static void
prepare(struct trial *self, const struct pb_method *method, const ProtobufCMessage *message,
        const char *request_id)
{
    snprintf(self->request_id, sizeof(self->request_id), "%s", request_id);
    self->request.method = method;
    self->request.message = message;
    self->request.principal = "anna";
    self->request.request_id = self->request_id;
    self->request.traceparent = "";
    self->request.idempotency_key = "";
    self->request.done = on_done;
    self->request.owner = self;
    trial_timeout(self, 5000);
}

static void
id_of(struct trial *self, unsigned n)
{
    snprintf(self->id, sizeof(self->id), "01912d68-783e-7000-8000-%012x", n);
}

void
trial_get(struct trial *self, unsigned n, const char *request_id)
{
    memset(self, 0, sizeof(*self));
    id_of(self, n);
    depot__inventory__v1__get_resource_request__init(&self->get);
    self->get.type = "cars";
    self->get.id = self->id;
    prepare(self, &depot__inventory__v1__inventory_service__get_resource__method, &self->get.base,
            request_id);
}

void
trial_list(struct trial *self, const char *request_id)
{
    memset(self, 0, sizeof(*self));
    depot__inventory__v1__list_resources_request__init(&self->list);
    self->list.type = "cars";
    prepare(self, &depot__inventory__v1__inventory_service__list_resources__method,
            &self->list.base, request_id);
}

void
trial_create(struct trial *self, unsigned n, const char *request_id)
{
    memset(self, 0, sizeof(*self));
    id_of(self, n);
    google__protobuf__timestamp__init(&self->start);
    google__protobuf__timestamp__init(&self->end);
    self->start.seconds = 1800000000;
    self->end.seconds = 1800003600;
    depot__inventory__v1__allocation__init(&self->allocation);
    self->allocation.start_time = &self->start;
    self->allocation.end_time = &self->end;
    depot__inventory__v1__create_allocation_request__init(&self->create);
    self->create.type = "cars";
    self->create.resource_id = self->id;
    self->create.allocation = &self->allocation;
    prepare(self, &depot__inventory__v1__inventory_service__create_allocation__method,
            &self->create.base, request_id);
}

void
trial_timeout(struct trial *self, int ms)
{
    self->request.deadline_us = clock_us() + (int64_t)ms * 1000;
}

/* One turn of an event loop; at most a few milliseconds. */
static void
turn(struct rpc_client *client)
{
    struct pollfd fd = {.fd = rpc_client_fd(client), .events = POLLIN};
    int64_t pause_us = rpc_client_next_us(client) - clock_us();

    poll(&fd, 1, pause_us <= 0 ? 0 : pause_us < 5000 ? (int)(pause_us / 1000) + 1 : 5);
    rpc_client_run(client);
}

bool
run_until(struct rpc_client *client, bool (*holds)(struct rpc_client *, void *), void *closure)
{
    int64_t end_us = clock_us() + PATIENCE_MS * 1000LL;

    rpc_client_run(client);
    while (!holds(client, closure)) {
        if (clock_us() > end_us) {
            return false;
        }
        turn(client);
    }
    return true;
}

void
run_for(struct rpc_client *client, int ms)
{
    int64_t end_us = clock_us() + (int64_t)ms * 1000;

    while (clock_us() < end_us) {
        turn(client);
    }
}

bool
settle(struct rpc_client *client, const struct trial *trials, size_t n)
{
    int64_t end_us = clock_us() + PATIENCE_MS * 1000LL;

    rpc_client_run(client);
    for (size_t i = 0; i < n; i++) {
        while (trials[i].done == 0) {
            if (clock_us() > end_us) {
                return false;
            }
            turn(client);
        }
    }
    return true;
}

void
settle_one(struct rpc_client *client, struct trial *trial)
{
    rpc_client_submit(client, &trial->request);
    cr_assert_eq(settle(client, trial, 1), true);
    cr_assert_eq(trial->done, 1);
}

struct rpc_replica_state
replica_state(struct rpc_client *client, size_t index)
{
    struct rpc_replica_state states[8];

    cr_assert_gt(rpc_client_replicas(client, states, 8), index);
    return states[index];
}

static bool
are_serving(struct rpc_client *client, void *closure)
{
    size_t *n = closure;
    struct rpc_replica_state states[8];
    size_t n_replicas = rpc_client_replicas(client, states, 8), serving = 0;

    for (size_t i = 0; i < n_replicas; i++) {
        serving += states[i].serving && states[i].connected && !states[i].ejected;
    }
    return serving == *n;
}

void
run_until_serving(struct rpc_client *client, size_t n)
{
    cr_assert_eq(run_until(client, are_serving, &n), true, "replicas serve");
}
