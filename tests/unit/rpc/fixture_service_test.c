/* The service that the tests of this folder call. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fixture.h"

void
pause_ms(int ms)
{
    poll(NULL, 0, ms);
}

static const char *
word(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? NULL : at + strlen(name);
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
outcome(struct service *service, struct rpc_served *served)
{
    const char *said = served->call.request_id;
    const char *bytes = word(said, "bytes=");
    const char *claimed = word(said, "claimed=");
    const char *id = "";

    if (word(said, "fail") != NULL) {
        if (word(said, "extra") != NULL) {
            call_extra(&served->call, served->method->request, served->request);
        }
        return call_fail(&served->call, &reason_resource_not_found, "No %s here.", "such thing");
    }
    if (claimed != NULL && service->claims++ < (unsigned)atoi(claimed)) {
        return call_fail(&served->call, &reason_request_in_progress, "Its key is claimed.");
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

static bool
is_held(const struct service *service, const struct rpc_served *served)
{
    return service->hold != NULL && word(served->call.request_id, "wait") != NULL &&
           access(service->hold, F_OK) == 0;
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
        pause_ms(atoi(pause));
    }
    while (service->held || is_held(service, calls[0])) {
        pause_ms(2);
    }
    for (size_t i = 0; i < n; i++) {
        if (word(calls[i]->call.request_id, "missing") == NULL) {
            calls[i]->status = outcome(service, calls[i]);
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

struct rpc_server_options
server_options(struct service *service, unsigned workers, const char *url)
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
    struct rpc_server_options options = server_options(service, workers, url);
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
