#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {
    {"there", SEED_ADA SEED_EVE, "GET", "/v1/users/" ADA, NULL, 200,
     JSON_USER(ADA, "ada", "MEMBER"), NULL, NULL},
    {"not there", SEED_ADA SEED_EVE, "GET", "/v1/users/" NONE, NULL, 404, JSON_NOT_FOUND, NULL,
     NULL},
    {"no id", SEED_ADA SEED_EVE, "GET", "/v1/users/ada", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
};

Test(get_user, cases)
{
    rpc_cases_run_as(&accounts_service, &as_eve, cases, N_OF(cases));
}

static const struct rpc_case refused[] = {
    {"not even oneself", SEED_MIA, "GET", "/v1/users/" MIA, NULL, 403, JSON_REFUSED, NULL, NULL},
};

Test(get_user, refused)
{
    rpc_cases_run_as(&accounts_service, &as_mia, refused, N_OF(refused));
}
