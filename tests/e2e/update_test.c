/* Changes from outside: at once, with each other's names, periods and versions; and only tried. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

enum { CLIENTS = 48, ROUNDS = 5, CARS = 4 };

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

TestSuite(update, .init = setup, .fini = teardown, .timeout = 300);

struct client {
    pthread_t thread;
    const char *verb;
    char path[160];
    char body[192];
    const char *if_match; /* NULL: none */
    int status;
    char reason[64];
};

static void *
run_client(void *argument)
{
    struct client *client = argument;
    struct http_response response;
    char url[512], condition[64];
    const char *headers[] = {condition, NULL};
    char *reason;

    snprintf(url, sizeof(url), "%s%s", stack.base, client->path);
    if (client->if_match != NULL) {
        snprintf(condition, sizeof(condition), "If-Match: %s", client->if_match);
    }
    http_send(&response, client->verb, url, client->if_match != NULL ? headers : NULL,
              client->body[0] == '\0' ? NULL : client->body);
    client->status = response.status;
    reason = http_member(&response, "reason");
    snprintf(client->reason, sizeof(client->reason), "%s", reason);
    free(reason);
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

/* Every one was done or refused for a reason that its neighbours can be. */
static void
assert_only(const struct client *clients, const char *reason)
{
    for (int i = 0; i < CLIENTS; i++) {
        const struct client *client = &clients[i];
        bool done = client->status >= 200 && client->status < 300;

        cr_assert(done || client->status == 404 || strcmp(client->reason, reason) == 0,
                  "%s %s %s: %d %s", client->verb, client->path, client->body, client->status,
                  client->reason);
    }
}

static void
assert_value(const char *sql, const char *expected)
{
    char *value = stack_query(&stack, sql);

    cr_assert_str_eq(value, expected, "%s gives %s", sql, value);
    free(value);
}

static void
make_cars(char ids[CARS][37])
{
    for (int i = 0; i < CARS; i++) {
        char name[16];

        snprintf(name, sizeof(name), "car %d", i);
        stack_make_car(&stack, name, ids[i]);
    }
}

static void
make_allocation(const char *car, int day, char id[static 37])
{
    struct http_response response;
    char path[128], body[128];
    char *made;

    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    snprintf(body, sizeof(body),
             "{\"startTime\":\"2030-01-%02dT00:00:00Z\",\"endTime\":\"2030-01-%02dT00:00:00Z\"}",
             day, day + 1);
    stack_send(&stack, &response, "POST", path, NULL, body);
    cr_assert_eq(response.status, 201, "%s", response.body);
    made = http_member(&response, "id");
    snprintf(id, 37, "%s", made);
    free(made);
    http_free(&response);
}

/* --- one version, many changes --- */

Test(update, of_many_changes_of_one_version_one_is_made)
{
    static struct client clients[CLIENTS];
    char car[37];

    stack_make_car(&stack, "Golf", car);
    for (int round = 1; round <= ROUNDS; round++) {
        char tag[16];

        snprintf(tag, sizeof(tag), "\"%d\"", round);
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = (struct client){.verb = "PATCH", .if_match = tag};
            snprintf(clients[i].path, sizeof(clients[i].path), "/v1/cars/%s", car);
            snprintf(clients[i].body, sizeof(clients[i].body), "{\"description\":\"%d\"}", i);
        }
        run_clients(clients);
        cr_assert_eq(count(clients, 200), 1, "round %d: %d made", round, count(clients, 200));
        cr_assert_eq(count(clients, 412), CLIENTS - 1);
        assert_only(clients, "ETAG_MISMATCH");
    }
    assert_value("SELECT version FROM resource", "6");
    stack_assert_no_deadlock(&stack);
}

/* None is lost: without a condition every change counts. */
Test(update, every_change_counts)
{
    static struct client clients[CLIENTS];
    char car[37];

    stack_make_car(&stack, "Golf", car);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.verb = "PATCH"};
        snprintf(clients[i].path, sizeof(clients[i].path), "/v1/cars/%s", car);
        snprintf(clients[i].body, sizeof(clients[i].body), "{\"description\":\"%d\"}", i);
    }
    run_clients(clients);
    cr_assert_eq(count(clients, 200), CLIENTS);
    assert_value("SELECT version FROM resource", "49");
}

/* --- moves --- */

/* A move of one of the allocations, a new one, or one given back. */
static void
plan_booking(struct client *client, const char *car, const char *allocation)
{
    int start = rand() % 25 + 1;
    int kind = rand() % 6;

    *client = (struct client){.verb = kind == 0 ? "POST" : kind == 1 ? "DELETE" : "PATCH"};
    snprintf(client->path, sizeof(client->path), "/v1/cars/%s/allocations%s%s", car,
             kind == 0 ? "" : "/", kind == 0 ? "" : allocation);
    if (kind == 1) {
        return;
    }
    if (kind == 2) {
        snprintf(client->body, sizeof(client->body), "{\"endTime\":\"2030-01-%02dT00:00:00Z\"}",
                 start + 5);
        return;
    }
    snprintf(client->body, sizeof(client->body),
             "{\"startTime\":\"2030-01-%02dT00:00:00Z\",\"endTime\":\"2030-01-%02dT00:00:00Z\"}",
             start, start + 1 + rand() % 4);
}

Test(update, moves_at_once_never_overlap_and_never_deadlock)
{
    static struct client clients[CLIENTS];
    static char cars[CARS][37], allocations[CARS][6][37];
    int moved = 0;

    srand(11);
    make_cars(cars);
    for (int i = 0; i < CARS * 6; i++) {
        make_allocation(cars[i / 6], i % 6 * 4 + 1, allocations[i / 6][i % 6]);
    }
    for (int round = 0; round < 2 * ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            int car = rand() % CARS;

            plan_booking(&clients[i], cars[car], allocations[car][rand() % 6]);
        }
        run_clients(clients);
        for (int i = 0; i < CLIENTS; i++) {
            /* Against the other end, which is where somebody else left it. */
            if (strncmp(clients[i].reason, "PERIOD_", 7) == 0) {
                strcpy(clients[i].reason, "ALLOCATION_OVERLAP");
            }
            moved += strcmp(clients[i].verb, "PATCH") == 0 && clients[i].status == 200;
        }
        assert_only(clients, "ALLOCATION_OVERLAP");
    }
    cr_assert_gt(moved, 0);
    assert_value("SELECT count(*) FROM allocation a JOIN allocation b ON a.resource_id = "
                 "b.resource_id AND a.id < b.id AND a.during && b.during",
                 "0");
    assert_value("SELECT count(*) FROM allocation WHERE isempty(during)", "0");
    stack_assert_no_deadlock(&stack);
}

/* --- names --- */

/* Names that are given, taken over and given up, all at once: those who want each other's name are
 * refused, not left waiting for each other. */
Test(update, names_that_cross_never_deadlock)
{
    static struct client clients[CLIENTS];
    static char cars[CARS][37];
    int renamed = 0;

    srand(13);
    make_cars(cars);
    for (int round = 0; round < 2 * ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            struct client *client = &clients[i];
            int kind = rand() % 8;

            *client = (struct client){.verb = kind == 0 ? "POST" : kind == 1 ? "DELETE" : "PATCH"};
            snprintf(client->path, sizeof(client->path), "/v1/cars%s%s", kind == 0 ? "" : "/",
                     kind == 0 ? "" : cars[kind == 1 ? 0 : rand() % CARS]);
            if (kind != 1) {
                snprintf(client->body, sizeof(client->body), "{\"name\":\"car %d\"}",
                         rand() % (CARS + 2));
            }
        }
        run_clients(clients);
        assert_only(clients, "NAME_TAKEN");
        for (int i = 0; i < CLIENTS; i++) {
            renamed += strcmp(clients[i].verb, "PATCH") == 0 && clients[i].status == 200;
        }
    }
    cr_assert_gt(renamed, 0);
    stack_assert_no_deadlock(&stack);
}

/* --- keys --- */

Test(update, a_key_makes_a_change_once)
{
    char car[37], path[64];
    struct http_response response;
    char *header;

    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), "/v1/cars/%s", car);
    for (int i = 0; i < 3; i++) {
        stack_send(&stack, &response, "PATCH", path, "k", "{\"description\":\"new\"}");
        cr_assert_eq(response.status, 200, "%s", response.body);
        header = http_header(&response, "Idempotent-Replayed");
        cr_assert_eq(header != NULL, i > 0);
        free(header);
        http_free(&response);
    }
    assert_value("SELECT version FROM resource", "2");
    free(stack_expect(&stack, 422, "PATCH", path, "k", "{\"description\":\"newer\"}"));
    /* The same members mean something else under a mask. */
    strcat(path, "?updateMask=name");
    free(stack_expect(&stack, 422, "PATCH", path, "k", "{\"name\":\"Polo\"}"));
}

/* --- only tried --- */

Test(update, what_is_only_tried_leaves_nothing)
{
    static const char *const table_sql =
        "SELECT concat_ws(' ', (SELECT count(*) FROM resource), (SELECT max(version) FROM "
        "resource),"
        " (SELECT count(*) FROM allocation), (SELECT count(*) FROM depot_idempotency_key))";
    char car[37], allocation[37], path[160];
    struct http_response response;
    char *header;

    stack_make_car(&stack, "Golf", car);
    make_allocation(car, 1, allocation);
    assert_value(table_sql, "1 1 1 0");
    stack_send(&stack, &response, "POST", "/v1/cars?validateOnly=true", "key",
               "{\"name\":\"Polo\"}");
    cr_assert_eq(response.status, 201, "%s", response.body);
    cr_assert_not_null(strstr(response.body, "\"name\":\"Polo\""));
    header = http_header(&response, "Location");
    cr_assert_null(header, "%s", header);
    header = http_header(&response, "ETag");
    cr_assert_null(header, "%s", header);
    http_free(&response);
    snprintf(path, sizeof(path), "/v1/cars/%s?validateOnly=true", car);
    free(stack_expect(&stack, 200, "PATCH", path, "key", "{\"name\":\"Polo\"}"));
    snprintf(path, sizeof(path), "/v1/cars/%s?force=true&validateOnly=true", car);
    free(stack_expect(&stack, 204, "DELETE", path, "key", NULL));
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations/%s?validateOnly=true", car, allocation);
    free(stack_expect(&stack, 204, "DELETE", path, "key", NULL));
    assert_value(table_sql, "1 1 1 0");
    /* In earnest, with the key that was only tried with. */
    free(stack_expect(&stack, 201, "POST", "/v1/cars", "key", "{\"name\":\"Polo\"}"));
    assert_value(table_sql, "2 1 1 1");
    snprintf(path, sizeof(path), "/v1/cars/%s?validateOnly=true", car);
    free(stack_expect(&stack, 400, "GET", path, NULL, NULL));
}
