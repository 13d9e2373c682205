#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {
    {"one's own", SEED_ADA SEED_MIA, "GET", "/v1/auth/me", NULL, 200,
     JSON_USER(ADA, "ada", "MEMBER"), NULL, NULL},
    {"when somebody logged in with it",
     SEED_ADA "UPDATE account SET login_time = '2026-01-02T03:04:05Z', name = 'Ada'", "GET",
     "/v1/auth/me", NULL, 200,
     "{\"id\":\"" ADA "\",\"username\":\"ada\",\"email\":\"ada@example.org\",\"name\":\"Ada\","
     "\"role\":\"MEMBER\",\"active\":true,\"createTime\":\"<time>\",\"updateTime\":\"<time>\","
     "\"loginTime\":\"2026-01-02T03:04:05Z\"}",
     NULL, NULL},
    {"removed meanwhile", SEED_MIA, "GET", "/v1/auth/me", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
};

Test(get_me, cases)
{
    rpc_cases_run_as(&accounts_service, &as_ada, cases, N_OF(cases));
}

static const struct rpc_case without[] = {
    {"an administrator without an account", SEED_ADA, "GET", "/v1/auth/me", NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
};

Test(get_me, without_an_account)
{
    rpc_cases_run(&accounts_service, without, N_OF(without));
}

static const struct rpc_case unknown[] = {
    {"nobody is known", SEED_ADA, "GET", "/v1/auth/me", NULL, 401,
     JSON_PROBLEM("UNAUTHENTICATED", "TOKEN_MISSING"), NULL, NULL},
};

Test(get_me, nobody)
{
    rpc_cases_run_as(&accounts_service, &as_nobody, unknown, N_OF(unknown));
}
