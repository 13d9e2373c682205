#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED SEED_ADA SEED_MIA SEED_EVE SEED_KEY(KEY, ADA, "import") SEED_KEY(KEY_2, MIA, "export")
#define SHOWN                                                                                      \
    "{\"id\":\"" KEY "\",\"userId\":\"" ADA "\",\"name\":\"import\",\"role\":\"MEMBER\","          \
    "\"scopes\":[\"inventory.read\"],\"expireTime\":\"<time>\",\"createTime\":\"<time>\","         \
    "\"prefix\":\"dpk_abcd\"}"

static const struct rpc_case of_members[] = {
    {"one's own", SEED, "GET", "/v1/apikeys/" KEY, NULL, 200, SHOWN, NULL, NULL},
    {"somebody else's", SEED, "GET", "/v1/apikeys/" KEY_2, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"not there", SEED, "GET", "/v1/apikeys/" NONE, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
};

Test(get_api_key, members)
{
    rpc_cases_run_as(&accounts_service, &as_ada, of_members, N_OF(of_members));
}

static const struct rpc_case of_admins[] = {
    {"somebody else's", SEED, "GET", "/v1/apikeys/" KEY, NULL, 200, SHOWN, NULL, NULL},
};

Test(get_api_key, admins)
{
    rpc_cases_run_as(&accounts_service, &as_eve, of_admins, N_OF(of_admins));
}
