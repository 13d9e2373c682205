#include <criterion/criterion.h>

#include "depot/accounts/v1/accounts.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

/* Three events, the second one by nobody who is known. */
#define SEED                                                                                       \
    "INSERT INTO depot_audit (actor_id, actor, action, object, client_address, request_id, "       \
    "outcome) VALUES ('" ADA "', 'ada', 'UpdateMe', '" ADA "', '192.0.2.1', 'r1', 'OK'), "         \
    "(NULL, '', 'Login', 'eve', '192.0.2.2', 'r2', 'LOGIN_FAILED'), "                              \
    "('" EVE "', 'eve', 'Login', 'eve', '192.0.2.3', 'r3', 'OK');"

#define JSON_EVENT(actor_id, actor, action, object, address, outcome, request_id)                  \
    "{\"id\":\"<text>\",\"time\":\"<time>\",\"actorId\":\"" actor_id "\",\"action\":\"" action     \
    "\",\"object\":\"" object "\",\"clientAddress\":\"" address "\",\"outcome\":\"" outcome        \
    "\",\"requestId\":\"" request_id "\",\"actor\":\"" actor "\"}"

#define FIRST  JSON_EVENT(ADA, "ada", "UpdateMe", ADA, "192.0.2.1", "OK", "r1")
#define SECOND JSON_EVENT("", "", "Login", "eve", "192.0.2.2", "LOGIN_FAILED", "r2")
#define THIRD  JSON_EVENT(EVE, "eve", "Login", "eve", "192.0.2.3", "OK", "r3")

#define PAGE(events)       "{\"auditEvents\":[" events "],\"nextPageToken\":\"\"}"
#define FIRST_PAGE(events) "{\"auditEvents\":[" events "],\"nextPageToken\":\"<text>\"}"
#define TARGET(parameters) "/v1/audit-events?" parameters

static const struct rpc_case cases[] = {
    {"nothing", NULL, "GET", "/v1/audit-events", NULL, 200, PAGE(""), NULL, NULL},
    {"newest first", SEED, "GET", "/v1/audit-events", NULL, 200, PAGE(THIRD "," SECOND "," FIRST),
     NULL, NULL},
    {"a page", SEED, "GET", TARGET("pageSize=2"), NULL, 200, FIRST_PAGE(THIRD "," SECOND), NULL,
     NULL},
    {"of an action", SEED, "GET", TARGET("filter=action%20%3D%20%22Login%22"), NULL, 200,
     PAGE(THIRD "," SECOND), NULL, NULL},
    {"of an account", SEED, "GET", TARGET("filter=actorId%20%3D%20%22" ADA "%22"), NULL, 200,
     PAGE(FIRST), NULL, NULL},
    {"of nobody who is known", SEED, "GET", TARGET("filter=actorId%20%3D%20%22%22"), NULL, 200,
     PAGE(SECOND), NULL, NULL},
    {"by a name", SEED, "GET", TARGET("filter=actor%20%3D%20%22eve%22"), NULL, 200, PAGE(THIRD),
     NULL, NULL},
    {"failures", SEED, "GET", TARGET("filter=outcome%20!%3D%20%22OK%22"), NULL, 200, PAGE(SECOND),
     NULL, NULL},
    {"since a time", SEED, "GET", TARGET("filter=time%20%3E%20%222999-01-01T00:00:00Z%22"), NULL,
     200, PAGE(""), NULL, NULL},
    {"somebody's token", SEED, "GET", TARGET("pageToken=AAAA"), NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
};

Test(list_audit_events, cases)
{
    rpc_cases_run_as(&accounts_service, &as_eve, cases, N_OF(cases));
}

static const struct rpc_case refused[] = {
    {"a manager", SEED, "GET", "/v1/audit-events", NULL, 403, JSON_REFUSED, NULL, NULL},
};

Test(list_audit_events, refused)
{
    rpc_cases_run_as(&accounts_service, &as_mia, refused, N_OF(refused));
}
