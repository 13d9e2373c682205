/* From frames to commits: what waits at the same time travels, and is committed, together. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "depot/inventory/v1/inventory.handlers.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "rpc/client.h"
#include "service/executor.h"
#include "support/cluster.h"

enum { CALLS = 64, PATIENCE_MS = 60000 };

static struct {
    struct test_database database;
    struct executor *executor;
    struct rpc_server *server;
    struct rpc_client *client;
} bench;

static struct booking {
    struct rpc_request request;
    Depot__Inventory__V1__CreateAllocationRequest create;
    Depot__Inventory__V1__Allocation allocation;
    Google__Protobuf__Timestamp start, end;
    char car[40];
    bool done;
    enum status status;
} bookings[CALLS];

static void
serve(void)
{
    struct db_options options = {.url = bench.database.url, .application_name = "test"};
    struct executor_options executing = {
        .service = &inventory_service, .db = options, .workers = 2};
    struct rpc_server_options serving = {
        .listen_url = "tcp://127.0.0.1:0", .workers = 2, .services = inventory_service.services};
    struct rpc_client_options calling = {.service = inventory_service.services[0]};
    enum db_failure failure;
    struct db_conn *conn;
    struct error error;

    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(executor_open(&executing, conn, &bench.executor, &error), STATUS_OK, "%s",
                 error.text);
    serving.executor = executor_callbacks(bench.executor);
    cr_assert_eq(rpc_server_open(&serving, &bench.server, &error), STATUS_OK, "%s", error.text);
    calling.addresses = rpc_server_url(bench.server);
    cr_assert_eq(rpc_client_open(&calling, &bench.client, &error), STATUS_OK, "%s", error.text);
}

static void
open_bench(void)
{
    test_database_open(&bench.database);
    test_database_migrate(&bench.database, "platform");
    test_database_migrate(&bench.database, "inventory");
    test_database_run(&bench.database,
                      "INSERT INTO resource (id, type, name, description, attributes) "
                      "SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, "
                      "'cars', 'car ' || i, '', '{}' FROM generate_series(0, 63) AS i");
    serve();
}

static void
close_bench(void)
{
    rpc_client_close(bench.client);
    cr_assert_eq(rpc_server_close(bench.server, PATIENCE_MS), 0);
    executor_close(bench.executor);
    test_database_drop(&bench.database);
}

TestSuite(together, .init = open_bench, .fini = close_bench, .timeout = 300);

static void
on_done(struct rpc_request *request, const struct rpc_reply *reply)
{
    struct booking *self = request->owner;

    self->done = true;
    self->status = reply->status;
}

/* The n-th day of a car. */
static void
submit(struct booking *self, unsigned car, unsigned day)
{
    memset(self, 0, sizeof(*self));
    snprintf(self->car, sizeof(self->car), "01900000-0000-7000-8000-%012x", car);
    google__protobuf__timestamp__init(&self->start);
    google__protobuf__timestamp__init(&self->end);
    self->start.seconds = 1900000000 + day * 86400;
    self->end.seconds = self->start.seconds + 3600;
    depot__inventory__v1__allocation__init(&self->allocation);
    self->allocation.start_time = &self->start;
    self->allocation.end_time = &self->end;
    depot__inventory__v1__create_allocation_request__init(&self->create);
    self->create.type = "cars";
    self->create.resource_id = self->car;
    self->create.allocation = &self->allocation;
    self->request = (struct rpc_request){
        .method = &depot__inventory__v1__inventory_service__create_allocation__method,
        .message = &self->create.base,
        .principal = "anna",
        .request_id = "r",
        .traceparent = "",
        .idempotency_key = "",
        .deadline_us = clock_us() + PATIENCE_MS * 1000LL,
        .done = on_done,
        .owner = self,
    };
    rpc_client_submit(bench.client, &self->request);
}

static void
turn(void)
{
    struct pollfd fd = {.fd = rpc_client_fd(bench.client), .events = POLLIN};

    poll(&fd, 1, 5);
    rpc_client_run(bench.client);
}

static void
settle(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        while (!bookings[i].done) {
            turn();
        }
        cr_assert_eq(bookings[i].status, STATUS_OK, "%s", status_name(bookings[i].status));
    }
}

static uint64_t
frames(void)
{
    struct rpc_replica_state state;

    cr_assert_eq(rpc_client_replicas(bench.client, &state, 1), 1);
    return state.frames;
}

static long
count(const char *sql)
{
    char *text = test_database_value(&bench.database, sql);
    long n = atol(text);

    free(text);
    return n;
}

static void
wait_serving(void)
{
    while (!rpc_client_serving(bench.client)) {
        turn();
    }
}

Test(together, bookings_of_many_cars_share_frames_and_commits)
{
    uint64_t before;

    wait_serving();
    before = frames();
    for (unsigned i = 0; i < CALLS; i++) {
        submit(&bookings[i], i, 0);
    }
    settle(CALLS);
    cr_assert_leq(frames() - before, 4);
    cr_assert_eq(count("SELECT count(*) FROM allocation"), CALLS);
    cr_assert_leq(count("SELECT count(DISTINCT xmin::text) FROM allocation"), 4);
}

/* One after another, and whoever books another car meanwhile waits for one of them at most. */
Test(together, bookings_of_one_car_share_nothing)
{
    uint64_t before;

    wait_serving();
    before = frames();
    for (unsigned i = 0; i < CALLS; i++) {
        submit(&bookings[i], 7, i);
    }
    settle(CALLS);
    cr_assert_eq(frames() - before, CALLS);
    cr_assert_eq(count("SELECT count(DISTINCT xmin::text) FROM allocation"), CALLS);
}
