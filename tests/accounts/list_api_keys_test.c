#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED                                                                                       \
    SEED_ADA SEED_EVE SEED_KEY(KEY, ADA, "import") SEED_KEY(KEY_2, ADA, "export")                  \
        SEED_KEY(SESSION_3, EVE, "backup")

#define JSON_KEY(id, user_id, name)                                                                \
    "{\"id\":\"" id "\",\"userId\":\"" user_id "\",\"name\":\"" name                               \
    "\",\"role\":\"MEMBER\",\"scopes\":[\"inventory.read\"],\"expireTime\":\"<time>\","            \
    "\"createTime\":\"<time>\",\"prefix\":\"dpk_abcd\"}"

#define PAGE(keys)       "{\"apiKeys\":[" keys "],\"nextPageToken\":\"\"}"
#define FIRST_PAGE(keys) "{\"apiKeys\":[" keys "],\"nextPageToken\":\"<text>\"}"

#define ADAS JSON_KEY(KEY, ADA, "import") "," JSON_KEY(KEY_2, ADA, "export")

static const struct rpc_case of_members[] = {
    {"none", SEED_ADA, "GET", "/v1/apikeys", NULL, 200, PAGE(""), NULL, NULL},
    {"one's own", SEED, "GET", "/v1/apikeys", NULL, 200, PAGE(ADAS), NULL, NULL},
    {"one's own by id", SEED, "GET", "/v1/apikeys?userId=" ADA, NULL, 200, PAGE(ADAS), NULL, NULL},
    {"a page", SEED, "GET", "/v1/apikeys?pageSize=1", NULL, 200,
     FIRST_PAGE(JSON_KEY(KEY, ADA, "import")), NULL, NULL},
    {"not somebody else's", SEED, "GET", "/v1/apikeys?userId=" EVE, NULL, 200, PAGE(""), NULL,
     NULL},
    {"nobody's", SEED, "GET", "/v1/apikeys?userId=eve", NULL, 200, PAGE(""), NULL, NULL},
    {"somebody's token", SEED, "GET", "/v1/apikeys?pageToken=AAAA", NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
};

Test(list_api_keys, members)
{
    rpc_cases_run_as(&accounts_service, &as_ada, of_members, N_OF(of_members));
}

static const struct rpc_case of_admins[] = {
    {"one's own", SEED, "GET", "/v1/apikeys", NULL, 200, PAGE(JSON_KEY(SESSION_3, EVE, "backup")),
     NULL, NULL},
    {"somebody else's", SEED, "GET", "/v1/apikeys?userId=" ADA, NULL, 200, PAGE(ADAS), NULL, NULL},
};

Test(list_api_keys, admins)
{
    rpc_cases_run_as(&accounts_service, &as_eve, of_admins, N_OF(of_admins));
}
