#include "accounts/password.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "accounts/password_pool.h"
#include "accounts/settings.h"
#include "base/assert.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/handler.h"

enum { RANDOM_BYTES = 32 };

static struct password_options in_force;          /* no passes: not open */
static char nobodys_hash[crypto_pwhash_STRBYTES]; /* of a password that nobody knows */

static unsigned long long
passes(void)
{
    return (unsigned long long)in_force.passes;
}

static size_t
memory_bytes(void)
{
    return (size_t)in_force.memory_mib * 1024 * 1024;
}

/* At least one thread, and a core for everybody else where there are two. */
static int
half_of_the_cores(void)
{
    cpu_set_t cores;
    int n;

    if (sched_getaffinity(0, sizeof(cores), &cores) != 0) {
        return 1;
    }
    n = CPU_COUNT(&cores) / 2;
    return n < 1 ? 1 : n;
}

static bool
hash_of_nobody(void)
{
    char password[RANDOM_BYTES];
    bool made;

    randombytes_buf(password, sizeof(password));
    made = crypto_pwhash_str_alg(nobodys_hash, password, sizeof(password), passes(), memory_bytes(),
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
    sodium_memzero(password, sizeof(password));
    return made;
}

enum status
password_open(const struct password_options *options, struct error *error)
{
    ASSERT(sodium_init() >= 0);
    if (options->memory_mib < PASSWORD_MEMORY_MIB_MIN || options->passes < PASSWORD_PASSES_MIN) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "PASSWORD_MEMORY_MIB must be at least %d and PASSWORD_PASSES %d",
                         PASSWORD_MEMORY_MIB_MIN, PASSWORD_PASSES_MIN);
    }
    in_force = *options;
    if (in_force.threads <= 0) {
        in_force.threads = half_of_the_cores();
    }
    if (!hash_of_nobody()) {
        in_force.passes = 0;
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "PASSWORD_MEMORY_MIB: there are no %d MiB of memory", in_force.memory_mib);
    }
    password_pool_open(&in_force);
    return STATUS_OK;
}

void
password_close(void)
{
    password_pool_close();
    in_force.passes = 0;
}

static void
open_unless_done(void)
{
    struct error error;

    if (in_force.passes == 0) {
        ASSERT(password_open(&accounts_settings()->passwords, &error) == STATUS_OK);
    }
}

static void
be_open(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    ASSERT(pthread_once(&once, open_unless_done) == 0);
}

static enum status
fail_overloaded(struct call *call)
{
    enum status status = call_fail(call, &reason_overloaded,
                                   "Too many passwords are being checked; nothing was changed.");

    call->problem.retry_after_ms = LIMIT_RETRY_AFTER_MS;
    return status;
}

/* A job that is done, and the caller's; or the call's problem. */
static enum status
run(struct call *call, struct password_job *job)
{
    be_open();
    switch (password_pool_run(job, call->deadline_us)) {
    case STATUS_OK:
        break;
    case STATUS_DEADLINE_EXCEEDED:
        return call_fail(call, &reason_deadline_exceeded,
                         "The time was over before anything was changed.");
    default:
        return fail_overloaded(call);
    }
    if (job->failed) {
        password_job_free(job);
        return fail_overloaded(call);
    }
    return STATUS_OK;
}

static enum status
hash_of(struct call *call, enum password_kind kind, const char *password, const char **hash)
{
    struct password_job *job = password_job_new(kind, password);
    enum status status = run(call, job);
    const char *made;

    if (status != STATUS_OK) {
        return status;
    }
    made = arena_strdup(call->arena, job->hash);
    password_job_free(job);
    if (made == NULL) {
        return service_no_memory(call);
    }
    *hash = made;
    return STATUS_OK;
}

enum status
password_hash(struct call *call, const char *password, const char **hash)
{
    return hash_of(call, PASSWORD_OF_SOMEBODY, password, hash);
}

enum status
password_hash_registration(struct call *call, const char *password, const char **hash)
{
    return hash_of(call, PASSWORD_OF_REGISTRATION, password, hash);
}

enum status
password_verify(struct call *call, const char *hash, const char *password, bool *fits, bool *stale)
{
    struct password_job *job = password_job_new(PASSWORD_OF_SOMEBODY, password);
    const char *checked;
    enum status status;

    be_open();
    checked = hash == NULL ? nobodys_hash : hash;
    ASSERT(strlen(checked) < sizeof(job->hash));
    job->checks = true;
    strcpy(job->hash, checked);
    status = run(call, job);
    if (status != STATUS_OK) {
        return status;
    }
    *fits = job->fits && hash != NULL;
    *stale = crypto_pwhash_str_needs_rehash(checked, passes(), memory_bytes()) != 0;
    password_job_free(job);
    return STATUS_OK;
}

uint64_t
password_count(void)
{
    return password_pool_count();
}
