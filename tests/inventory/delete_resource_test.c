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

/* The whole record: who, what, to what, from where, with which request and outcome. */
#define RECORDED                                                                                   \
    "SELECT string_agg(concat_ws(' ', actor_id, actor, action, object, client_address, "           \
    "request_id, outcome), ',' ORDER BY action DESC, object) FROM depot_audit"
#define ROW(action, object) ADA " ada " action " " object " 192.0.2.1 test OK"

Test(delete_resource, record)
{
    static const struct caller manager = {.id = ADA, .name = "ada", .role = PB_ROLE_MANAGER};
    static const struct rpc_case by_a_manager[] = {
        {"forced, with what ends",
         SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2020-01-01,2020-01-02)")
             SEED_ALLOCATION(LATER, CAR, "[2120-01-01,)"),
         "DELETE", "/v1/cars/" CAR "?force=true", NULL, 204, NULL, RECORDED,
         ROW("DeleteResource", CAR) "," ROW("DeleteAllocation", TAKEN) "," ROW("DeleteAllocation",
                                                                               LATER)},
        {"what has ended goes, too",
         SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2020-01-01,2020-01-02)"), "DELETE", "/v1/cars/" CAR,
         NULL, 204, NULL, RECORDED, ROW("DeleteResource", CAR) "," ROW("DeleteAllocation", TAKEN)},
        {"not another vehicle's",
         SEED_CAR SEED_RESOURCE(CAR_2, "cars", "Polo") SEED_ALLOCATION(TAKEN, CAR_2, "(,)"),
         "DELETE", "/v1/cars/" CAR "?force=true", NULL, 204, NULL, RECORDED,
         ROW("DeleteResource", CAR)},
        {"nothing that stays", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "DELETE",
         "/v1/cars/" CAR, NULL, 409, JSON_PROBLEM("FAILED_PRECONDITION", "RESOURCE_IN_USE"),
         "SELECT count(*) FROM depot_audit", "0"},
        {"as many rows as bookings",
         SEED_CAR "INSERT INTO allocation (id, resource_id, kind, during, description, attributes) "
                  "SELECT gen_random_uuid(), '" CAR "', 'BOOKING', tstzrange(day, day + '1 hour'), "
                  "'', '{}' FROM generate_series(timestamptz '2030-01-01', timestamptz "
                  "'2030-01-01' + interval '2999 days', interval '1 day') AS days(day);",
         "DELETE", "/v1/cars/" CAR "?force=true", NULL, 204, NULL,
         "SELECT concat_ws('/', count(*), count(DISTINCT object), (SELECT count(*) FROM "
         "allocation)) FROM depot_audit WHERE action = 'DeleteAllocation'",
         "3000/3000/0"},
    };

    rpc_cases_run_as(&inventory_service, &manager, by_a_manager,
                     sizeof(by_a_manager) / sizeof(by_a_manager[0]));
}

/* Whose key it was, and which. */
Test(delete_resource, record_of_a_program)
{
    static const struct caller program = {
        .id = ADA, .name = "ada", .session = EVE, .role = PB_ROLE_MANAGER, .is_program = true};
    static const struct rpc_case by_a_program[] = {
        {"by an API key", SEED_CAR, "DELETE", "/v1/cars/" CAR, NULL, 204, NULL,
         "SELECT actor_id || ' ' || actor FROM depot_audit", ADA " ada (API key " EVE ")"},
    };

    rpc_cases_run_as(&inventory_service, &program, by_a_program,
                     sizeof(by_a_program) / sizeof(by_a_program[0]));
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
