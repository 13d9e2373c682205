#include "service/keeper.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "db/pipeline.h"
#include "db/prepare.h"
#include "service/platform.h"

/* A place where the thread leaves a connection for a worker. */
struct slot {
    struct db_conn *conn;
    bool wanted;
};

struct keeper {
    struct keeper_options options;
    pthread_t thread;
    int wake_fd;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    struct slot *slots; /* of the workers, and the service's own, which gets one when it asks */
    unsigned n_slots;
    bool away;

    /* The thread's own. */
    atomic_bool stop; /* set by keeper_close */
    struct db_conn *conn;
    struct db_pipeline pipeline;
    int64_t next_ping_us, next_prune_us, next_connect_us;
};

static int64_t
after_ms(int64_t ms)
{
    return clock_us() + ms * 1000;
}

static enum status
prepare(const struct keeper *self, struct db_conn *conn, struct error *error)
{
    return db_prepare(conn, self->options.plan->queries, self->options.plan->n_queries, error);
}

static enum status
make_conn(const struct keeper *self, struct db_conn **conn, struct error *error)
{
    struct db_conn *made;
    enum db_failure failure;
    enum status status = db_connect(&self->options.db, &made, &failure, error);

    if (status == STATUS_OK) {
        status = prepare(self, made, error);
        if (status == STATUS_OK) {
            *conn = made;
        } else {
            db_close(made);
        }
    }
    return status;
}

static void
set_away(struct keeper *self, bool away)
{
    pthread_mutex_lock(&self->lock);
    self->away = away;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    log_message(away ? LOG_WARN : LOG_INFO, away ? "database_away" : "database_back", "%s",
                away ? "calls fail until it is back" : "calls are served again");
    log_flush();
}

/* The first slot that wants a connection, or the number of slots. */
static unsigned
find_wanting(struct keeper *self)
{
    unsigned i = 0;

    pthread_mutex_lock(&self->lock);
    while (i < self->n_slots && !self->slots[i].wanted) {
        i++;
    }
    pthread_mutex_unlock(&self->lock);
    return i;
}

static void
fill_slot(struct keeper *self, unsigned index, struct db_conn *conn)
{
    pthread_mutex_lock(&self->lock);
    self->slots[index].conn = conn;
    self->slots[index].wanted = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

/* Workers wait for a moment only, so one that cannot be served is tried again a little later. */
static void
serve_slots(struct keeper *self)
{
    unsigned i;

    while (!self->stop && clock_us() >= self->next_connect_us &&
           (i = find_wanting(self)) < self->n_slots) {
        struct db_conn *conn;
        struct error error;

        if (make_conn(self, &conn, &error) == STATUS_OK) {
            fill_slot(self, i, conn);
        } else {
            log_message(LOG_WARN, "database_connect", "%s", error.text);
            self->next_connect_us = after_ms(LIMIT_DB_BACKOFF_FIRST_MS);
            self->next_ping_us = 0; /* perhaps it is away as a whole */
        }
    }
}

/* Sleeps until then, or until somebody wants something, or the connection has something to say. */
static void
rest(struct keeper *self, int64_t until_us)
{
    int64_t left_us = until_us - clock_us();
    struct pollfd fds[] = {
        {.fd = self->wake_fd, .events = POLLIN},
        {.fd = self->conn == NULL ? -1 : db_pipeline_fd(self->conn), .events = POLLIN},
    };
    uint64_t count;

    if (poll(fds, 2, left_us <= 0 ? 0 : (int)(left_us / 1000) + 1) > 0 && fds[0].revents != 0) {
        (void)!read(self->wake_fd, &count, sizeof(count));
    }
}

/* One of the platform's statements on the own connection; false if that is lost. */
static bool
ask(struct keeper *self, const char *name, const struct db_bytes *values, size_t n_values)
{
    struct db_problem *problem = &self->pipeline.problem;

    db_pipeline_begin(&self->pipeline, self->conn);
    db_pipeline_binary(&self->pipeline, name, values, n_values);
    if (db_pipeline_sync(&self->pipeline, after_ms(LIMIT_DB_CONNECT_MS))) {
        return true;
    }
    if (!problem->lost) {
        log_message(LOG_ERROR, "maintenance_failed", "%s: %s (%s)", name, problem->text,
                    problem->sqlstate);
    }
    return !problem->lost;
}

static bool
ping(struct keeper *self)
{
    self->next_ping_us = after_ms(LIMIT_DB_PING_MS);
    return ask(self, PLATFORM_PING, NULL, 0);
}

/* Removes a few; when there were more, again as soon as nobody waits for a connection. */
static bool
prune(struct keeper *self)
{
    unsigned char limit[sizeof(int64_t)];
    bool exhausted = false;
    struct db_rows found;
    bool there;

    db_int8(LIMIT_PRUNE_ROWS, limit);
    there = ask(self, PLATFORM_PRUNE, (struct db_bytes[]){{limit, sizeof(limit)}}, 1);
    self->next_prune_us = after_ms(LIMIT_PRUNE_MS);
    if (there && self->pipeline.problem.failure == DB_FAILURE_NONE) {
        found = db_pipeline_rows(&self->pipeline, 0, 1, NULL, &exhausted);
        if (db_int(&found, 0, 0, "n") == LIMIT_PRUNE_ROWS) {
            self->next_prune_us = clock_us();
        }
    }
    return there;
}

static void
watch(struct keeper *self)
{
    int64_t until_us =
        self->next_prune_us < self->next_ping_us ? self->next_prune_us : self->next_ping_us;

    if (find_wanting(self) < self->n_slots && self->next_connect_us < until_us) {
        until_us = self->next_connect_us;
    }
    rest(self, until_us);
    if (self->stop) {
        return;
    }
    if (!db_pipeline_alive(self->conn) || (clock_us() >= self->next_ping_us && !ping(self)) ||
        (clock_us() >= self->next_prune_us && !prune(self))) {
        db_close(self->conn);
        self->conn = NULL;
        set_away(self, true);
    }
}

/* Attempts have their own back-off and log lines; what ends them at once is waited out. */
static void
come_back(struct keeper *self)
{
    struct db_conn *conn;
    struct error error;
    enum status status = db_connect_retry(&self->options.db, INT_MAX, &self->stop, &conn, &error);

    if (status == STATUS_OK) {
        status = prepare(self, conn, &error);
        if (status == STATUS_OK) {
            self->conn = conn;
            self->next_ping_us = after_ms(LIMIT_DB_PING_MS);
            set_away(self, false);
            return;
        }
        db_close(conn);
    }
    if (!self->stop) {
        log_message(LOG_ERROR, "database_connect", "%s", error.text);
        rest(self, after_ms(LIMIT_DB_BACKOFF_MS));
    }
}

static void *
run(void *arg)
{
    struct keeper *self = arg;

    while (!self->stop) {
        if (self->conn == NULL) {
            come_back(self);
        } else {
            serve_slots(self);
            watch(self);
        }
    }
    return NULL;
}

static struct keeper *
keeper_new(const struct keeper_options *options)
{
    struct keeper *self = calloc(1, sizeof(*self));
    pthread_condattr_t attributes;

    ASSERT(self != NULL);
    self->options = *options;
    self->n_slots = options->workers + 1;
    self->slots = calloc(self->n_slots, sizeof(self->slots[0]));
    self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ASSERT(self->slots != NULL && self->wake_fd >= 0);
    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    db_pipeline_init(&self->pipeline);
    return self;
}

static void
keeper_free(struct keeper *self)
{
    for (unsigned i = 0; i < self->n_slots; i++) {
        db_close(self->slots[i].conn);
    }
    db_pipeline_fini(&self->pipeline);
    db_close(self->conn);
    close(self->wake_fd);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self->slots);
    free(self);
}

enum status
keeper_open(const struct keeper_options *options, struct db_conn *first, struct keeper **keeper,
            struct error *error)
{
    struct keeper *self = keeper_new(options);
    enum status status;

    self->conn = first;
    status = prepare(self, first, error);
    for (unsigned i = 0; i < options->workers && status == STATUS_OK; i++) {
        status = make_conn(self, &self->slots[i].conn, error);
    }
    if (status != STATUS_OK) {
        keeper_free(self);
        return status;
    }
    self->next_ping_us = after_ms(LIMIT_DB_PING_MS);
    ASSERT(pthread_create(&self->thread, NULL, run, self) == 0);
    *keeper = self;
    return STATUS_OK;
}

static void
wake(struct keeper *self)
{
    uint64_t one = 1;

    (void)!write(self->wake_fd, &one, sizeof(one));
}

void
keeper_close(struct keeper *self)
{
    self->stop = true;
    wake(self);
    pthread_join(self->thread, NULL);
    keeper_free(self);
}

struct db_conn *
keeper_take(struct keeper *self, unsigned index, int64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000 * 1000)};
    struct slot *slot = &self->slots[index];
    struct db_conn *conn;
    int result = 0;

    ASSERT(index < self->n_slots);
    pthread_mutex_lock(&self->lock);
    if (slot->conn == NULL && !slot->wanted) {
        slot->wanted = true;
        wake(self);
    }
    while (slot->conn == NULL && !self->away && result != ETIMEDOUT) {
        result = pthread_cond_timedwait(&self->changed, &self->lock, &until);
    }
    conn = slot->conn;
    slot->conn = NULL;
    pthread_mutex_unlock(&self->lock);
    return conn;
}

bool
keeper_ready(struct keeper *self, const char **why)
{
    bool away;

    pthread_mutex_lock(&self->lock);
    away = self->away;
    pthread_mutex_unlock(&self->lock);
    if (away) {
        *why = "the database is away";
    }
    return !away;
}
