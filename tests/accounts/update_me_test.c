#include <criterion/criterion.h>

#include "direct.h"
#include "seed.h"
#include "support/rpc_case.h"

#define NEW          "another horse battery"
#define NEW_PASSWORD "{\"password\":\"" NEW "\",\"oldPassword\":\"" PASSWORD "\"}"
#define WRONG        "{\"password\":\"" NEW "\",\"oldPassword\":\"incorrect horse\"}"

#define SEED_SESSIONS                                                                              \
    SEED_ADA SEED_MIA SEED_SESSION(SESSION, ADA) SEED_SESSION(SESSION_2, ADA)                      \
        SEED_SESSION(SESSION_3, MIA) SEED_KEY(KEY, ADA, "import")

#define JSON_ADA(name)                                                                             \
    "{\"id\":\"" ADA "\",\"username\":\"ada\",\"email\":\"ada@example.org\",\"name\":\"" name      \
    "\",\"role\":\"MEMBER\",\"active\":true,\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}"

/* What is left, and what was revoked. */
#define SESSIONS "(SELECT string_agg(right(id::text, 1), ',' ORDER BY id) FROM session)"
#define REVOKED                                                                                    \
    "(SELECT coalesce(string_agg(concat(right(session_id::text, 1), right(account_id::text, 1), "  \
    "generation), ',' ORDER BY number), '') FROM revocation)"
#define AUDIT                                                                                      \
    "(SELECT string_agg(concat(actor, ':', action, ':', outcome), ',' ORDER BY id) FROM "          \
    "depot_audit)"

static const struct rpc_case cases[] = {
    {"a name needs no password", SEED_SESSIONS, "PATCH", "/v1/auth/me", "{\"name\":\"Ada\"}", 200,
     JSON_ADA("Ada"),
     "SELECT name || version || generation || '/' || " SESSIONS " || '/' || " REVOKED
     " || '/' || " AUDIT " FROM account WHERE username = 'ada'",
     "Ada21/1,2,3//ada:UpdateMe:OK"},
    {"nothing", SEED_ADA, "PATCH", "/v1/auth/me", "{}", 200, JSON_ADA(""),
     "SELECT version FROM account", "1"},
    {"a new password ends the other sessions", SEED_SESSIONS, "PATCH", "/v1/auth/me", NEW_PASSWORD,
     200, JSON_ADA(""),
     "SELECT version || '/' || generation || '/' || (password_hash <> '" PASSWORD_HASH "') || '/' "
     "|| " SESSIONS " || '/' || " REVOKED " || '/' || " AUDIT
     " || (SELECT count(*) FROM api_key) FROM account WHERE username = 'ada'",
     "2/2/true/1,3/2/ada:UpdateMe:OK1"},
    {"a new password and a name", SEED_ADA, "PATCH", "/v1/auth/me",
     "{\"name\":\"Ada\",\"password\":\"" NEW "\",\"oldPassword\":\"" PASSWORD "\"}", 200,
     JSON_ADA("Ada"), "SELECT name || version FROM account", "Ada2"},
    {"very many sessions end by the generation",
     SEED_ADA SEED_SESSION(SESSION, ADA) "INSERT INTO session (id, account_id, token_hash, "
                                         "expire_time, client_address) SELECT gen_random_uuid(), "
                                         "'" ADA "', sha256(''), now() + interval '1 day', '' "
                                         "FROM generate_series(1, 101)",
     "PATCH", "/v1/auth/me", NEW_PASSWORD, 200, JSON_ADA(""),
     "SELECT " SESSIONS " || '/' || " REVOKED, "1/a2"},
    {"the old password is wrong", SEED_SESSIONS, "PATCH", "/v1/auth/me", WRONG, 400,
     JSON_INVALID("PASSWORD_WRONG", POINTER("/oldPassword")),
     "SELECT version || '/' || (password_hash = '" PASSWORD_HASH "') || '/' || " SESSIONS
     " || '/' || " REVOKED " || '/' || " AUDIT
     " || (SELECT count(*) || '*' || max(failures) FROM login_failure) "
     "FROM account WHERE username = 'ada'",
     "1/true/1,2,3//ada:UpdateMe:PASSWORD_WRONG3*1"},
    {"the old password is missing", SEED_ADA, "PATCH", "/v1/auth/me", "{\"password\":\"" NEW "\"}",
     400, JSON_INVALID("PASSWORD_WRONG", POINTER("/oldPassword")),
     "SELECT count(*) FROM login_failure", "0"},
    {"everything is wrong with the passwords", SEED_ADA, "PATCH", "/v1/auth/me",
     "{\"password\":\"ada@example.org\"}", 400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"VALIDATION_FAILED\",\"errors\":["
     "{\"pointer\":\"/password\",\"reason\":\"PASSWORD_TOO_COMMON\"},"
     "{\"pointer\":\"/oldPassword\",\"reason\":\"PASSWORD_WRONG\"}]}",
     NULL, NULL},
    {"a common one", SEED_ADA, "PATCH", "/v1/auth/me",
     "{\"password\":\"1234567890\",\"oldPassword\":\"" PASSWORD "\"}", 400,
     JSON_INVALID("PASSWORD_TOO_COMMON", POINTER("/password")), NULL, NULL},
    {"a short one", SEED_ADA, "PATCH", "/v1/auth/me",
     "{\"password\":\"qpwoeiruz\",\"oldPassword\":\"" PASSWORD "\"}", 400,
     JSON_INVALID("TOO_SHORT", POINTER("/password")), NULL, NULL},
    {"no password", SEED_ADA, "PATCH", "/v1/auth/me",
     "{\"password\":null,\"oldPassword\":\"" PASSWORD "\"}", 400,
     JSON_INVALID("TOO_SHORT", POINTER("/password")), NULL, NULL},
    {"the role is not one's own", SEED_ADA, "PATCH", "/v1/auth/me", "{\"role\":\"ADMIN\"}", 400,
     JSON_INVALID("UNKNOWN_FIELD", POINTER("/role")), NULL, NULL},
    {"removed meanwhile", SEED_MIA, "PATCH", "/v1/auth/me", NEW_PASSWORD, 404, JSON_NOT_FOUND,
     "SELECT count(*) FROM depot_audit", "0"},
};

Test(update_me, cases)
{
    rpc_cases_run_as(&accounts_service, &as_ada, cases, N_OF(cases));
}

static const struct caller a_program = {
    .id = ADA, .name = "ada", .session = KEY, .role = PB_ROLE_MEMBER, .is_program = true};

static const struct rpc_case of_programs[] = {
    {"an API key is no session", SEED_ADA, "PATCH", "/v1/auth/me", NEW_PASSWORD, 403, JSON_REFUSED,
     "SELECT version FROM account", "1"},
};

Test(update_me, programs)
{
    rpc_cases_run_as(&accounts_service, &a_program, of_programs, N_OF(of_programs));
}

static enum status
change_password(struct direct *direct, struct bench *bench, const char *old_password)
{
    Depot__Accounts__V1__UpdateMeRequest request = DEPOT__ACCOUNTS__V1__UPDATE_ME_REQUEST__INIT;
    Depot__Accounts__V1__Profile profile = DEPOT__ACCOUNTS__V1__PROFILE__INIT;

    request.profile = &profile;
    profile.password = NEW;
    profile.old_password = (char *)old_password;
    return direct_call(direct, bench, 0, &as_ada, METHOD(update_me), &request.base);
}

/* Whoever has found an open session must not find the password, too. */
Test(update_me, wrong_passwords_have_to_wait)
{
    struct bench bench;
    struct direct direct;

    bench_open(&bench, &accounts_service, 1);
    test_database_run(&bench.database, SEED_ADA);
    for (int i = 0; i < 5; i++) {
        cr_expect_eq(change_password(&direct, &bench, "incorrect horse"), STATUS_INVALID_ARGUMENT);
        cr_expect_str_eq(direct.call.problem.reason->name, "PASSWORD_WRONG");
        direct_end(&direct);
    }
    /* A busy machine may take longer than the second that is to be waited. */
    test_database_run(&bench.database,
                      "UPDATE login_failure SET last_time = now() + interval '30 seconds'");
    cr_expect_eq(change_password(&direct, &bench, PASSWORD), STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(direct.call.problem.reason->name, "LOGIN_BACKOFF");
    cr_expect_gt(direct.call.problem.retry_after_ms, 0);
    direct_end(&direct);
    test_database_run(&bench.database,
                      "UPDATE login_failure SET last_time = now() - interval '10 seconds'");
    cr_expect_eq(change_password(&direct, &bench, PASSWORD), STATUS_OK);
    direct_end(&direct);
    bench_close(&bench);
}

/* What others have tried keeps nobody who is at home from a new password. */
Test(update_me, others_are_no_concern_at_home)
{
    struct bench bench;
    struct direct direct;

    bench_open(&bench, &accounts_service, 1);
    test_database_run(
        &bench.database,
        SEED_ADA SEED_SESSION(SESSION, ADA) "UPDATE session SET network = client_address");
    for (int i = 0; i < 12; i++) {
        cr_expect_eq(change_password(&direct, &bench, "incorrect horse"), STATUS_INVALID_ARGUMENT);
        direct_end(&direct);
        test_database_run(&bench.database, "UPDATE login_failure SET failures = 64, "
                                           "last_time = now() - interval '61 seconds'");
    }
    test_database_run(&bench.database, "DELETE FROM session");
    for (int i = 0; i < 40 && change_password(&direct, &bench, PASSWORD) != STATUS_OK; i++) {
        cr_expect_str_eq(direct.call.problem.reason->name, "LOGIN_BACKOFF");
        direct_end(&direct);
    }
    cr_expect_not_null(direct.reply);
    direct_end(&direct);
    bench_close(&bench);
}
