/* Many clients, one vehicle: exactly one wins, nothing deadlocks, nothing overlaps. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

enum { CLIENTS = 64, ROUNDS = 5 };

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){.replicas = 2});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(contention, .init = setup, .fini = teardown, .timeout = 300);

struct client {
    pthread_t thread;
    const char *path;
    const char *key;
    char body[160];
    int status;
    char id[64];
};

static void *
run_client(void *argument)
{
    struct client *client = argument;
    struct http_response response;
    char *id;

    stack_send(&stack, &response, "POST", client->path, client->key, client->body);
    client->status = response.status;
    id = http_member(&response, "id");
    snprintf(client->id, sizeof(client->id), "%s", id);
    free(id);
    http_free(&response);
    return NULL;
}

static void
run_clients(struct client *clients)
{
    for (int i = 0; i < CLIENTS; i++) {
        cr_assert_eq(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
    }
}

static int
count(const struct client *clients, int status)
{
    int n = 0;

    for (int i = 0; i < CLIENTS; i++) {
        n += clients[i].status == status;
    }
    return n;
}

static void
assert_nothing_overlaps(void)
{
    char *overlaps = stack_query(
        &stack, "SELECT count(*) FROM allocation a JOIN allocation b ON a.resource_id = "
                "b.resource_id AND a.id < b.id AND a.during && b.during");

    cr_assert_str_eq(overlaps, "0");
    free(overlaps);
    stack_assert_no_deadlock(&stack);
}

Test(contention, of_64_identical_bookings_one_is_made)
{
    char car[37];
    char path[128];

    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    for (int round = 0; round < ROUNDS; round++) {
        static struct client clients[CLIENTS];

        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = (struct client){.path = path};
            snprintf(
                clients[i].body, sizeof(clients[i].body),
                "{\"startTime\":\"20%d-01-01T00:00:00Z\",\"endTime\":\"20%d-02-01T00:00:00Z\"}",
                30 + round, 30 + round);
        }
        run_clients(clients);
        cr_assert_eq(count(clients, 201), 1, "round %d: %d made", round, count(clients, 201));
        cr_assert_eq(count(clients, 409), CLIENTS - 1, "round %d: %d refused", round,
                     count(clients, 409));
    }
    assert_nothing_overlaps();
}

/* Random periods on few vehicles: the database's own count of what overlaps must be zero. */
Test(contention, random_overlapping_bookings_never_overlap_in_the_end)
{
    static char paths[5][128];
    int made = 0;
    char *stored;

    srand(7);
    for (int i = 0; i < 5; i++) {
        char car[37];
        char name[16];

        snprintf(name, sizeof(name), "car %d", i);
        stack_make_car(&stack, name, car);
        snprintf(paths[i], sizeof(paths[i]), "/v1/cars/%s/allocations", car);
    }
    for (int round = 0; round < ROUNDS; round++) {
        static struct client clients[CLIENTS];

        for (int i = 0; i < CLIENTS; i++) {
            int start = rand() % 25 + 1;

            clients[i] = (struct client){.path = paths[rand() % 5]};
            snprintf(
                clients[i].body, sizeof(clients[i].body),
                "{\"startTime\":\"2030-01-%02dT00:00:00Z\",\"endTime\":\"2030-01-%02dT00:00:00Z\"}",
                start, start + 1 + rand() % 4);
        }
        run_clients(clients);
        made += count(clients, 201);
        cr_assert_eq(count(clients, 201) + count(clients, 409), CLIENTS);
    }
    stored = stack_query(&stack, "SELECT count(*) FROM allocation");
    cr_assert_eq(atoi(stored), made);
    free(stored);
    assert_nothing_overlaps();
}

/* One key, many times at once: one effect; the others get it again, or are told to wait. */
Test(contention, one_key_has_one_effect)
{
    static struct client clients[CLIENTS];
    char car[37];
    char path[128];
    char *stored;

    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.path = path, .key = "the-key"};
        snprintf(clients[i].body, sizeof(clients[i].body),
                 "{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-02-01T00:00:00Z\"}");
    }
    run_clients(clients);
    stored = stack_query(&stack, "SELECT id FROM allocation");
    for (int i = 0; i < CLIENTS; i++) {
        cr_assert(clients[i].status == 201 || clients[i].status == 409, "%d", clients[i].status);
        if (clients[i].status == 201) {
            cr_assert_str_eq(clients[i].id, stored);
        }
    }
    cr_assert_geq(count(clients, 201), 1);
    free(stored);
    assert_nothing_overlaps();
}
