#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define FREE(query)        "/v1/cars/" CAR "/free-periods" query
#define JANUARY            FREE("?startTime=2030-01-01T00:00:00Z&endTime=2030-02-01T00:00:00Z")
#define PERIOD(start, end) "{\"startTime\":\"" start "\",\"endTime\":\"" end "\"}"
#define BOOKED                                                                                     \
    SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-05,2030-01-10)")                                \
        SEED_ALLOCATION(LATER, CAR, "[2030-01-10,2030-01-20)")

static const struct rpc_case cases[] = {
    {"the gaps of a window", BOOKED, "GET", JANUARY, NULL, 200,
     "{\"freePeriods\":[" PERIOD("2030-01-01T00:00:00Z", "2030-01-05T00:00:00Z") "," PERIOD(
         "2030-01-20T00:00:00Z", "2030-02-01T00:00:00Z") "]}",
     NULL, NULL},
    {"nothing is booked", SEED_CAR, "GET", JANUARY, NULL, 200,
     "{\"freePeriods\":[" PERIOD("2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z") "]}", NULL, NULL},
    {"without an end", BOOKED, "GET", FREE("?startTime=2030-01-06T00:00:00Z"), NULL, 200,
     "{\"freePeriods\":[{\"startTime\":\"2030-01-20T00:00:00Z\"}]}", NULL, NULL},
    {"from now on", SEED_CAR, "GET", FREE(""), NULL, 200,
     "{\"freePeriods\":[{\"startTime\":\"<time>\"}]}", NULL, NULL},
    {"taken for ever", SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)"), "GET", JANUARY, NULL, 200,
     "{\"freePeriods\":[]}", NULL, NULL},
    {"a window that is over", SEED_CAR, "GET", FREE("?endTime=2020-01-01T00:00:00Z"), NULL, 200,
     "{\"freePeriods\":[]}", NULL, NULL},
    {"a reversed window", SEED_CAR, "GET",
     FREE("?startTime=2030-01-03T00:00:00Z&endTime=2030-01-02T00:00:00Z"), NULL, 400,
     JSON_INVALID("PERIOD_REVERSED", PARAMETER("endTime")), NULL, NULL},
    {"no such vehicle", SEED_CAR, "GET", "/v1/cars/" NONE "/free-periods", NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
    {"of another type", SEED_CAR, "GET", "/v1/trucks/" CAR "/free-periods", NULL, 404,
     JSON_NOT_FOUND, NULL, NULL},
    {"an unknown type", SEED_CAR, "GET", "/v1/boats/" CAR "/free-periods", NULL, 404,
     JSON_TYPE_UNKNOWN, NULL, NULL},
};

Test(list_free_periods, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
