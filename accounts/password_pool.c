#include "accounts/password_pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/assert.h"
#include "base/limits.h"

/* What is left of a core when everybody else has had enough. */
enum { NICENESS = 10 };

struct queue {
    struct password_job *first, **end;
};

static struct {
    struct password_options options;
    pthread_t *threads;
    pthread_mutex_t mutex;
    pthread_cond_t came;                 /* a job, or the end */
    pthread_cond_t done;                 /* some job; its caller knows which */
    struct queue queues[PASSWORD_KINDS]; /* the earlier one first */
    size_t n_waiting;
    int n_registering; /* waiting, or with a thread */
    bool closing;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER,
          .came = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static atomic_uint_fast64_t n_done;

struct password_job *
password_job_new(enum password_kind kind, const char *password)
{
    size_t bytes = strlen(password);
    struct password_job *self = calloc(1, sizeof(*self) + bytes + 1);

    ASSERT(self != NULL);
    self->kind = kind;
    self->password_bytes = bytes;
    memcpy(self->password, password, bytes);
    return self;
}

void
password_job_free(struct password_job *self)
{
    sodium_memzero(self->password, self->password_bytes);
    free(self);
}

static void
compute(struct password_job *job)
{
    const unsigned long long passes = (unsigned long long)pool.options.passes;
    const size_t bytes = (size_t)pool.options.memory_mib * 1024 * 1024;

    errno = 0;
    if (job->checks) {
        job->fits = crypto_pwhash_str_verify(job->hash, job->password, job->password_bytes) == 0;
        job->failed = !job->fits && errno == ENOMEM;
    } else {
        job->failed = crypto_pwhash_str_alg(job->hash, job->password, job->password_bytes, passes,
                                            bytes, crypto_pwhash_ALG_ARGON2ID13) != 0;
    }
    n_done++;
}

static struct queue *
first_queue(void)
{
    for (int kind = 0; kind < PASSWORD_KINDS; kind++) {
        if (pool.queues[kind].first != NULL) {
            return &pool.queues[kind];
        }
    }
    return NULL;
}

static void
append(struct password_job *job)
{
    struct queue *queue = &pool.queues[job->kind];

    job->state = PASSWORD_WAITING;
    *queue->end = job;
    queue->end = &job->next;
    pool.n_waiting++;
    pthread_cond_signal(&pool.came);
}

/* Takes a job out of its queue, wherever it stands. */
static void
withdraw(const struct password_job *job)
{
    struct queue *queue = &pool.queues[job->kind];
    struct password_job **at = &queue->first;

    while (*at != job) {
        ASSERT(*at != NULL);
        at = &(*at)->next;
    }
    *at = job->next;
    queue->end = job->next == NULL ? at : queue->end;
    pool.n_waiting--;
}

/* Whoever registers last; NULL: there will be none. */
static struct password_job *
take(void)
{
    struct password_job *job;
    struct queue *queue;

    while ((queue = first_queue()) == NULL && !pool.closing) {
        pthread_cond_wait(&pool.came, &pool.mutex);
    }
    if (queue == NULL) {
        return NULL;
    }
    job = queue->first;
    withdraw(job);
    job->state = PASSWORD_RUNNING;
    return job;
}

static bool
registers(const struct password_job *job)
{
    return job->kind == PASSWORD_OF_REGISTRATION;
}

static bool
is_room_for(const struct password_job *job)
{
    return pool.n_waiting < LIMIT_PASSWORDS_WAITING &&
           (!registers(job) || pool.n_registering < pool.options.registrations);
}

/* Of this thread only: that is what Linux means by a process here. Failure costs a better place. */
static void
give_way(void)
{
    const struct sched_param none = {0};

    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
    (void)setpriority(PRIO_PROCESS, 0, NICENESS);
}

static void *
work(void *closure)
{
    struct password_job *job;

    (void)closure;
    give_way();
    pthread_mutex_lock(&pool.mutex);
    while ((job = take()) != NULL) {
        pthread_mutex_unlock(&pool.mutex);
        compute(job);
        pthread_mutex_lock(&pool.mutex);
        if (job->state == PASSWORD_ABANDONED) {
            password_job_free(job);
        } else {
            job->state = PASSWORD_DONE;
            pthread_cond_broadcast(&pool.done);
        }
    }
    pthread_mutex_unlock(&pool.mutex);
    return NULL;
}

void
password_pool_open(const struct password_options *options)
{
    ASSERT(pool.threads == NULL && options->threads > 0 && options->registrations > 0);
    pool.options = *options;
    for (int kind = 0; kind < PASSWORD_KINDS; kind++) {
        pool.queues[kind] = (struct queue){.end = &pool.queues[kind].first};
    }
    pool.closing = false;
    pool.threads = calloc((size_t)options->threads, sizeof(pool.threads[0]));
    ASSERT(pool.threads != NULL);
    for (int i = 0; i < options->threads; i++) {
        ASSERT(pthread_create(&pool.threads[i], NULL, work, NULL) == 0);
    }
}

void
password_pool_close(void)
{
    ASSERT(pool.threads != NULL);
    pthread_mutex_lock(&pool.mutex);
    pool.closing = true;
    pthread_cond_broadcast(&pool.came);
    pthread_mutex_unlock(&pool.mutex);
    for (int i = 0; i < pool.options.threads; i++) {
        pthread_join(pool.threads[i], NULL);
    }
    free(pool.threads);
    pool.threads = NULL;
}

/* False when the time is over first. */
static bool
wait_for(const struct password_job *job, int64_t deadline_us)
{
    const struct timespec until = {.tv_sec = (time_t)(deadline_us / 1000000),
                                   .tv_nsec = (long)(deadline_us % 1000000 * 1000)};
    int rv = 0;

    while (job->state != PASSWORD_DONE && rv != ETIMEDOUT) {
        rv = deadline_us == INT64_MAX
                 ? pthread_cond_wait(&pool.done, &pool.mutex)
                 : pthread_cond_clockwait(&pool.done, &pool.mutex, CLOCK_MONOTONIC, &until);
    }
    return job->state == PASSWORD_DONE;
}

/* Nobody waits for it any more; true if no thread does either. */
static bool
abandon(struct password_job *job)
{
    if (job->state == PASSWORD_RUNNING) {
        job->state = PASSWORD_ABANDONED;
        return false;
    }
    withdraw(job);
    return true;
}

/* With the mutex, which is what keeps an abandoned job from being freed in here. */
static enum status
run(struct password_job *job, int64_t deadline_us, bool *gone)
{
    bool done;

    if (!is_room_for(job)) {
        *gone = true;
        return STATUS_RESOURCE_EXHAUSTED;
    }
    pool.n_registering += registers(job);
    append(job);
    done = wait_for(job, deadline_us);
    *gone = !done && abandon(job);
    pool.n_registering -= registers(job);
    return done ? STATUS_OK : STATUS_DEADLINE_EXCEEDED;
}

enum status
password_pool_run(struct password_job *job, int64_t deadline_us)
{
    enum status status;
    bool gone;

    ASSERT(pool.threads != NULL);
    pthread_mutex_lock(&pool.mutex);
    status = run(job, deadline_us, &gone);
    pthread_mutex_unlock(&pool.mutex);
    if (gone) {
        password_job_free(job);
    }
    return status;
}

uint64_t
password_pool_count(void)
{
    return n_done;
}
