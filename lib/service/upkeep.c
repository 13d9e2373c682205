#include "service/upkeep.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/conn.h"

struct task {
    const struct pb_method *method;
    int64_t due_us;
    int n_failures; /* in a row */
};

struct upkeep {
    struct insider *insider;
    struct task *tasks;
    size_t n_tasks;
    struct arena arena;
    pthread_t thread;
    bool started;

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    bool stop;
};

struct upkeep *
upkeep_new(const struct service *service, struct insider *insider)
{
    struct upkeep *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->insider = insider;
    self->tasks = calloc(service->n_handlers + 1, sizeof(self->tasks[0]));
    ASSERT(self->tasks != NULL);
    for (size_t i = 0; i < service->n_handlers; i++) {
        if (service->handlers[i].method->every_ms != 0) {
            self->tasks[self->n_tasks++].method = service->handlers[i].method;
        }
    }
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    return self;
}

void
upkeep_free(struct upkeep *self)
{
    if (self->started) {
        pthread_mutex_lock(&self->mutex);
        self->stop = true;
        pthread_cond_signal(&self->changed);
        pthread_mutex_unlock(&self->mutex);
        pthread_join(self->thread, NULL);
    }
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    arena_fini(&self->arena);
    free(self->tasks);
    free(self);
}

/* Once; on failure `error` says why. */
static bool
run_task(struct upkeep *self, const struct pb_method *method, struct error *error)
{
    struct rpc_served served;
    const ProtobufCMessage *request;

    arena_reset(&self->arena);
    request = pb_new(&self->arena, method->request);
    ASSERT(request != NULL);
    insider_prepare(&served, method, request, &self->arena);
    if (insider_call(self->insider, &served) != NULL) {
        return true;
    }
    (void)error_set(error, STATUS_UNAVAILABLE, "%s: %s: %s", method->name,
                    served.call.problem.reason->name, served.call.problem.detail);
    return false;
}

static enum status
first_of(struct upkeep *self, struct task *task, int max_retry, bool (*wait)(int ms),
         struct error *error)
{
    for (int retry = 0; !run_task(self, task->method, error); retry++) {
        int wait_ms = retry_wait_ms(&db_retries, retry, randombytes_random());

        if (retry == max_retry) {
            return STATUS_UNAVAILABLE;
        }
        log_message(LOG_WARN, "upkeep_failed", "%s; again in %d ms", error->text, wait_ms);
        if (!wait(wait_ms)) {
            return error_set(error, STATUS_CANCELLED, "told to stop before %s had succeeded",
                             task->method->name);
        }
    }
    task->due_us = clock_us() + (int64_t)task->method->every_ms * 1000;
    return STATUS_OK;
}

enum status
upkeep_first(struct upkeep *self, int max_retry, bool (*wait)(int ms), struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < self->n_tasks && status == STATUS_OK; i++) {
        status = first_of(self, &self->tasks[i], max_retry, wait, error);
    }
    return status;
}

static void
note_failure(struct task *task, const struct error *error)
{
    if (task->n_failures++ == 0) {
        log_message(LOG_WARN, "upkeep_failed", "%s", error->text);
        log_flush();
    }
}

static void
note_success(struct task *task)
{
    if (task->n_failures > 0) {
        log_message(LOG_INFO, "upkeep_back", "%s, after %d failures", task->method->name,
                    task->n_failures);
        log_flush();
    }
    task->n_failures = 0;
}

static void
run_due(struct upkeep *self, struct task *task)
{
    int64_t pause_ms = task->method->every_ms;
    struct error error;

    if (run_task(self, task->method, &error)) {
        note_success(task);
    } else {
        int wait_ms = retry_wait_ms(&db_retries, task->n_failures, randombytes_random());

        note_failure(task, &error);
        pause_ms = wait_ms > pause_ms ? wait_ms : pause_ms;
    }
    task->due_us = clock_us() + pause_ms * 1000;
}

static struct task *
next_task(struct upkeep *self)
{
    struct task *next = &self->tasks[0];

    for (size_t i = 1; i < self->n_tasks; i++) {
        if (self->tasks[i].due_us < next->due_us) {
            next = &self->tasks[i];
        }
    }
    return next;
}

/* Waits until then; false: it is time to end. */
static bool
rest(struct upkeep *self, int64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000 * 1000)};
    int result = 0;
    bool stop;

    pthread_mutex_lock(&self->mutex);
    while (!self->stop && result != ETIMEDOUT) {
        result = pthread_cond_clockwait(&self->changed, &self->mutex, CLOCK_MONOTONIC, &until);
    }
    stop = self->stop;
    pthread_mutex_unlock(&self->mutex);
    return !stop;
}

static void *
run(void *closure)
{
    struct upkeep *self = closure;
    struct task *task = next_task(self);

    while (rest(self, task->due_us)) {
        run_due(self, task);
        task = next_task(self);
    }
    return NULL;
}

void
upkeep_start(struct upkeep *self)
{
    if (self->n_tasks > 0) {
        ASSERT(pthread_create(&self->thread, NULL, run, self) == 0);
        self->started = true;
    }
}
