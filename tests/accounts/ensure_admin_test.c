#include <criterion/criterion.h>
#include <stdlib.h>

#include "direct.h"
#include "seed.h"

static const struct caller operator= {.role = PB_ROLE_OPERATOR};

#define NEW "another horse battery"

/* The account's role, version and generation, sessions, what was recorded. */
#define STATE                                                                                      \
    "SELECT concat((SELECT role || active || ' ' || version || '/' || generation || ' ' || email " \
    "FROM account WHERE lower(username) = 'root'), ' ', (SELECT count(*) FROM session), "          \
    "(SELECT count(*) FROM revocation), ' ', (SELECT string_agg(actor || ':' || outcome, ',') "    \
    "FROM depot_audit))"

/* The record of what was done cannot be emptied otherwise. */
#define EMPTY                                                                                      \
    "SET session_replication_role = replica; "                                                     \
    "TRUNCATE account, session, api_key, revocation, depot_audit; "                                \
    "RESET session_replication_role"

static const struct {
    const char *name;
    const char *seed;
    const char *email, *password;
    bool gently;
    const char *reason; /* NULL: OK */
    const char *state;
} cases[] = {
    {"made", NULL, "", NEW, false, NULL, "ADMINtrue 1/1 root@localhost 00 operator:OK"},
    {"made gently", NULL, "", NEW, true, NULL, "ADMINtrue 1/1 root@localhost 00 operator:OK"},
    {"made with an address", NULL, "r@example.org", NEW, false, NULL,
     "ADMINtrue 1/1 r@example.org 00 operator:OK"},
    {"gently and as it was", SEED_ROOT SEED_SESSION(SESSION, ROOT), "", PASSWORD, true, NULL,
     "ADMINtrue 1/1 root@example.org 10 "},
    {"as it was, not gently", SEED_ROOT SEED_SESSION(SESSION, ROOT), "", PASSWORD, false, NULL,
     "ADMINtrue 2/2 root@example.org 01 operator:OK"},
    {"gently with another password", SEED_ROOT SEED_SESSION(SESSION, ROOT), "", NEW, true, NULL,
     "ADMINtrue 2/2 root@example.org 01 operator:OK"},
    {"gently, though it lost the role", SEED_USER(ROOT, "ROOT", "MEMBER"), "", PASSWORD, true, NULL,
     "ADMINtrue 2/2 ROOT@example.org 01 operator:OK"},
    {"gently, though it is inactive", SEED_ROOT "UPDATE account SET active = false", "", PASSWORD,
     true, NULL, "ADMINtrue 2/2 root@example.org 01 operator:OK"},
    {"another address", SEED_ROOT, "r@example.org", PASSWORD, true, NULL,
     "ADMINtrue 2/2 r@example.org 01 operator:OK"},
    {"an address that is taken", SEED_ADA SEED_ROOT, "ADA@example.org", PASSWORD, false,
     "EMAIL_TAKEN", "ADMINtrue 1/1 root@example.org 00 "},
    {"an address that is taken, made", SEED_ADA, "ADA@example.org", NEW, false, "EMAIL_TAKEN",
     " 00 "},
    {"no address", SEED_ROOT, "root", PASSWORD, false, "BAD_FORMAT",
     "ADMINtrue 1/1 root@example.org 00 "},
    {"a common password", SEED_ROOT, "", "0123456789", false, "PASSWORD_TOO_COMMON",
     "ADMINtrue 1/1 root@example.org 00 "},
};

static void
run_case(struct bench *bench, size_t i)
{
    Depot__Accounts__V1__EnsureAdminRequest request =
        DEPOT__ACCOUNTS__V1__ENSURE_ADMIN_REQUEST__INIT;
    struct direct direct;
    enum status status;
    char *state;

    if (cases[i].seed != NULL) {
        test_database_run(&bench->database, cases[i].seed);
    }
    request.username = "root";
    request.email = (char *)cases[i].email;
    request.password = (char *)cases[i].password;
    request.gently = cases[i].gently;
    status = direct_call(&direct, bench, 0, &operator, METHOD(ensure_admin), &request.base);
    cr_expect_eq(status == STATUS_OK, cases[i].reason == NULL, "%s: %d", cases[i].name, status);
    if (status != STATUS_OK && cases[i].reason != NULL) {
        cr_expect_str_eq(direct.call.problem.reason->name, cases[i].reason, "%s", cases[i].name);
    }
    state = test_database_value(&bench->database, STATE);
    cr_expect_str_eq(state, cases[i].state, "%s: %s", cases[i].name, state);
    free(state);
    direct_end(&direct);
}

Test(ensure_admin, cases)
{
    struct bench bench;

    bench_open(&bench, &accounts_service, 1);
    for (size_t i = 0; i < N_OF(cases); i++) {
        test_database_run(&bench.database, EMPTY);
        run_case(&bench, i);
    }
    bench_close(&bench);
}

/* An address that nobody has is found when the usual one is taken. */
Test(ensure_admin, usual_address_is_taken)
{
    Depot__Accounts__V1__EnsureAdminRequest request =
        DEPOT__ACCOUNTS__V1__ENSURE_ADMIN_REQUEST__INIT;
    struct bench bench;
    struct direct direct;
    char *email;

    bench_open(&bench, &accounts_service, 1);
    test_database_run(&bench.database, SEED_ADA "UPDATE account SET email = 'Root@localhost'");
    request.username = "root";
    request.password = NEW;
    cr_expect_eq(direct_call(&direct, &bench, 0, &operator, METHOD(ensure_admin), &request.base),
                 STATUS_OK);
    email = test_database_value(&bench.database,
                                "SELECT email LIKE 'root-%@localhost' FROM account WHERE role = "
                                "'ADMIN'");
    cr_expect_str_eq(email, "t");
    free(email);
    direct_end(&direct);
    bench_close(&bench);
}

/* Nobody over a network. */
Test(ensure_admin, is_the_operators)
{
    Depot__Accounts__V1__EnsureAdminRequest request =
        DEPOT__ACCOUNTS__V1__ENSURE_ADMIN_REQUEST__INIT;
    struct bench bench;
    struct direct direct;

    bench_open(&bench, &accounts_service, 1);
    request.username = "root";
    request.password = NEW;
    cr_expect_eq(direct_call(&direct, &bench, 0, &as_eve, METHOD(ensure_admin), &request.base),
                 STATUS_PERMISSION_DENIED);
    direct_end(&direct);
    bench_close(&bench);
}
