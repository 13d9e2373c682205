/* Frames that want each other's names: those who give a name up and those who want it never wait
 * for each other, whatever else is in their frames. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "depot/inventory/v1/inventory.handlers.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "pb/wire.h"
#include "seed.h"
#include "service/executor.h"
#include "support/cluster.h"

enum { ROUNDS = 100, CALLS = 2 };

static struct test_database database;
static struct executor *executor;
static struct rpc_executor callbacks;
static pthread_barrier_t barrier;

static void
setup(void)
{
    struct db_options options = {.application_name = "test"};
    struct executor_options executing = {.service = &inventory_service, .workers = 2};
    enum db_failure failure;
    struct db_conn *conn;
    struct error error;

    test_database_open(&database);
    test_database_migrate(&database, "platform");
    test_database_migrate(&database, "inventory");
    options.url = database.url;
    executing.db = options;
    cr_assert_eq(db_connect(&options, &conn, &failure, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(executor_open(&executing, conn, &executor, &error), STATUS_OK, "%s", error.text);
    callbacks = executor_callbacks(executor);
    pthread_barrier_init(&barrier, NULL, 2);
}

static void
teardown(void)
{
    executor_close(executor);
    test_database_drop(&database);
}

TestSuite(crossed_names, .init = setup, .fini = teardown, .timeout = 300);

/* One worker and its frame: rename a vehicle (or remove it), and make one. */
struct side {
    pthread_t thread;
    void *worker;
    struct arena arenas[CALLS];
    struct rpc_served served[CALLS];
    struct rpc_served *calls[CALLS];
};

static void
add(struct side *self, size_t index, const struct pb_method *method,
    const ProtobufCMessage *request)
{
    struct rpc_served *served = &self->served[index];

    *served = (struct rpc_served){.method = method, .request = request};
    call_init(&served->call, &self->arenas[index]);
    served->payload = pb_pack(&self->arenas[index], request, &served->payload_bytes);
    self->calls[index] = served;
}

static void *
run(void *argument)
{
    struct side *self = argument;

    pthread_barrier_wait(&barrier);
    callbacks.execute(self->worker, self->calls, CALLS);
    return NULL;
}

static void
run_both(struct side *sides)
{
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&sides[i].thread, NULL, run, &sides[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(sides[i].thread, NULL);
    }
}

static void
open_sides(struct side *sides)
{
    for (int i = 0; i < 2; i++) {
        sides[i].worker = callbacks.worker_open(callbacks.closure, (unsigned)i);
        for (int j = 0; j < CALLS; j++) {
            arena_init(&sides[i].arenas[j], LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
        }
    }
}

static void
close_sides(struct side *sides)
{
    for (int i = 0; i < 2; i++) {
        callbacks.worker_close(sides[i].worker);
        for (int j = 0; j < CALLS; j++) {
            arena_fini(&sides[i].arenas[j]);
        }
    }
}

/* OK or NAME_TAKEN: whoever gives its name up does so, and who wants a name gets it or does not. */
static void
assert_outcomes(const struct side *sides)
{
    for (int i = 0; i < 2; i++) {
        const struct rpc_served *wanted = &sides[i].served[1];

        cr_assert_eq(sides[i].served[0].status, STATUS_OK);
        cr_assert(wanted->status == STATUS_OK || wanted->status == STATUS_ALREADY_EXISTS, "%d",
                  wanted->status);
    }
}

static void
assert_no_deadlock(void)
{
    char *value =
        test_database_value(&database, "SELECT deadlocks FROM pg_stat_database WHERE datname = "
                                       "current_database()");

    cr_assert_str_eq(value, "0");
    free(value);
}

static void
seed(void)
{
    test_database_run(&database, "DELETE FROM resource;" SEED_RESOURCE(CAR, "cars", "one")
                                     SEED_RESOURCE(CAR_2, "cars", "other"));
}

static Depot__Inventory__V1__CreateResourceRequest
create(Depot__Inventory__V1__Resource *resource, const char *name)
{
    Depot__Inventory__V1__CreateResourceRequest request =
        DEPOT__INVENTORY__V1__CREATE_RESOURCE_REQUEST__INIT;

    depot__inventory__v1__resource__init(resource);
    resource->name = (char *)name;
    request.type = "cars";
    request.resource = resource;
    return request;
}

/* one -> third, and a new "other"; other -> fourth, and a new "one". */
Test(crossed_names, given_up_and_wanted)
{
    static struct side sides[2];
    static const char *const ids[] = {CAR, CAR_2}, *const names[] = {"third", "fourth"},
                             *const wanted[] = {"other", "one"};

    open_sides(sides);
    for (int round = 0; round < ROUNDS; round++) {
        Depot__Inventory__V1__UpdateResourceRequest renames[2];
        Depot__Inventory__V1__CreateResourceRequest creates[2];
        Depot__Inventory__V1__Resource renamed[2], made[2];

        seed();
        for (int i = 0; i < 2; i++) {
            depot__inventory__v1__resource__init(&renamed[i]);
            depot__inventory__v1__update_resource_request__init(&renames[i]);
            renamed[i].name = (char *)names[i];
            renames[i].type = "cars";
            renames[i].id = (char *)ids[i];
            renames[i].resource = &renamed[i];
            creates[i] = create(&made[i], wanted[i]);
            add(&sides[i], 0, &depot__inventory__v1__inventory_service__update_resource__method,
                &renames[i].base);
            add(&sides[i], 1, &depot__inventory__v1__inventory_service__create_resource__method,
                &creates[i].base);
        }
        run_both(sides);
        assert_outcomes(sides);
    }
    close_sides(sides);
    assert_no_deadlock();
}

/* The same with removals. */
Test(crossed_names, removed_and_wanted)
{
    static struct side sides[2];
    static const char *const ids[] = {CAR, CAR_2}, *const wanted[] = {"other", "one"};

    open_sides(sides);
    for (int round = 0; round < ROUNDS; round++) {
        Depot__Inventory__V1__DeleteResourceRequest removals[2];
        Depot__Inventory__V1__CreateResourceRequest creates[2];
        Depot__Inventory__V1__Resource made[2];

        seed();
        for (int i = 0; i < 2; i++) {
            depot__inventory__v1__delete_resource_request__init(&removals[i]);
            removals[i].type = "cars";
            removals[i].id = (char *)ids[i];
            creates[i] = create(&made[i], wanted[i]);
            add(&sides[i], 0, &depot__inventory__v1__inventory_service__delete_resource__method,
                &removals[i].base);
            add(&sides[i], 1, &depot__inventory__v1__inventory_service__create_resource__method,
                &creates[i].base);
        }
        run_both(sides);
        assert_outcomes(sides);
    }
    close_sides(sides);
    assert_no_deadlock();
}

/* Two that swap their names: one of them at least is refused, at once. */
Test(crossed_names, swapped)
{
    static struct side sides[2];
    static const char *const ids[] = {CAR, CAR_2}, *const names[] = {"other", "one"};

    open_sides(sides);
    for (int round = 0; round < ROUNDS; round++) {
        Depot__Inventory__V1__UpdateResourceRequest renames[2];
        Depot__Inventory__V1__CreateResourceRequest creates[2];
        Depot__Inventory__V1__Resource renamed[2], made[2];

        seed();
        for (int i = 0; i < 2; i++) {
            depot__inventory__v1__resource__init(&renamed[i]);
            depot__inventory__v1__update_resource_request__init(&renames[i]);
            renamed[i].name = (char *)names[i];
            renames[i].type = "cars";
            renames[i].id = (char *)ids[i];
            renames[i].resource = &renamed[i];
            creates[i] = create(&made[i], i == 0 ? "fifth" : "sixth");
            add(&sides[i], 0, &depot__inventory__v1__inventory_service__create_resource__method,
                &creates[i].base);
            add(&sides[i], 1, &depot__inventory__v1__inventory_service__update_resource__method,
                &renames[i].base);
        }
        run_both(sides);
        assert_outcomes(sides);
    }
    close_sides(sides);
    assert_no_deadlock();
}
