#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED SEED_ADA SEED_MIA SEED_EVE SEED_KEY(KEY, ADA, "import") SEED_KEY(KEY_2, MIA, "export")

/* What is left, what was revoked, what was recorded. */
#define STATE                                                                                      \
    "SELECT concat((SELECT string_agg(name, ',' ORDER BY id) FROM api_key), ' ', "                 \
    "(SELECT string_agg(right(session_id::text, 2), ',') FROM revocation), ' ', "                  \
    "(SELECT string_agg(concat(actor, ':', action, ':', right(object, 2), ':', outcome), ',') "    \
    "FROM "                                                                                        \
    "depot_audit))"

static const struct rpc_case of_members[] = {
    {"one's own", SEED, "DELETE", "/v1/apikeys/" KEY, NULL, 204, NULL, STATE,
     "export 11 ada:DeleteApiKey:11:OK"},
    {"somebody else's", SEED, "DELETE", "/v1/apikeys/" KEY_2, NULL, 404, JSON_NOT_FOUND, STATE,
     "import,export  ada:DeleteApiKey:12:RESOURCE_NOT_FOUND"},
    {"not there", SEED, "DELETE", "/v1/apikeys/" NONE, NULL, 404, JSON_NOT_FOUND, STATE,
     "import,export  ada:DeleteApiKey:ff:RESOURCE_NOT_FOUND"},
};

Test(delete_api_key, members)
{
    rpc_cases_run_as(&accounts_service, &as_ada, of_members, N_OF(of_members));
}

static const struct rpc_case of_admins[] = {
    {"somebody else's", SEED, "DELETE", "/v1/apikeys/" KEY, NULL, 204, NULL, STATE,
     "export 11 eve:DeleteApiKey:11:OK"},
};

Test(delete_api_key, admins)
{
    rpc_cases_run_as(&accounts_service, &as_eve, of_admins, N_OF(of_admins));
}
