/* Calls that come at the same time. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "direct.h"
#include "seed.h"

struct one_of_many {
    pthread_t thread;
    pthread_barrier_t *barrier;
    struct bench *bench;
    unsigned worker;
    enum status status;
    const char *reason; /* NULL: none */
};

static void
end_one(struct one_of_many *self, struct direct *direct)
{
    if (self->status != STATUS_OK) {
        self->reason = direct->call.problem.reason->name;
    }
    direct_end(direct);
}

static void *
register_one(void *closure)
{
    Depot__Accounts__V1__RegisterUserRequest request =
        DEPOT__ACCOUNTS__V1__REGISTER_USER_REQUEST__INIT;
    struct one_of_many *self = closure;
    struct direct direct;
    char email[64];

    /* The same name in other letters; an address of one's own. */
    snprintf(email, sizeof(email), "bob%u@example.org", self->worker);
    request.username = self->worker % 2 == 0 ? "bob" : "BOB";
    request.email = email;
    request.password = PASSWORD;
    pthread_barrier_wait(self->barrier);
    self->status = direct_call(&direct, self->bench, self->worker, &as_nobody,
                               METHOD(register_user), &request.base);
    end_one(self, &direct);
    return NULL;
}

/* Eve takes the role from one of two administrators, each time another one. */
static void *
demote_one(void *closure)
{
    Depot__Accounts__V1__UpdateUserRequest request = DEPOT__ACCOUNTS__V1__UPDATE_USER_REQUEST__INIT;
    Depot__Accounts__V1__User user = DEPOT__ACCOUNTS__V1__USER__INIT;
    struct one_of_many *self = closure;
    struct direct direct;

    request.id = self->worker % 2 == 0 ? EVE : ROOT;
    request.user = &user;
    user.role = DEPOT__ACCOUNTS__V1__USER_ROLE__MEMBER;
    pthread_barrier_wait(self->barrier);
    self->status = direct_call(&direct, self->bench, self->worker, &as_eve, METHOD(update_user),
                               &request.base);
    end_one(self, &direct);
    return NULL;
}

/* One account that has 19 keys already. */
static void *
make_one_key(void *closure)
{
    Depot__Accounts__V1__CreateApiKeyRequest request =
        DEPOT__ACCOUNTS__V1__CREATE_API_KEY_REQUEST__INIT;
    Depot__Accounts__V1__ApiKey api_key = DEPOT__ACCOUNTS__V1__API_KEY__INIT;
    struct one_of_many *self = closure;
    struct direct direct;
    char name[16];

    snprintf(name, sizeof(name), "key %u", self->worker);
    request.api_key = &api_key;
    api_key.name = name;
    pthread_barrier_wait(self->barrier);
    self->status = direct_call(&direct, self->bench, self->worker, &as_mia, METHOD(create_api_key),
                               &request.base);
    end_one(self, &direct);
    return NULL;
}

/* How many of BENCH_WORKERS at a time succeed; the others fail with `reason`. */
static size_t
run_together(struct bench *bench, void *(*run)(void *), const char *reason)
{
    struct one_of_many crowd[BENCH_WORKERS];
    pthread_barrier_t barrier;
    size_t n = 0;

    pthread_barrier_init(&barrier, NULL, BENCH_WORKERS);
    for (unsigned i = 0; i < BENCH_WORKERS; i++) {
        crowd[i] = (struct one_of_many){.barrier = &barrier, .bench = bench, .worker = i};
        cr_assert_eq(pthread_create(&crowd[i].thread, NULL, run, &crowd[i]), 0);
    }
    for (unsigned i = 0; i < BENCH_WORKERS; i++) {
        pthread_join(crowd[i].thread, NULL);
        n += crowd[i].status == STATUS_OK;
        if (crowd[i].status != STATUS_OK) {
            cr_expect_str_eq(crowd[i].reason, reason);
        }
    }
    pthread_barrier_destroy(&barrier);
    return n;
}

static void
expect_value(struct bench *bench, const char *sql, const char *expected)
{
    test_database_expect(&bench->database, sql, expected);
}

enum { TIMES = 20 };

Test(together, one_name_is_given_once)
{
    struct bench bench;

    setenv("REGISTRATIONS_AT_ONCE", "4", 1);
    bench_open(&bench, &accounts_service, BENCH_WORKERS);
    for (int i = 0; i < TIMES; i++) {
        cr_expect_eq(run_together(&bench, register_one, "USERNAME_TAKEN"), 1);
        expect_value(&bench, "SELECT count(*) FROM account", "1");
        test_database_run(&bench.database, "DELETE FROM account; DELETE FROM login_failure");
    }
    bench_close(&bench);
}

/* Either may go, never both. */
Test(together, an_administrator_is_left)
{
    struct bench bench;

    bench_open(&bench, &accounts_service, BENCH_WORKERS);
    for (int i = 0; i < TIMES; i++) {
        test_database_run(&bench.database, SEED_EVE SEED_ROOT);
        run_together(&bench, demote_one, "LAST_ADMIN");
        expect_value(&bench, "SELECT count(*) FROM account WHERE role = 'ADMIN'", "1");
        test_database_run(&bench.database, "DELETE FROM account");
    }
    bench_close(&bench);
}

Test(together, no_more_keys_than_allowed)
{
    struct bench bench;

    bench_open(&bench, &accounts_service, BENCH_WORKERS);
    for (int i = 0; i < TIMES; i++) {
        test_database_run(
            &bench.database,
            SEED_MIA "INSERT INTO api_key (id, account_id, name, role, scopes, key_hash, prefix, "
                     "expire_time) SELECT gen_random_uuid(), '" MIA "', 'n' || n, 'MEMBER', '{}', "
                     "sha256(n::text::bytea), '', now() + interval '1 day' FROM generate_series(1, "
                     "19) AS n");
        cr_expect_eq(run_together(&bench, make_one_key, "TOO_MANY_API_KEYS"), 1);
        expect_value(&bench, "SELECT count(*) FROM api_key", "20");
        test_database_run(&bench.database, "DELETE FROM account");
    }
    bench_close(&bench);
}
