#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define BOOKED SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-01,2030-01-02)")

static const struct rpc_case cases[] = {

    {"given back", BOOKED, "DELETE", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 204, NULL,
     "SELECT count(*) FROM allocation", "0"},
    {"only the one", BOOKED SEED_ALLOCATION(LATER, CAR, "[2030-01-02,2030-01-03)"), "DELETE",
     "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 204, NULL, "SELECT id FROM allocation", LATER},
    {"not there", BOOKED, "DELETE", "/v1/cars/" CAR "/allocations/" NONE, NULL, 404, JSON_NOT_FOUND,
     "SELECT count(*) FROM allocation", "1"},
    {"of another vehicle", BOOKED SEED_RESOURCE(CAR_2, "cars", "Polo"), "DELETE",
     "/v1/cars/" CAR_2 "/allocations/" TAKEN, NULL, 404, JSON_NOT_FOUND,
     "SELECT count(*) FROM allocation", "1"},
    {"of another type", BOOKED, "DELETE", "/v1/trucks/" CAR "/allocations/" TAKEN, NULL, 404,
     JSON_NOT_FOUND, "SELECT count(*) FROM allocation", "1"},
    {"an unknown type", BOOKED, "DELETE", "/v1/boats/" CAR "/allocations/" TAKEN, NULL, 404,
     JSON_TYPE_UNKNOWN, NULL, NULL},
    {"an id that is none", BOOKED, "DELETE", "/v1/cars/" CAR "/allocations/x", NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
};

Test(delete_allocation, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}

#define OWNED BOOKED "UPDATE allocation SET owner_id = '" ADA "';"

static const struct rpc_case own[] = {
    {"one's own", OWNED, "DELETE", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 204, NULL,
     "SELECT actor || ' ' || outcome FROM depot_audit", "ada OK"},
};

static const struct rpc_case others[] = {
    {"somebody else's", OWNED, "DELETE", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 403,
     JSON_PROBLEM("PERMISSION_DENIED", "NOT_ALLOWED"),
     "SELECT count(*) || ' ' || (SELECT string_agg(actor || ' ' || action || ' ' || object || ' ' "
     "|| outcome, ',') FROM depot_audit) FROM allocation",
     "1 eve DeleteAllocation " TAKEN " NOT_ALLOWED"},
    {"nobody's", BOOKED, "DELETE", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 403,
     JSON_PROBLEM("PERMISSION_DENIED", "NOT_ALLOWED"), "SELECT count(*) FROM allocation", "1"},
};

Test(delete_allocation, only_of_ones_own)
{
    static const struct caller ada = {.id = ADA, .name = "ada", .role = PB_ROLE_MEMBER};
    static const struct caller eve = {.id = EVE, .name = "eve", .role = PB_ROLE_MEMBER};

    rpc_cases_run_as(&inventory_service, &ada, own, sizeof(own) / sizeof(own[0]));
    rpc_cases_run_as(&inventory_service, &eve, others, sizeof(others) / sizeof(others[0]));
}

Test(delete_allocation, if_match)
{
    static const struct rpc_case now[] = {
        {"the version that it has", BOOKED, "DELETE", "/v1/cars/" CAR "/allocations/" TAKEN, NULL,
         204, NULL, "SELECT count(*) FROM allocation", "0"},
        {"of what has been changed", BOOKED "UPDATE allocation SET version = 2;", "DELETE",
         "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 412, JSON_PROBLEM("ABORTED", "ETAG_MISMATCH"),
         "SELECT count(*) FROM allocation", "1"},
        {"of what is not there", BOOKED, "DELETE", "/v1/cars/" CAR "/allocations/" NONE, NULL, 404,
         JSON_NOT_FOUND, NULL, NULL},
        {"of another vehicle's", BOOKED SEED_RESOURCE(CAR_2, "cars", "Polo"), "DELETE",
         "/v1/cars/" CAR_2 "/allocations/" TAKEN, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    };
    static const struct rpc_case any[] = {
        {"any", BOOKED "UPDATE allocation SET version = 7;", "DELETE",
         "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 204, NULL, "SELECT count(*) FROM allocation",
         "0"},
    };

    rpc_cases_run_if_match(&inventory_service, "1", now, sizeof(now) / sizeof(now[0]));
    rpc_cases_run_if_match(&inventory_service, "*", any, sizeof(any) / sizeof(any[0]));
}

Test(delete_allocation, validate_only)
{
    static const struct rpc_case tried[] = {
        {"would be given back", BOOKED, "DELETE",
         "/v1/cars/" CAR "/allocations/" TAKEN "?validateOnly=true", NULL, 204, NULL,
         "SELECT count(*) FROM allocation", "1"},
    };

    rpc_cases_run(&inventory_service, tried, sizeof(tried) / sizeof(tried[0]));
}
