/* Passwords: what their hashes say, and that only a few are computed at a time. Needs no database.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "accounts/password.h"
#include "base/clock.h"
#include "base/limits.h"
#include "seed.h"

/* Of registrations at once. */
enum { PLACES = 3 };

static const struct password_options least = {
    .threads = 1, .memory_mib = 19, .passes = 2, .registrations = PLACES};

static void
open_with(const struct password_options *options)
{
    struct error error;

    cr_assert_eq(password_open(options, &error), STATUS_OK, "%s", error.text);
}

/* What every test needs of a call. */
struct caller_of {
    struct arena arena;
    struct call call;
};

static void
begin(struct caller_of *self)
{
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&self->call, &self->arena);
}

static void
end(struct caller_of *self)
{
    arena_fini(&self->arena);
}

Test(password, hashes_are_argon2id_with_the_parameters_and_salt)
{
    const struct password_options more = {
        .threads = 1, .memory_mib = 32, .passes = 3, .registrations = PLACES};
    const char *first = NULL, *second = NULL;
    struct caller_of caller;

    open_with(&more);
    begin(&caller);
    cr_assert_eq(password_hash(&caller.call, PASSWORD, &first), STATUS_OK);
    cr_assert_eq(password_hash(&caller.call, PASSWORD, &second), STATUS_OK);
    cr_expect_eq(strncmp(first, "$argon2id$v=19$m=32768,t=3,p=1$", 31), 0, "%s", first);
    cr_expect_str_neq(first, second);
    end(&caller);
    password_close();
}

Test(password, fits_only_itself)
{
    struct caller_of caller;
    bool fits, stale;

    open_with(&least);
    begin(&caller);
    cr_assert_eq(password_verify(&caller.call, PASSWORD_HASH, PASSWORD, &fits, &stale), STATUS_OK);
    cr_expect(fits);
    cr_expect_not(stale);
    cr_assert_eq(password_verify(&caller.call, PASSWORD_HASH, PASSWORD " ", &fits, &stale),
                 STATUS_OK);
    cr_expect_not(fits);
    cr_assert_eq(password_verify(&caller.call, "", "", &fits, &stale), STATUS_OK);
    cr_expect_not(fits);
    end(&caller);
    password_close();
}

/* Whether there is such an account must not be seen from how long it takes. */
Test(password, of_nobody_is_as_much_work)
{
    struct caller_of caller;
    bool fits, stale;
    uint64_t before;

    open_with(&least);
    begin(&caller);
    before = password_count();
    cr_assert_eq(password_verify(&caller.call, NULL, PASSWORD, &fits, &stale), STATUS_OK);
    cr_expect_not(fits);
    cr_expect_not(stale);
    cr_expect_eq(password_count(), before + 1);
    cr_assert_eq(password_verify(&caller.call, PASSWORD_HASH, PASSWORD, &fits, &stale), STATUS_OK);
    cr_expect_eq(password_count(), before + 2);
    end(&caller);
    password_close();
}

Test(password, is_stale_when_parameters_rise)
{
    const struct password_options more_memory = {
        .threads = 1, .memory_mib = 20, .passes = 2, .registrations = PLACES};
    const struct password_options more_passes = {
        .threads = 1, .memory_mib = 19, .passes = 3, .registrations = PLACES};
    struct caller_of caller;
    bool fits, stale;

    begin(&caller);
    open_with(&more_memory);
    cr_assert_eq(password_verify(&caller.call, PASSWORD_HASH, PASSWORD, &fits, &stale), STATUS_OK);
    cr_expect(fits && stale);
    password_close();
    open_with(&more_passes);
    cr_assert_eq(password_verify(&caller.call, PASSWORD_HASH, PASSWORD, &fits, &stale), STATUS_OK);
    cr_expect(fits && stale);
    password_close();
    end(&caller);
}

Test(password, low_parameters_are_refused)
{
    const struct password_options little_memory = {
        .threads = 1, .memory_mib = 18, .passes = 2, .registrations = PLACES};
    const struct password_options few_passes = {
        .threads = 1, .memory_mib = 19, .passes = 1, .registrations = PLACES};
    struct error error;

    cr_expect_eq(password_open(&little_memory, &error), STATUS_INVALID_ARGUMENT);
    cr_expect_not_null(strstr(error.text, "PASSWORD_MEMORY_MIB"));
    cr_expect_eq(password_open(&few_passes, &error), STATUS_INVALID_ARGUMENT);
}

/* --- many at once --- */

/* Slow enough that nothing is done before all have come. */
static const struct password_options slow = {
    .threads = 2, .memory_mib = 64, .passes = 12, .registrations = PLACES};

enum { CROWD = 2 + LIMIT_PASSWORDS_WAITING + 6 };

struct one_of_many {
    pthread_t thread;
    int64_t deadline_us;
    bool registers;
    enum status status;
    int64_t begun_us, done_us;
    const char *reason;
    uint32_t retry_after_ms;
};

static void *
run_one(void *closure)
{
    struct one_of_many *self = closure;
    struct caller_of caller;
    const char *hash;

    begin(&caller);
    caller.call.deadline_us = self->deadline_us;
    self->status = self->registers ? password_hash_registration(&caller.call, PASSWORD, &hash)
                                   : password_hash(&caller.call, PASSWORD, &hash);
    self->done_us = clock_us();
    if (self->status != STATUS_OK) {
        self->reason = caller.call.problem.reason->name;
        self->retry_after_ms = caller.call.problem.retry_after_ms;
    }
    end(&caller);
    return NULL;
}

static void
run_crowd(struct one_of_many crowd[CROWD], int64_t deadline_us)
{
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = (struct one_of_many){.deadline_us = deadline_us};
        cr_assert_eq(pthread_create(&crowd[i].thread, NULL, run_one, &crowd[i]), 0);
    }
    for (size_t i = 0; i < CROWD; i++) {
        pthread_join(crowd[i].thread, NULL);
    }
}

static size_t
count(const struct one_of_many crowd[CROWD], enum status status)
{
    size_t n = 0;

    for (size_t i = 0; i < CROWD; i++) {
        n += crowd[i].status == status;
    }
    return n;
}

/* The first take a thread each, as many as there is room for wait, the others are told at once. */
Test(password, a_full_queue_refuses)
{
    static struct one_of_many crowd[CROWD];
    uint64_t before;

    open_with(&slow);
    before = password_count();
    run_crowd(crowd, INT64_MAX);
    cr_expect_geq(count(crowd, STATUS_UNAVAILABLE), 1);
    cr_expect_leq(count(crowd, STATUS_UNAVAILABLE), 8);
    cr_expect_eq(count(crowd, STATUS_OK) + count(crowd, STATUS_UNAVAILABLE), CROWD);
    cr_expect_eq(password_count() - before, count(crowd, STATUS_OK));
    for (size_t i = 0; i < CROWD; i++) {
        if (crowd[i].status != STATUS_OK) {
            cr_expect_str_eq(crowd[i].reason, "OVERLOADED");
            cr_expect_gt(crowd[i].retry_after_ms, 0);
        }
    }
    password_close();
}

/* Whoever waits longer than its call has time leaves the queue, and costs nothing any more. */
Test(password, waits_no_longer_than_the_deadline)
{
    static struct one_of_many crowd[CROWD];
    uint64_t before;

    open_with(&slow);
    before = password_count();
    run_crowd(crowd, clock_us() + 50 * 1000);
    cr_expect_eq(count(crowd, STATUS_OK), 0);
    cr_expect_geq(count(crowd, STATUS_DEADLINE_EXCEEDED), LIMIT_PASSWORDS_WAITING);
    password_close(); /* what had begun is done now */
    cr_expect_leq(password_count() - before, 2);
}

/* --- a flood of registrations --- */

enum { N_LOGINS = 6 };

static void *
log_in(void *closure)
{
    struct one_of_many *self = closure;
    struct caller_of caller;
    bool fits, stale;

    begin(&caller);
    self->begun_us = clock_us();
    self->status = password_verify(&caller.call, PASSWORD_HASH, PASSWORD, &fits, &stale);
    self->done_us = clock_us();
    end(&caller);
    return NULL;
}

static size_t
count_done_while(const struct one_of_many crowd[CROWD], const struct one_of_many *login)
{
    size_t n = 0;

    for (size_t i = 0; i < CROWD; i++) {
        n += crowd[i].status == STATUS_OK && crowd[i].done_us >= login->begun_us &&
             crowd[i].done_us < login->done_us;
    }
    return n;
}

/* Few who register are let in at all, and they wait for all who want to log in: for these that was
 * no more than the one whose turn it was. */
Test(password, registrations_leave_room)
{
    const struct password_options one_thread = {
        .threads = 1, .memory_mib = 64, .passes = 12, .registrations = PLACES};
    static struct one_of_many crowd[CROWD], logins[N_LOGINS];

    open_with(&one_thread);
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = (struct one_of_many){.deadline_us = INT64_MAX, .registers = true};
        cr_assert_eq(pthread_create(&crowd[i].thread, NULL, run_one, &crowd[i]), 0);
    }
    usleep(100 * 1000);
    for (size_t i = 0; i < N_LOGINS; i++) {
        cr_assert_eq(pthread_create(&logins[i].thread, NULL, log_in, &logins[i]), 0);
    }
    for (size_t i = 0; i < CROWD; i++) {
        pthread_join(crowd[i].thread, NULL);
    }
    for (size_t i = 0; i < N_LOGINS; i++) {
        pthread_join(logins[i].thread, NULL);
        cr_expect_eq(logins[i].status, STATUS_OK);
        cr_expect_leq(count_done_while(crowd, &logins[i]), 2);
    }
    cr_expect_eq(count(crowd, STATUS_OK), PLACES);
    cr_expect_eq(count(crowd, STATUS_OK) + count(crowd, STATUS_UNAVAILABLE), CROWD);
    password_close();
}

/* How many threads of this process are there for what nobody waits for. */
static size_t
count_patient_threads(void)
{
    DIR *threads = opendir("/proc/self/task");
    size_t n = 0;

    cr_assert_not_null(threads);
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
        int id = atoi(entry->d_name);

        n += id != 0 && sched_getscheduler(id) == SCHED_BATCH &&
             getpriority(PRIO_PROCESS, (id_t)id) >= 10;
    }
    closedir(threads);
    return n;
}

Test(password, threads_give_way)
{
    open_with(&slow);
    for (int i = 0; i < 200 && count_patient_threads() < (size_t)slow.threads; i++) {
        usleep(10 * 1000);
    }
    cr_expect_eq(count_patient_threads(), (size_t)slow.threads);
    password_close();
}

/* --- common ones --- */

Test(password, common_ones)
{
    static const char *const common[] = {
        "password12",   "Password1234!", "p@ssw0rd2026",     "1234567890",  "0987654321",
        "aaaaaaaaaa",   "abababababab",  "abcabcabcabc",     "12345123451", "qwertyuiop",
        "QWERTYUIOP",   "poiuytrewq",    "abcdefghij",       "zyxwvutsrqp", "asdfghjklz",
        "1qaz2wsx3edc", "iloveyou2024",  "1q2w3e4r5t",       "letmein!!!!", "welcome123",
        "adminadmin",   "administrator", "mypassword",       "basketball",  "helloworld",
        "qwerty123456", "changeme123",   "passwordpassword", "qwertzuiop",
    };
    static const char *const others[] = {
        "correct horse battery", "another horse battery", "Tr0ub4dor&3xyz", "passwordless life",
        "abcdefghijx1",          "12345 67890 apples",    "äöüßéàñçøå",     "administrating",
        "qwertyuiopx",           "my dog eats 12 socks",
    };

    for (size_t i = 0; i < N_OF(common); i++) {
        cr_expect(password_is_common(common[i]), "%s", common[i]);
    }
    for (size_t i = 0; i < N_OF(others); i++) {
        cr_expect_not(password_is_common(others[i]), "%s", others[i]);
    }
}

Test(password, ones_own)
{
    cr_expect(password_is_own("Ada.Lovelace", "ada.lovelace", "ada@example.org"));
    cr_expect(password_is_own("ada.lovelace1!", "ada.lovelace", "ada@example.org"));
    cr_expect(password_is_own("ADA@example.org", "x", "ada@example.org"));
    cr_expect(password_is_own("ada1234567", "x", "ada@example.org"));
    cr_expect_not(password_is_own("ada and her engine", "ada", "ada@example.org"));
    cr_expect_not(password_is_own("1234567890", "", ""));
}
