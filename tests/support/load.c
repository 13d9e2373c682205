#include "support/load.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
acknowledge(struct load *load, const struct http_response *response)
{
    char *id = http_member(response, "id");
    int n;

    pthread_mutex_lock(&load->lock);
    n = atomic_load(&load->acknowledged);
    if (n < LOAD_BOOKINGS_MAX) {
        snprintf(load->ids[n], sizeof(load->ids[n]), "%s", id);
        atomic_store(&load->acknowledged, n + 1);
    }
    pthread_mutex_unlock(&load->lock);
    free(id);
}

static bool
book_once(struct load_client *client, int booking)
{
    struct http_response response;
    char key[64];
    char body[160];
    bool done;

    snprintf(key, sizeof(key), "client-%d-booking-%d", client->number, booking);
    snprintf(body, sizeof(body),
             "{\"startTime\":\"%04d-%02d-01T00:00:00Z\",\"endTime\":\"%04d-%02d-02T00:00:00Z\"}",
             2030 + booking / 12, booking % 12 + 1, 2030 + booking / 12, booking % 12 + 1);
    stack_send(client->load->stack, &response, "POST", client->path, key, body);
    done = response.status == 201;
    if (done) {
        acknowledge(client->load, &response);
    } else {
        atomic_fetch_add(&client->load->refused, 1);
        atomic_fetch_add(&client->load->lost, response.cut || response.status >= 500);
    }
    http_free(&response);
    return done;
}

static void *
run_client(void *argument)
{
    struct load_client *client = argument;
    int booking = 0;

    while (!atomic_load(&client->load->stop) && booking < 12 * 7000) {
        if (book_once(client, booking)) {
            booking++;
        } else {
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        }
    }
    return NULL;
}

void
load_start(struct load *self, const struct stack *stack)
{
    *self = (struct load){.stack = stack, .lock = PTHREAD_MUTEX_INITIALIZER};
    self->ids = calloc(LOAD_BOOKINGS_MAX, sizeof(*self->ids));
    for (int i = 0; i < LOAD_CLIENTS; i++) {
        struct load_client *client = &self->clients[i];
        char name[32];
        char car[37];

        *client = (struct load_client){.load = self, .number = i};
        snprintf(name, sizeof(name), "load %d", i);
        stack_make_car(stack, name, car);
        snprintf(client->path, sizeof(client->path), "/v1/cars/%s/allocations", car);
    }
    for (int i = 0; i < LOAD_CLIENTS; i++) {
        cr_assert_eq(pthread_create(&self->clients[i].thread, NULL, run_client, &self->clients[i]),
                     0);
    }
}

bool
load_advance(struct load *self, int more, int seconds)
{
    int target = atomic_load(&self->acknowledged) + more;

    for (int i = 0; i < seconds * 50 && atomic_load(&self->acknowledged) < target; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return atomic_load(&self->acknowledged) >= target;
}

void
load_stop(struct load *self)
{
    atomic_store(&self->stop, true);
    for (int i = 0; i < LOAD_CLIENTS; i++) {
        pthread_join(self->clients[i].thread, NULL);
    }
}

void
load_verify(struct load *self)
{
    int n = atomic_load(&self->acknowledged);
    char *stored = stack_query(self->stack, "SELECT coalesce(string_agg(id::text, ' '), '') "
                                            "FROM inventory.allocation");
    char *overlaps = stack_query(
        self->stack, "SELECT count(*) FROM inventory.allocation a JOIN "
                     "inventory.allocation b ON a.resource_id = b.resource_id AND a.id < b.id AND "
                     "a.during && b.during");
    size_t rows = (strlen(stored) + 1) / 37;

    for (int i = 0; i < n; i++) {
        cr_assert_not_null(strstr(stored, self->ids[i]), "%s was acknowledged and is lost",
                           self->ids[i]);
    }
    cr_assert_str_eq(overlaps, "0");
    /* At most one booking of each client was made whose acknowledgement was never seen. */
    cr_assert_leq(rows, (size_t)n + LOAD_CLIENTS, "%zu stored, %d acknowledged", rows, n);
    free(stored);
    free(overlaps);
    free(self->ids);
}
