#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define CALENDAR "/v1/cars/" CAR "/allocations"
#define ID_0     "01900000-0000-7000-8000-000000000010"
#define ID_3     "01900000-0000-7000-8000-000000000013"

/* Stored in another order than that of their starts. */
#define FOUR                                                                                       \
    SEED_CAR SEED_ALLOCATION(LATER, CAR, "[2030-01-05,2030-01-06)")                                \
        SEED_ALLOCATION(ID_3, CAR, "[2030-02-01,)") SEED_ALLOCATION(ID_0, CAR, "(,2029-01-01)")    \
            SEED_ALLOCATION(TAKEN, CAR, "[2030-01-01,2030-01-03)")

#define REST                                                                                       \
    "\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\",\"ownerId\":\"\","           \
    "\"resourceType\":\"cars\","                                                                   \
    "\"kind\":\"BOOKING\",\"resourceId\":\"" CAR "\"}"
#define SINCE_EVER "{\"id\":\"" ID_0 "\",\"endTime\":\"2029-01-01T00:00:00Z\"," REST
#define FOR_EVER   "{\"id\":\"" ID_3 "\",\"startTime\":\"2030-02-01T00:00:00Z\"," REST
#define FIRST      JSON_ALLOCATION(TAKEN, CAR, "2030-01-01T00:00:00Z", "2030-01-03T00:00:00Z")
#define SECOND     JSON_ALLOCATION(LATER, CAR, "2030-01-05T00:00:00Z", "2030-01-06T00:00:00Z")

static const struct rpc_case cases[] = {

    {"empty", SEED_CAR, "GET", CALENDAR, NULL, 200, "{\"allocations\":[],\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"ordered by start", FOUR, "GET", CALENDAR, NULL, 200,
     "{\"allocations\":[" SINCE_EVER "," FIRST "," SECOND "," FOR_EVER "],\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"a window chooses what overlaps it", FOUR, "GET",
     CALENDAR "?startTime=2030-01-02T00:00:00Z&endTime=2030-01-05T12:00:00Z", NULL, 200,
     "{\"allocations\":[" FIRST "," SECOND "],\"nextPageToken\":\"\"}", NULL, NULL},
    {"the window's ends are half open", FOUR, "GET",
     CALENDAR "?startTime=2030-01-03T00:00:00Z&endTime=2030-01-05T00:00:00Z", NULL, 200,
     "{\"allocations\":[],\"nextPageToken\":\"\"}", NULL, NULL},
    {"a window without a start", FOUR, "GET", CALENDAR "?endTime=2030-01-01T00:00:00Z", NULL, 200,
     "{\"allocations\":[" SINCE_EVER "],\"nextPageToken\":\"\"}", NULL, NULL},
    {"a window without an end", FOUR, "GET", CALENDAR "?startTime=2031-01-01T00:00:00Z", NULL, 200,
     "{\"allocations\":[" FOR_EVER "],\"nextPageToken\":\"\"}", NULL, NULL},
    {"an offset in the query", FOUR, "GET",
     CALENDAR "?startTime=2030-01-06T01:00:00%2B01:00&endTime=2030-01-06T00:00:00.000001Z", NULL,
     200, "{\"allocations\":[],\"nextPageToken\":\"\"}", NULL, NULL},
    {"a first page", FOUR, "GET", CALENDAR "?pageSize=2", NULL, 200,
     "{\"allocations\":[" SINCE_EVER "," FIRST "],\"nextPageToken\":\"<text>\"}", NULL, NULL},
    {"of another vehicle", FOUR SEED_RESOURCE(CAR_2, "cars", "Polo"), "GET",
     "/v1/cars/" CAR_2 "/allocations", NULL, 200, "{\"allocations\":[],\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"no such vehicle", FOUR, "GET", "/v1/cars/" NONE "/allocations", NULL, 404, JSON_NOT_FOUND,
     NULL, NULL},
    {"of another type", FOUR, "GET", "/v1/trucks/" CAR "/allocations", NULL, 404, JSON_NOT_FOUND,
     NULL, NULL},
    {"an unknown type", FOUR, "GET", "/v1/boats/" CAR "/allocations", NULL, 404, JSON_TYPE_UNKNOWN,
     NULL, NULL},
    {"a reversed window", FOUR, "GET",
     CALENDAR "?startTime=2030-01-03T00:00:00Z&endTime=2030-01-02T00:00:00Z", NULL, 400,
     JSON_INVALID("PERIOD_REVERSED", PARAMETER("endTime")), NULL, NULL},
    {"an empty window", FOUR, "GET",
     CALENDAR "?startTime=2030-01-03T00:00:00Z&endTime=2030-01-03T00:00:00Z", NULL, 400,
     JSON_INVALID("PERIOD_EMPTY", PARAMETER("endTime")), NULL, NULL},
    {"no time", FOUR, "GET", CALENDAR "?startTime=today", NULL, 400,
     JSON_INVALID("BAD_TIMESTAMP", PARAMETER("startTime")), NULL, NULL},
    {"a token of nobody", FOUR, "GET", CALENDAR "?pageToken=AAAA", NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
};

Test(list_allocations, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
