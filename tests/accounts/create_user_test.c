#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define BOB(more)                                                                                  \
    "{\"username\":\"bob\",\"email\":\"bob@example.org\",\"password\":\"" PASSWORD "\"" more "}"

static const struct rpc_case cases[] = {
    {"a member unless said otherwise", SEED_EVE, "POST", "/v1/users", BOB(""), 201,
     JSON_USER("<uuid>", "bob", "MEMBER"),
     "SELECT concat(actor_id = '" EVE "', actor, action, outcome, object = (SELECT id::text FROM "
     "account WHERE username = 'bob')) FROM depot_audit",
     "teveCreateUserOKt"},
    {"an administrator", SEED_EVE, "POST", "/v1/users", BOB(",\"role\":\"ADMIN\""), 201,
     JSON_USER("<uuid>", "bob", "ADMIN"), NULL, NULL},
    {"inactive for now", SEED_EVE, "POST", "/v1/users", BOB(",\"active\":false"), 201,
     "{\"id\":\"<uuid>\",\"username\":\"bob\",\"email\":\"bob@example.org\",\"name\":\"\","
     "\"role\":\"MEMBER\",\"active\":false,\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
     NULL, NULL},
    {"null is active", SEED_EVE, "POST", "/v1/users", BOB(",\"active\":null"), 201,
     JSON_USER("<uuid>", "bob", "MEMBER"), NULL, NULL},
    {"no password", SEED_EVE, "POST", "/v1/users",
     "{\"username\":\"bob\",\"email\":\"bob@example.org\"}", 400,
     JSON_INVALID("REQUIRED", POINTER("/password")), "SELECT count(*) FROM account", "1"},
    {"a common password", SEED_EVE, "POST", "/v1/users",
     "{\"username\":\"bob\",\"email\":\"bob@example.org\",\"password\":\"qwertyuiop\"}", 400,
     JSON_INVALID("PASSWORD_TOO_COMMON", POINTER("/password")), "SELECT count(*) FROM account",
     "1"},
    {"an unknown role", SEED_EVE, "POST", "/v1/users", BOB(",\"role\":\"GOD\""), 400,
     JSON_INVALID("UNKNOWN_VALUE", POINTER("/role")), "SELECT count(*) FROM account", "1"},
    {"the user name is taken", SEED_EVE SEED_USER(ADA, "BOB", "MEMBER"), "POST", "/v1/users",
     BOB(""), 409, JSON_PROBLEM("ALREADY_EXISTS", "USERNAME_TAKEN"), "SELECT count(*) FROM account",
     "2"},
    {"the address is taken",
     SEED_EVE SEED_ADA "UPDATE account SET email = 'BOB@example.org' WHERE username = 'ada'",
     "POST", "/v1/users", BOB(""), 409, JSON_PROBLEM("ALREADY_EXISTS", "EMAIL_TAKEN"),
     "SELECT count(*) FROM account", "2"},
};

Test(create_user, cases)
{
    rpc_cases_run_as(&accounts_service, &as_eve, cases, N_OF(cases));
}

static const struct rpc_case refused[] = {
    {"a manager", SEED_MIA, "POST", "/v1/users", BOB(""), 403, JSON_REFUSED,
     "SELECT count(*) FROM account", "1"},
};

Test(create_user, refused)
{
    rpc_cases_run_as(&accounts_service, &as_mia, refused, N_OF(refused));
}
