#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED SEED_ADA SEED_EVE SEED_SESSION(SESSION_2, ADA) SEED_KEY(KEY, ADA, "import")

/* Who is there, sessions and keys, what was revoked, what was recorded. */
#define STATE                                                                                      \
    "SELECT concat((SELECT string_agg(username, ',' ORDER BY id) FROM account), ' ', "             \
    "(SELECT count(*) FROM session), (SELECT count(*) FROM api_key), ' ', "                        \
    "(SELECT string_agg(concat(right(account_id::text, 1), generation), ',') FROM revocation), "   \
    "' ', (SELECT string_agg(concat(actor, ':', action, ':', right(object, 1), ':', outcome), "    \
    "',' ORDER BY action DESC) FROM depot_audit))"

static const struct rpc_case cases[] = {
    {"with all that is hers", SEED, "DELETE", "/v1/users/" ADA, NULL, 204, NULL, STATE,
     "eve 00 a2147483647 eve:DeleteUser:a:OK,eve:DeleteApiKey:1:OK"},
    {"not there", SEED, "DELETE", "/v1/users/" NONE, NULL, 404, JSON_NOT_FOUND, STATE,
     "ada,eve 11  "},
    {"the last administrator", SEED, "DELETE", "/v1/users/" EVE, NULL, 409,
     JSON_PROBLEM("FAILED_PRECONDITION", "LAST_ADMIN"), STATE,
     "ada,eve 11  eve:DeleteUser:c:LAST_ADMIN"},
    {"an inactive administrator",
     SEED SEED_ROOT "UPDATE account SET active = false WHERE username = 'root'", "DELETE",
     "/v1/users/" ROOT, NULL, 204, NULL, STATE, "ada,eve 11 d2147483647 eve:DeleteUser:d:OK"},
    {"oneself", SEED SEED_ROOT, "DELETE", "/v1/users/" EVE, NULL, 204, NULL, STATE,
     "ada,root 11 c2147483647 eve:DeleteUser:c:OK"},
};

Test(delete_user, cases)
{
    rpc_cases_run_as(&accounts_service, &as_eve, cases, N_OF(cases));
}

static const struct rpc_case of_versions[] = {
    {"another version", SEED, "DELETE", "/v1/users/" ADA, NULL, 412,
     JSON_PROBLEM("ABORTED", "ETAG_MISMATCH"), STATE, "ada,eve 11  "},
};

Test(delete_user, if_match)
{
    rpc_cases_run_if_match(&accounts_service, "2", of_versions, N_OF(of_versions));
}

static const struct rpc_case refused[] = {
    {"a manager", SEED_ADA SEED_MIA, "DELETE", "/v1/users/" ADA, NULL, 403, JSON_REFUSED,
     "SELECT count(*) FROM account", "2"},
};

Test(delete_user, refused)
{
    rpc_cases_run_as(&accounts_service, &as_mia, refused, N_OF(refused));
}
