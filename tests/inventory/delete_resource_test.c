#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {

    {"removed", SEED_CAR, "DELETE", "/v1/cars/" CAR, NULL, 204, NULL,
     "SELECT count(*) FROM resource", "0"},
    {"with past allocations", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2020-01-01,2020-01-02)"),
     "DELETE", "/v1/cars/" CAR, NULL, 204, NULL, "SELECT count(*) FROM allocation", "0"},
    {"in use in the future", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2120-01-01,2120-01-02)"),
     "DELETE", "/v1/cars/" CAR, NULL, 409, JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"),
     "SELECT count(*) FROM allocation", "1"},
    {"in use now", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2020-01-01,2120-01-02)"), "DELETE",
     "/v1/cars/" CAR, NULL, 409, JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"), NULL,
     NULL},
    {"in use for ever", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2020-01-01,)"), "DELETE",
     "/v1/cars/" CAR, NULL, 409, JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"), NULL,
     NULL},
    {"not forced", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "DELETE",
     "/v1/cars/" CAR "?force=false", NULL, 409,
     JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"), NULL, NULL},
    {"forced", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "DELETE", "/v1/cars/" CAR "?force=true",
     NULL, 204, NULL, "SELECT count(*) FROM allocation", "0"},
    {"another vehicle is in use",
     SEED_CAR SEED_RESOURCE(CAR_2, "cars", "Polo") SEED_ALLOCATION(TAKEN, CAR_2, "(,)"), "DELETE",
     "/v1/cars/" CAR, NULL, 204, NULL, "SELECT count(*) FROM resource", "1"},
    {"not there", SEED_CAR, "DELETE", "/v1/cars/" NONE, NULL, 404, JSON_NOT_FOUND,
     "SELECT count(*) FROM resource", "1"},
    {"not there, forced", SEED_CAR, "DELETE", "/v1/cars/" NONE "?force=true", NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
    {"of another type", SEED_CAR, "DELETE", "/v1/trucks/" CAR "?force=true", NULL, 404,
     JSON_NOT_FOUND, "SELECT count(*) FROM resource", "1"},
    {"an unknown type", SEED_CAR, "DELETE", "/v1/boats/" CAR, NULL, 404, JSON_TYPE_UNKNOWN, NULL,
     NULL},
    {"neither true nor false", SEED_CAR, "DELETE", "/v1/cars/" CAR "?force=yes", NULL, 400,
     JSON_INVALID("WRONG_TYPE", PARAMETER("force")), "SELECT count(*) FROM resource", "1"},
};

Test(delete_resource, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}

Test(delete_resource, if_match)
{
    static const struct rpc_case now[] = {
        {"the version that it has", SEED_CAR, "DELETE", "/v1/cars/" CAR, NULL, 204, NULL,
         "SELECT count(*) FROM resource", "0"},
        {"of what has been changed", SEED_CAR "UPDATE resource SET version = 2;", "DELETE",
         "/v1/cars/" CAR, NULL, 412, JSON_PROBLEM("ABORTED", "ETAG_MISMATCH"),
         "SELECT count(*) FROM resource", "1"},
        {"forced, too", SEED_CAR "UPDATE resource SET version = 21;", "DELETE",
         "/v1/cars/" CAR "?force=true", NULL, 412, JSON_PROBLEM("ABORTED", "ETAG_MISMATCH"),
         "SELECT count(*) FROM resource", "1"},
        {"before its use is looked at",
         SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)") "UPDATE resource SET version = 2;", "DELETE",
         "/v1/cars/" CAR, NULL, 412, JSON_PROBLEM("ABORTED", "ETAG_MISMATCH"), NULL, NULL},
        {"in use", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "DELETE", "/v1/cars/" CAR, NULL,
         409, JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"), NULL, NULL},
        {"of what is not there", SEED_CAR, "DELETE", "/v1/cars/" NONE, NULL, 404, JSON_NOT_FOUND,
         NULL, NULL},
    };
    static const struct rpc_case any[] = {
        {"any", SEED_CAR "UPDATE resource SET version = 7;", "DELETE", "/v1/cars/" CAR, NULL, 204,
         NULL, "SELECT count(*) FROM resource", "0"},
    };

    rpc_cases_run_if_match(&inventory_service, "1", now, sizeof(now) / sizeof(now[0]));
    rpc_cases_run_if_match(&inventory_service, "*", any, sizeof(any) / sizeof(any[0]));
}

Test(delete_resource, validate_only)
{
    static const struct rpc_case tried[] = {
        {"would be removed", SEED_CAR, "DELETE", "/v1/cars/" CAR "?validateOnly=true", NULL, 204,
         NULL, "SELECT count(*) FROM resource", "1"},
        {"would be refused", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "DELETE",
         "/v1/cars/" CAR "?validateOnly=true", NULL, 409,
         JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"), NULL, NULL},
        {"would take its allocations with it", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"),
         "DELETE", "/v1/cars/" CAR "?force=true&validateOnly=true", NULL, 204, NULL,
         "SELECT count(*) FROM allocation", "1"},
    };

    rpc_cases_run(&inventory_service, tried, sizeof(tried) / sizeof(tried[0]));
}
