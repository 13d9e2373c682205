#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define BOOKED SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-01,2030-01-02)")

static const struct rpc_case cases[] = {

    {"found", BOOKED, "GET", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 200,
     JSON_ALLOCATION(TAKEN, CAR, "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"), NULL, NULL},
    {"without ends, unset times are absent", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "GET",
     "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 200,
     "{\"id\":\"" TAKEN "\",\"resourceType\":\"cars\",\"resourceId\":\"" CAR
     "\",\"kind\":\"BOOKING\",\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\","
     "\"ownerId\":\"\"}",
     NULL, NULL},
    {"microseconds",
     SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-01 00:00:00.000001,2030-01-01 00:00:00.5)"),
     "GET", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 200,
     JSON_ALLOCATION(TAKEN, CAR, "2030-01-01T00:00:00.000001Z", "2030-01-01T00:00:00.500Z"), NULL,
     NULL},
    {"before 1970",
     SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[0001-01-01 00:00:00,1969-12-31 23:59:59.999999)"),
     "GET", "/v1/cars/" CAR "/allocations/" TAKEN, NULL, 200,
     JSON_ALLOCATION(TAKEN, CAR, "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z"), NULL,
     NULL},
    {"not there", BOOKED, "GET", "/v1/cars/" CAR "/allocations/" NONE, NULL, 404, JSON_NOT_FOUND,
     NULL, NULL},
    {"of another vehicle", BOOKED SEED_RESOURCE(CAR_2, "cars", "Polo"), "GET",
     "/v1/cars/" CAR_2 "/allocations/" TAKEN, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"of another type", BOOKED, "GET", "/v1/trucks/" CAR "/allocations/" TAKEN, NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
    {"an id that is none", BOOKED, "GET", "/v1/cars/" CAR "/allocations/1", NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
    {"an unknown type", BOOKED, "GET", "/v1/boats/" CAR "/allocations/" TAKEN, NULL, 404,
     JSON_TYPE_UNKNOWN, NULL, NULL},
};

Test(get_allocation, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
