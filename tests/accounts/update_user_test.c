#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED                                                                                       \
    SEED_ADA SEED_EVE SEED_SESSION(SESSION, EVE) SEED_SESSION(SESSION_2, ADA)                      \
        SEED_KEY(KEY, ADA, "import")
#define OF_ADA "/v1/users/" ADA
#define OF_EVE "/v1/users/" EVE

/* Ada's version and generation, who has a session, what was revoked, what was recorded. */
#define STATE                                                                                      \
    "SELECT concat((SELECT version || '/' || generation FROM account WHERE username = 'ada'), "    \
    "' ', (SELECT string_agg(right(id::text, 1), ',' ORDER BY id) FROM session), ' ', "            \
    "(SELECT string_agg(concat(right(session_id::text, 1), right(account_id::text, 1), "           \
    "generation), ',' ORDER BY number) FROM revocation), ' ', "                                    \
    "(SELECT string_agg(concat(actor, ':', right(object, 1), ':', outcome), ',' ORDER BY id) "     \
    "FROM depot_audit), ' ', (SELECT count(*) FROM api_key))"

#define LAST_ADMIN JSON_PROBLEM("FAILED_PRECONDITION", "LAST_ADMIN")

static const struct rpc_case cases[] = {
    {"a name", SEED, "PATCH", OF_ADA, "{\"name\":\"Ada\"}", 200,
     "{\"id\":\"" ADA "\",\"username\":\"ada\",\"email\":\"ada@example.org\",\"name\":\"Ada\","
     "\"role\":\"MEMBER\",\"active\":true,\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
     STATE, "2/1 1,2  eve:a:OK 1"},
    {"nothing", SEED, "PATCH", OF_ADA, "{}", 200, JSON_USER(ADA, "ada", "MEMBER"), STATE,
     "1/1 1,2  eve:a:OK 1"},
    {"another role makes tokens void, sessions go on", SEED, "PATCH", OF_ADA,
     "{\"role\":\"MANAGER\"}", 200, JSON_USER(ADA, "ada", "MANAGER"), STATE,
     "2/2 1,2 a2 eve:a:OK 1"},
    {"the same role makes nothing void", SEED, "PATCH", OF_ADA, "{\"role\":\"MEMBER\"}", 200,
     JSON_USER(ADA, "ada", "MEMBER"), STATE, "2/1 1,2  eve:a:OK 1"},
    {"no role is that of a member", SEED "UPDATE account SET role = 'MANAGER' WHERE id = '" ADA "'",
     "PATCH", OF_ADA "?updateMask=role", "{}", 200, JSON_USER(ADA, "ada", "MEMBER"), STATE,
     "2/2 1,2 a2 eve:a:OK 1"},
    {"a password ends the sessions", SEED, "PATCH", OF_ADA,
     "{\"password\":\"another horse battery\"}", 200, JSON_USER(ADA, "ada", "MEMBER"), STATE,
     "2/2 1 a2 eve:a:OK 1"},
    {"a password is hashed", SEED, "PATCH", OF_ADA, "{\"password\":\"another horse battery\"}", 200,
     JSON_USER(ADA, "ada", "MEMBER"),
     "SELECT (password_hash LIKE '$argon2id$%') AND password_hash <> '" PASSWORD_HASH
     "' FROM account WHERE username = 'ada'",
     "t"},
    {"inactive", SEED, "PATCH", OF_ADA, "{\"active\":false}", 200,
     "{\"id\":\"" ADA "\",\"username\":\"ada\",\"email\":\"ada@example.org\",\"name\":\"\","
     "\"role\":\"MEMBER\",\"active\":false,\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
     STATE, "2/2 1 a2 eve:a:OK 1"},
    {"active again", SEED "UPDATE account SET active = false WHERE id = '" ADA "'", "PATCH", OF_ADA,
     "{\"active\":true}", 200, JSON_USER(ADA, "ada", "MEMBER"), STATE, "2/1 1,2  eve:a:OK 1"},
    {"another user name", SEED, "PATCH", OF_ADA,
     "{\"username\":\"ada.l\",\"email\":\"ada.l@example.org\"}", 200,
     JSON_USER(ADA, "ada.l", "MEMBER"), NULL, NULL},
    {"her name in other letters", SEED, "PATCH", OF_ADA, "{\"username\":\"ADA\"}", 200, "\"<any>\"",
     "SELECT username FROM account WHERE id = '" ADA "'", "ADA"},
    {"the user name is taken", SEED, "PATCH", OF_ADA, "{\"username\":\"EVE\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "USERNAME_TAKEN"), STATE, "1/1 1,2   1"},
    {"the address is taken", SEED, "PATCH", OF_ADA, "{\"email\":\"Eve@example.org\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "EMAIL_TAKEN"), STATE, "1/1 1,2   1"},
    {"no user name", SEED, "PATCH", OF_ADA, "{\"username\":null}", 400,
     JSON_INVALID("REQUIRED", POINTER("/username")), STATE, "1/1 1,2   1"},
    {"no password", SEED, "PATCH", OF_ADA, "{\"password\":null}", 400,
     JSON_INVALID("REQUIRED", POINTER("/password")), STATE, "1/1 1,2   1"},
    {"a common password", SEED, "PATCH", OF_ADA, "{\"password\":\"aaaaaaaaaaaa\"}", 400,
     JSON_INVALID("PASSWORD_TOO_COMMON", POINTER("/password")), STATE, "1/1 1,2   1"},
    {"not there", SEED, "PATCH", "/v1/users/" NONE, "{\"name\":\"x\"}", 404, JSON_NOT_FOUND, STATE,
     "1/1 1,2   1"},
    {"the last administrator stays one", SEED, "PATCH", OF_EVE, "{\"role\":\"MEMBER\"}", 409,
     LAST_ADMIN, STATE, "1/1 1,2  eve:c:LAST_ADMIN 1"},
    {"the last administrator stays active", SEED, "PATCH", OF_EVE, "{\"active\":false}", 409,
     LAST_ADMIN, STATE, "1/1 1,2  eve:c:LAST_ADMIN 1"},
    {"an inactive one does not count",
     SEED SEED_ROOT "UPDATE account SET active = false WHERE username = 'root'", "PATCH", OF_EVE,
     "{\"role\":\"MANAGER\"}", 409, LAST_ADMIN, NULL, NULL},
    {"the last administrator gets a password", SEED, "PATCH", OF_EVE,
     "{\"password\":\"another horse battery\",\"role\":\"ADMIN\",\"active\":true}", 200,
     JSON_USER(EVE, "eve", "ADMIN"), STATE, "1/1 2 c2 eve:c:OK 1"},
    {"the last but one", SEED SEED_ROOT, "PATCH", OF_EVE, "{\"role\":\"MEMBER\"}", 200,
     JSON_USER(EVE, "eve", "MEMBER"), STATE, "1/1 1,2 c2 eve:c:OK 1"},
};

Test(update_user, cases)
{
    rpc_cases_run_as(&accounts_service, &as_eve, cases, N_OF(cases));
}

static const struct rpc_case of_versions[] = {
    {"the version", SEED "UPDATE account SET version = 7 WHERE username = 'ada'", "PATCH", OF_ADA,
     "{\"role\":\"MANAGER\"}", 200, JSON_USER(ADA, "ada", "MANAGER"), NULL, NULL},
    {"another version", SEED, "PATCH", OF_ADA, "{\"role\":\"MANAGER\"}", 412,
     JSON_PROBLEM("ABORTED", "ETAG_MISMATCH"), STATE, "1/1 1,2   1"},
};

Test(update_user, if_match)
{
    rpc_cases_run_if_match(&accounts_service, "6,7", of_versions, N_OF(of_versions));
}

static const struct rpc_case refused[] = {
    {"a manager", SEED_ADA SEED_MIA, "PATCH", OF_ADA, "{\"role\":\"ADMIN\"}", 403, JSON_REFUSED,
     "SELECT role FROM account WHERE username = 'ada'", "MEMBER"},
};

Test(update_user, refused)
{
    rpc_cases_run_as(&accounts_service, &as_mia, refused, N_OF(refused));
}
