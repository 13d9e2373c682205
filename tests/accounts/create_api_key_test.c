#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define KEY_OF(id, name, role, scopes)                                                             \
    "{\"id\":\"<uuid>\",\"key\":\"<text>\",\"apiKey\":{\"id\":\"<uuid>\",\"userId\":\"" id         \
    "\",\"name\":\"" name "\",\"role\":\"" role "\",\"scopes\":[" scopes                           \
    "],\"expireTime\":\"<time>\",\"createTime\":\"<time>\",\"prefix\":\"<text>\"}}"

#define MANY_KEYS(expire_time)                                                                     \
    "INSERT INTO api_key (id, account_id, name, role, scopes, key_hash, prefix, expire_time) "     \
    "SELECT gen_random_uuid(), '" MIA "', 'n' || n, 'MEMBER', '{}', sha256(n::text::bytea), '', "  \
    "now() + " expire_time " FROM generate_series(1, 20) AS n"

#define OUT_OF_RANGE JSON_INVALID("EXPIRY_OUT_OF_RANGE", POINTER("/expireTime"))

static const struct rpc_case cases[] = {
    {"made", SEED_MIA, "POST", "/v1/apikeys", "{\"name\":\"import\"}", 201,
     KEY_OF(MIA, "import", "MANAGER", ""),
     "SELECT concat(octet_length(key_hash), ' ', length(prefix), ' ', prefix LIKE 'dpk\\_%', ' ', "
     "expire_time = create_time + interval '1 year') FROM api_key",
     "32 8 t t"},
    {"it is recorded, without the key", SEED_MIA, "POST", "/v1/apikeys", "{\"name\":\"import\"}",
     201, KEY_OF(MIA, "import", "MANAGER", ""),
     "SELECT concat(actor, ':', action, ':', outcome, ':', object = (SELECT id::text FROM "
     "api_key), ':', depot_audit::text LIKE '%dpk%') FROM depot_audit",
     "mia:CreateApiKey:OK:t:f"},
    {"for little", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"role\":\"MEMBER\",\"scopes\":[\"inventory.read\",\"accounts.write\"]}",
     201, KEY_OF(MIA, "import", "MEMBER", "\"inventory.read\",\"accounts.write\""),
     "SELECT array_to_string(scopes, ' ') FROM api_key", "inventory.read accounts.write"},
    {"for as long as wanted", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"expireTime\":\"2030-01-02T03:04:05Z\"}", 201,
     KEY_OF(MIA, "import", "MANAGER", ""), "SELECT extract(epoch FROM expire_time) FROM api_key",
     "1893553445.000000"},
    {"void already", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"expireTime\":\"2020-01-01T00:00:00Z\"}", 400, OUT_OF_RANGE,
     "SELECT count(*) FROM api_key", "0"},
    {"for ever", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"expireTime\":\"9999-01-01T00:00:00Z\"}", 400, OUT_OF_RANGE,
     "SELECT count(*) FROM api_key", "0"},
    {"more than one may", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"role\":\"ADMIN\"}", 403, JSON_REFUSED, "SELECT count(*) FROM api_key",
     "0"},
    {"that is recorded, with the account", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"role\":\"ADMIN\"}", 403, JSON_REFUSED,
     "SELECT concat_ws(' ', actor_id, actor, action, object, client_address, request_id, outcome) "
     "FROM depot_audit",
     MIA " mia CreateApiKey " MIA " 192.0.2.1 test NOT_ALLOWED"},
    {"less than the token says since a moment ago",
     SEED_MIA "UPDATE account SET role = 'MEMBER' WHERE username = 'mia'", "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"role\":\"MANAGER\"}", 403, JSON_REFUSED,
     "SELECT count(*) FROM api_key", "0"},
    {"the name is taken", SEED_MIA SEED_KEY(KEY, MIA, "import"), "POST", "/v1/apikeys",
     "{\"name\":\"import\"}", 409, JSON_PROBLEM("ALREADY_EXISTS", "API_KEY_NAME_TAKEN"),
     "SELECT count(*) FROM api_key", "1"},
    {"somebody else's name", SEED_MIA SEED_ADA SEED_KEY(KEY, ADA, "import"), "POST", "/v1/apikeys",
     "{\"name\":\"import\"}", 201, KEY_OF(MIA, "import", "MANAGER", ""),
     "SELECT count(*) FROM api_key", "2"},
    {"too many", SEED_MIA MANY_KEYS("interval '1 day'"), "POST", "/v1/apikeys",
     "{\"name\":\"import\"}", 409, JSON_PROBLEM("FAILED_PRECONDITION", "TOO_MANY_API_KEYS"),
     "SELECT count(*) FROM api_key", "20"},
    {"expired ones do not count", SEED_MIA MANY_KEYS("interval '-1 day'"), "POST", "/v1/apikeys",
     "{\"name\":\"import\"}", 201, KEY_OF(MIA, "import", "MANAGER", ""),
     "SELECT count(*) FROM api_key", "21"},
    {"a scope of no form", SEED_MIA, "POST", "/v1/apikeys",
     "{\"name\":\"import\",\"scopes\":[\"inventory.read\",\"all\"]}", 400,
     JSON_INVALID("BAD_FORMAT", POINTER("/scopes/1")), "SELECT count(*) FROM api_key", "0"},
    {"no name", SEED_MIA, "POST", "/v1/apikeys", "{}", 400,
     JSON_INVALID("REQUIRED", POINTER("/name")), NULL, NULL},
    {"removed meanwhile", SEED_ADA, "POST", "/v1/apikeys", "{\"name\":\"import\"}", 404,
     JSON_NOT_FOUND, "SELECT count(*) FROM api_key", "0"},
};

Test(create_api_key, cases)
{
    rpc_cases_run_as(&accounts_service, &as_mia, cases, N_OF(cases));
}

static const struct rpc_case without[] = {
    {"without an account", SEED_ADA, "POST", "/v1/apikeys", "{\"name\":\"import\"}", 404,
     JSON_NOT_FOUND, "SELECT count(*) FROM api_key", "0"},
};

Test(create_api_key, without_an_account)
{
    rpc_cases_run(&accounts_service, without, N_OF(without));
}
