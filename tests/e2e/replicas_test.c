/*
 * Two replicas behind one gateway: one that is killed costs only its calls in flight, one that is
 * stopped is left aside, and both come back by themselves.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/load.h"

static struct stack stack;
static char car_path[128];

static void
setup(void)
{
    char car[37];

    stack_start(&stack, &(struct stack_options){.replicas = 2});
    stack_make_car(&stack, "Golf", car);
    snprintf(car_path, sizeof(car_path), "/v1/cars/%s", car);
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(replicas, .init = setup, .fini = teardown, .timeout = 300);

/* The value of a metric line that begins with `name`, or -1. */
static double
metric(const char *name)
{
    char *text = stack_expect(&stack, 200, "GET", "/metrics", NULL, NULL);
    const char *line = strstr(text, name);
    double value = line == NULL ? -1 : strtod(line + strlen(name), NULL);

    free(text);
    return value;
}

static double
replica_metric(const char *what, size_t replica)
{
    char name[160];

    snprintf(name, sizeof(name), "%s{service=\"inventory\",replica=\"tcp://127.0.0.1:%d\"}", what,
             stack.rpc_ports[replica]);
    return metric(name);
}

struct replica_state {
    const char *metric;
    size_t replica;
    double wanted;
};

static bool
has_state(void *closure)
{
    const struct replica_state *state = closure;

    return replica_metric(state->metric, state->replica) == state->wanted;
}

static bool
wait_state(const char *name, size_t replica, double wanted)
{
    return wait_until(has_state, &(struct replica_state){name, replica, wanted}, 60);
}

struct readers {
    atomic_bool stop;
    atomic_int ok, failed;
    pthread_t threads[8];
};

static void *
run_reader(void *argument)
{
    struct readers *readers = argument;

    while (!atomic_load(&readers->stop)) {
        struct http_response response;

        stack_send(&stack, &response, "GET", car_path, NULL, NULL);
        if (response.status == 200) {
            atomic_fetch_add(&readers->ok, 1);
        } else {
            atomic_fetch_add(&readers->failed, 1);
        }
        http_free(&response);
    }
    return NULL;
}

static void
readers_start(struct readers *readers)
{
    *readers = (struct readers){0};
    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(pthread_create(&readers->threads[i], NULL, run_reader, readers), 0);
    }
}

static void
readers_stop(struct readers *readers)
{
    atomic_store(&readers->stop, true);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(readers->threads[i], NULL);
    }
}

/* Waits until the load has had `more` more answers. */
static void
readers_advance(struct readers *readers, int more)
{
    int before = atomic_load(&readers->ok);

    for (int i = 0; i < 3000 && atomic_load(&readers->ok) < before + more; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    cr_assert_geq(atomic_load(&readers->ok), before + more);
}

/* Reads are sent again elsewhere, so even the calls in flight are answered. */
Test(replicas, a_killed_one_costs_no_read_and_comes_back)
{
    struct readers readers;
    double calls;

    readers_start(&readers);
    readers_advance(&readers, 100);
    process_stop(&stack.inventory[0]);
    readers_advance(&readers, 200);
    cr_assert(wait_state("depot_rpc_replica_connected", 0, 0));
    stack_start_inventory(&stack, 0);
    cr_assert(wait_state("depot_rpc_replica_connected", 0, 1));
    calls = replica_metric("depot_rpc_calls_total", 0);
    readers_advance(&readers, 500);
    readers_stop(&readers);
    cr_assert_eq(atomic_load(&readers.failed), 0, "%d failed", atomic_load(&readers.failed));
    cr_assert_gt(replica_metric("depot_rpc_calls_total", 0), calls);
}

/* A write in flight may have happened or not; its client asks again with its key. */
Test(replicas, a_killed_one_loses_no_booking_and_makes_none_twice)
{
    static struct load load;

    load_start(&load, &stack);
    for (size_t round = 0; round < 4; round++) {
        cr_assert(load_advance(&load, 50, 60));
        process_stop(&stack.inventory[round % 2]);
        cr_assert(load_advance(&load, 50, 60), "the other goes on");
        stack_start_inventory(&stack, round % 2);
    }
    cr_assert(load_advance(&load, 50, 60));
    load_stop(&load);
    load_verify(&load);
}

Test(replicas, a_stopped_one_is_left_aside_and_comes_back)
{
    struct readers readers;
    double calls;

    readers_start(&readers);
    readers_advance(&readers, 100);
    process_signal(&stack.inventory[1], SIGSTOP);
    cr_assert(wait_state("depot_rpc_replica_ejected", 1, 1));
    readers_advance(&readers, 500);
    process_signal(&stack.inventory[1], SIGCONT);
    cr_assert(wait_state("depot_rpc_replica_ejected", 1, 0));
    calls = replica_metric("depot_rpc_calls_total", 1);
    readers_advance(&readers, 500);
    readers_stop(&readers);
    cr_assert_eq(atomic_load(&readers.failed), 0, "%d failed", atomic_load(&readers.failed));
    cr_assert_gt(replica_metric("depot_rpc_calls_total", 1), calls);
}

Test(replicas, without_any_the_answer_is_503_and_service_returns)
{
    struct http_response response;
    char *retry_after;
    char *reason;

    process_stop(&stack.inventory[0]);
    process_stop(&stack.inventory[1]);
    stack_send(&stack, &response, "GET", car_path, NULL, NULL);
    cr_assert_eq(response.status, 503, "%d %s", response.status, response.body);
    retry_after = http_header(&response, "Retry-After");
    cr_assert_not_null(retry_after);
    cr_assert_geq(atoi(retry_after), 1);
    reason = http_member(&response, "reason");
    cr_assert_str_eq(reason, "SERVICE_DOWN");
    free(reason);
    free(retry_after);
    http_free(&response);
    free(stack_expect(&stack, 503, "GET", "/readyz", NULL, NULL));
    free(stack_expect(&stack, 200, "GET", "/livez", NULL, NULL));
    stack_start_inventory(&stack, 0);
    cr_assert(stack_wait_ready(&stack, 60));
    free(stack_expect(&stack, 200, "GET", car_path, NULL, NULL));
}

/* Whom it knows it goes on serving: nobody may take it away from them. */
Test(replicas, without_accounts_the_gateway_stays_ready)
{
    static const char login[] = "{\"username\":\"admin\",\"password\":\"not this one\"}";

    process_stop(&stack.accounts);
    free(stack_expect(&stack, 503, "POST", "/v1/auth/login", NULL, login));
    free(stack_expect(&stack, 200, "GET", "/readyz", NULL, NULL));
    free(stack_expect(&stack, 200, "GET", car_path, NULL, NULL));
}
