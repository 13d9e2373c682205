/*
 * Every method with every amount of memory, from none to enough: a call is refused whole, or done
 * whole.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "auth/policy.h"
#include "base/limits.h"
#include "depot/inventory/v1/inventory.handlers.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "pb/wire.h"
#include "seed.h"
#include "service/executor.h"
#include "support/cluster.h"

#define CALENDAR "/v1/cars/" CAR "/allocations"
#define BOOKING                                                                                    \
    "{\"startTime\":\"2031-01-01T00:00:00Z\",\"endTime\":\"2031-01-02T00:00:00Z\","                \
    "\"attributes\":{\"a\":\"b\"}}"

static const char seed[] = SEED_CAR SEED_RESOURCE(CAR_2, "cars", "Polo")
    SEED_RESOURCE(CAR_3, "cars", "Up") SEED_ALLOCATION(TAKEN, CAR, "[2030-01-01,2030-01-02)")
        SEED_ALLOCATION(LATER, CAR, "[2030-01-05,2030-01-06)") SEED_ALLOCATION(
            NONE, CAR_2, "[2030-01-05,2030-01-06)") "INSERT INTO pxcode (pxcode, procedure) VALUES "
                                                    "('017', 'one'), ('018', 'two');";

static const struct request {
    const char *verb, *path, *query, *body;
} requests[] = {
    {"POST", "/v1/cars", "", "{\"name\":\"Beetle\",\"attributes\":{\"a\":\"b\"}}"},
    {"GET", "/v1/cars", "pageSize=2", ""},
    {"GET", "/v1/cars", "pageSize=2&orderBy=name&filter=name%20%3E%20%22A%22", ""},
    {"GET", "/v1/cars/" CAR, "", ""},
    {"PATCH", "/v1/cars/" CAR, "", "{\"name\":\"Käfer\",\"attributes\":{\"a\":\"b\"}}"},
    {"DELETE", "/v1/cars/" CAR_3, "", ""},
    {"POST", CALENDAR, "", BOOKING},
    {"GET", CALENDAR, "pageSize=1", ""},
    {"GET", CALENDAR, "pageSize=1&orderBy=createTime%20desc", ""},
    {"GET", CALENDAR "/" TAKEN, "", ""},
    {"PATCH", CALENDAR "/" TAKEN, "", "{\"description\":\"longer\"}"},
    {"DELETE", CALENDAR "/" TAKEN, "", ""},
    {"GET", "/v1/cars/" CAR "/free-periods",
     "startTime=2030-01-01T00:00:00Z&endTime=2030-02-01T00:00:00Z", ""},
    {"GET", "/v1/pxcodes", "per_page=1", ""},
    {"GET", "/v1/pxcodes/017", "", ""},
    {"POST", "/v1/pxcodes", "", "{\"pxcode\":\"019\",\"procedure\":\"three\"}"},
};

/* All that a write could have done. */
static const char state_sql[] =
    "SELECT concat((SELECT string_agg(r::text, ';' ORDER BY id) FROM resource r),"
    " (SELECT string_agg(a::text, ';' ORDER BY id) FROM allocation a),"
    " (SELECT string_agg(p::text, ';' ORDER BY pxcode) FROM pxcode p),"
    " (SELECT count(*) FROM depot_idempotency_key))";

static struct {
    struct test_database database;
    struct executor *executor;
    struct rpc_executor callbacks;
    void *worker;
    struct http_router *router;
} bench;

static void
open_bench(void)
{
    struct db_options options = {.url = bench.database.url, .application_name = "test"};
    struct executor_options executing = {.service = &inventory_service, .workers = 1};
    enum db_failure failure;
    struct db_conn *conn;
    struct error error;

    test_database_open(&bench.database);
    test_database_migrate(&bench.database, "platform");
    test_database_migrate(&bench.database, "inventory");
    executing.db = options;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(executor_open(&executing, conn, &bench.executor, &error), STATUS_OK, "%s",
                 error.text);
    bench.callbacks = executor_callbacks(bench.executor);
    bench.worker = bench.callbacks.worker_open(bench.callbacks.closure, 0);
    bench.router = http_router_new(http_contract.routes, http_contract.n_routes);
}

static void
close_bench(void)
{
    http_router_free(bench.router);
    bench.callbacks.worker_close(bench.worker);
    executor_close(bench.executor);
    test_database_drop(&bench.database);
}

TestSuite(exhaustion, .init = open_bench, .fini = close_bench, .timeout = 600);

static const struct pb_method *
read_request(struct call *call, const struct request *request, ProtobufCMessage **message)
{
    struct http_match match;

    http_router_find(bench.router, request->verb, strlen(request->verb), request->path,
                     strlen(request->path), &match);
    cr_assert_not_null(match.route, "%s %s", request->verb, request->path);
    cr_assert_eq(http_request_read(call, &match, request->query, strlen(request->query),
                                   request->body, strlen(request->body), message),
                 STATUS_OK, "%s %s", request->verb, request->path);
    return match.route->method;
}

/* Puts the reply's text into `json` if there is one. */
static enum status
execute(const struct request *request, const char *key, size_t memory_bytes, struct buf *json)
{
    struct rpc_served served = {0};
    struct rpc_served *calls[] = {&served};
    ProtobufCMessage *message, *reply;
    struct arena arena;
    size_t bytes;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    call_init(&served.call, &arena);
    served.call.caller = auth_nobody_in_charge;
    served.call.caller.sees_all = true;
    served.method = read_request(&served.call, request, &message);
    served.call.idempotency_key = key;
    served.payload = pb_pack(&arena, message, &served.payload_bytes);
    served.request = message;
    arena.cap_bytes = arena.used_bytes + memory_bytes;
    bench.callbacks.execute(bench.worker, calls, 1);
    arena.cap_bytes = 0;
    if (served.status == STATUS_OK) {
        reply = served.reply;
        if (reply == NULL) {
            bytes = served.reply_payload_bytes;
            cr_assert_eq(
                pb_unpack(&arena, served.method->reply, served.reply_payload, bytes, &reply),
                STATUS_OK);
        }
        buf_clear(json, 0);
        pb_json_write(json, served.method->reply, reply);
        buf_putc(json, '\0');
    } else {
        cr_assert_eq(served.call.problem.reason->code, served.status);
    }
    arena_fini(&arena);
    return served.status;
}

static void
reset(void)
{
    test_database_run(&bench.database,
                      "DELETE FROM allocation; DELETE FROM resource; DELETE FROM pxcode; "
                      "DELETE FROM depot_idempotency_key");
    test_database_run(&bench.database, seed);
}

/* A list that lost its token would look like one that is at its end. */
static bool
has_end(const char *json)
{
    return strstr(json, "\"nextPageToken\":\"\"") != NULL;
}

static void
walk(const struct request *request, const char *key)
{
    bool reads = strcmp(request->verb, "GET") == 0;
    struct buf whole = BUF_INIT, json = BUF_INIT;
    enum status status = STATUS_RESOURCE_EXHAUSTED;
    size_t n_refused = 0;
    bool end;

    reset();
    cr_assert_eq(execute(request, key, LIMIT_CALL_ARENA_BYTES, &whole), STATUS_OK, "%s %s",
                 request->verb, request->path);
    end = has_end(whole.data);
    reset();
    for (size_t bytes = 0; status != STATUS_OK; bytes += 16) {
        char *before = reads ? NULL : test_database_value(&bench.database, state_sql);
        char *after;

        cr_assert_lt(bytes, LIMIT_CALL_ARENA_BYTES);
        status = execute(request, key, bytes, &json);
        if (status == STATUS_OK) {
            cr_assert_eq(has_end(json.data), end, "%s %s with %zu bytes: %s", request->verb,
                         request->path, bytes, json.data);
        } else {
            n_refused++;
            cr_assert_eq(status, STATUS_RESOURCE_EXHAUSTED, "%s %s with %zu bytes: %s",
                         request->verb, request->path, bytes, status_name(status));
            after =
                reads || key[0] == '\0' ? NULL : test_database_value(&bench.database, state_sql);
            if (after != NULL) {
                cr_assert_str_eq(before, after, "%s %s was refused with %zu bytes, and done",
                                 request->verb, request->path, bytes);
            } else if (!reads) {
                reset();
            }
            free(after);
        }
        free(before);
    }
    cr_assert_gt(n_refused, 0);
    buf_fini(&whole);
    buf_fini(&json);
}

Test(exhaustion, a_call_is_refused_or_done)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        walk(&requests[i], "");
    }
}

Test(exhaustion, a_keyed_call_that_is_refused_was_not_done)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (strcmp(requests[i].verb, "POST") == 0) {
            walk(&requests[i], "key");
        }
    }
}
