#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED     SEED_ADA SEED_MIA SEED_EVE
#define JSON_ADA JSON_USER(ADA, "ada", "MEMBER")
#define JSON_MIA JSON_USER(MIA, "mia", "MANAGER")
#define JSON_EVE JSON_USER(EVE, "eve", "ADMIN")

#define PAGE(users)        "{\"users\":[" users "],\"nextPageToken\":\"\"}"
#define FIRST_PAGE(users)  "{\"users\":[" users "],\"nextPageToken\":\"<text>\"}"
#define TARGET(parameters) "/v1/users?" parameters

static const struct rpc_case cases[] = {
    {"nobody", NULL, "GET", "/v1/users", NULL, 200, PAGE(""), NULL, NULL},
    {"everybody", SEED, "GET", "/v1/users", NULL, 200, PAGE(JSON_ADA "," JSON_MIA "," JSON_EVE),
     NULL, NULL},
    {"a page", SEED, "GET", TARGET("pageSize=2"), NULL, 200, FIRST_PAGE(JSON_ADA "," JSON_MIA),
     NULL, NULL},
    {"by name", SEED, "GET", TARGET("orderBy=username"), NULL, 200,
     PAGE(JSON_ADA "," JSON_EVE "," JSON_MIA), NULL, NULL},
    {"by name, a page", SEED, "GET", TARGET("orderBy=username%20desc&pageSize=1"), NULL, 200,
     FIRST_PAGE(JSON_MIA), NULL, NULL},
    {"of a role", SEED, "GET", TARGET("filter=role%20%3D%20MANAGER"), NULL, 200, PAGE(JSON_MIA),
     NULL, NULL},
    {"inactive ones", SEED "UPDATE account SET active = false WHERE username <> 'mia'", "GET",
     TARGET("filter=active%20%3D%20true"), NULL, 200, PAGE(JSON_MIA), NULL, NULL},
    {"by address", SEED, "GET", TARGET("filter=email%20%3D%20%22eve%40example.org%22"), NULL, 200,
     PAGE(JSON_EVE), NULL, NULL},
    {"nothing by password", SEED, "GET", TARGET("filter=password%20%3D%20%22x%22"), NULL, 400,
     JSON_INVALID("BAD_FILTER", PARAMETER("filter")), NULL, NULL},
    {"somebody's token", SEED, "GET", TARGET("pageToken=AAAA"), NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
};

Test(list_users, cases)
{
    rpc_cases_run_as(&accounts_service, &as_eve, cases, N_OF(cases));
}

static const struct rpc_case refused[] = {
    {"a manager", SEED, "GET", "/v1/users", NULL, 403, JSON_REFUSED, NULL, NULL},
};

Test(list_users, refused)
{
    rpc_cases_run_as(&accounts_service, &as_mia, refused, N_OF(refused));
}
