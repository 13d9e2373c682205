#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define CALENDAR           "/v1/cars/" CAR "/allocations"
#define PERIOD(start, end) "{\"startTime\":\"" start "\",\"endTime\":\"" end "\"}"
#define TAKEN_ONE          SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-10,2030-01-20)")

#define OVERLAP_FOR_EVER                                                                           \
    "{\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"conflicts\":["                      \
    "{\"startTime\":\"2030-01-10T00:00:00Z\",\"endTime\":\"2030-01-20T00:00:00Z\"}]}"
#define OVERLAP(next)                                                                              \
    "{\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"conflicts\":["                      \
    "{\"startTime\":\"2030-01-10T00:00:00Z\",\"endTime\":\"2030-01-20T00:00:00Z\"}],"              \
    "\"nextAvailable\":\"" next "\"}"

static const struct rpc_case cases[] = {

    {"booked", SEED_CAR, "POST", CALENDAR, PERIOD("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"),
     201, JSON_ALLOCATION("<uuid>", CAR, "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"),
     "SELECT during FROM allocation", "[\"2030-01-01 00:00:00+00\",\"2030-01-02 00:00:00+00\")"},
    {"all members", SEED_CAR, "POST", CALENDAR,
     "{\"startTime\":\"2030-01-01T02:00:00.000001+02:00\",\"endTime\":\"2030-01-01T00:00:01-00:"
     "30\","
     "\"kind\":\"MAINTENANCE\",\"description\":\"brakes\",\"attributes\":{\"by\":\"us\"}}",
     201,
     "{\"id\":\"<uuid>\",\"resourceType\":\"cars\",\"resourceId\":\"" CAR
     "\",\"kind\":\"MAINTENANCE\",\"startTime\":\"2030-01-01T00:00:00.000001Z\","
     "\"endTime\":\"2030-01-01T00:30:01Z\",\"description\":\"brakes\",\"attributes\":{\"by\":"
     "\"us\"},"
     "\"createTime\":\"<time>\",\"ownerId\":\"\"}",
     NULL, NULL},
    {"both spellings, and a kind by number", SEED_CAR, "POST", CALENDAR,
     "{\"start_time\":\"2030-01-01T00:00:00Z\",\"end_time\":\"2030-01-02T00:00:00Z\",\"kind\":1}",
     201, JSON_ALLOCATION("<uuid>", CAR, "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"), NULL,
     NULL},
    {"for ever", SEED_CAR, "POST", CALENDAR, "{\"unbounded\":true}", 201,
     "{\"id\":\"<uuid>\",\"resourceType\":\"cars\",\"resourceId\":\"" CAR
     "\",\"kind\":\"BOOKING\",\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\","
     "\"ownerId\":\"\"}",
     "SELECT during FROM allocation", "(,)"},
    {"until further notice", SEED_CAR, "POST", CALENDAR, "{\"startTime\":\"2030-01-01T00:00:00Z\"}",
     201,
     "{\"id\":\"<uuid>\",\"resourceType\":\"cars\",\"resourceId\":\"" CAR
     "\",\"kind\":\"BOOKING\",\"startTime\":\"2030-01-01T00:00:00Z\",\"description\":\"\","
     "\"attributes\":{},\"createTime\":\"<time>\",\"ownerId\":\"\"}",
     "SELECT during FROM allocation", "[\"2030-01-01 00:00:00+00\",)"},
    {"the identical period", TAKEN_ONE, "POST", CALENDAR,
     PERIOD("2030-01-10T00:00:00Z", "2030-01-20T00:00:00Z"), 409, OVERLAP("2030-01-20T00:00:00Z"),
     "SELECT count(*) FROM allocation", "1"},
    {"an enclosing one", TAKEN_ONE, "POST", CALENDAR,
     PERIOD("2030-01-01T00:00:00Z", "2030-01-30T00:00:00Z"), 409, OVERLAP("2030-01-20T00:00:00Z"),
     NULL, NULL},
    {"an enclosed one", TAKEN_ONE, "POST", CALENDAR,
     PERIOD("2030-01-12T00:00:00Z", "2030-01-13T00:00:00Z"), 409, OVERLAP("2030-01-20T00:00:00Z"),
     NULL, NULL},
    {"from ever into it: never free", TAKEN_ONE, "POST", CALENDAR,
     "{\"endTime\":\"2030-01-25T00:00:00Z\"}", 409, OVERLAP_FOR_EVER, NULL, NULL},
    {"out of it for ever", TAKEN_ONE, "POST", CALENDAR, "{\"startTime\":\"2030-01-05T00:00:00Z\"}",
     409, OVERLAP("2030-01-20T00:00:00Z"), NULL, NULL},
    {"everything", TAKEN_ONE, "POST", CALENDAR, "{\"unbounded\":true}", 409, OVERLAP_FOR_EVER, NULL,
     NULL},
    {"the neighbour before", TAKEN_ONE, "POST", CALENDAR,
     PERIOD("2030-01-01T00:00:00Z", "2030-01-10T00:00:00Z"), 201, "\"<any>\"",
     "SELECT count(*) FROM allocation", "2"},
    {"the neighbour after", TAKEN_ONE, "POST", CALENDAR,
     PERIOD("2030-01-20T00:00:00Z", "2030-01-30T00:00:00Z"), 201, "\"<any>\"",
     "SELECT count(*) FROM allocation", "2"},
    {"the next gap that is long enough",
     TAKEN_ONE SEED_ALLOCATION(LATER, CAR, "[2030-01-21,2030-01-25)"), "POST", CALENDAR,
     PERIOD("2030-01-15T00:00:00Z", "2030-01-17T00:00:00Z"), 409, OVERLAP("2030-01-25T00:00:00Z"),
     NULL, NULL},
    {"a gap that is just long enough",
     TAKEN_ONE SEED_ALLOCATION(LATER, CAR, "[2030-01-21,2030-01-25)"), "POST", CALENDAR,
     PERIOD("2030-01-15T00:00:00Z", "2030-01-16T00:00:00Z"), 409, OVERLAP("2030-01-20T00:00:00Z"),
     NULL, NULL},
    {"never free again", TAKEN_ONE SEED_ALLOCATION(LATER, CAR, "[2030-01-20,)"), "POST", CALENDAR,
     PERIOD("2030-01-15T00:00:00Z", "2030-01-16T00:00:00Z"), 409, OVERLAP_FOR_EVER, NULL, NULL},
    {"no such vehicle", SEED_CAR, "POST", "/v1/cars/" NONE "/allocations", "{\"unbounded\":true}",
     404, JSON_NOT_FOUND, "SELECT count(*) FROM allocation", "0"},
    {"of another type", SEED_CAR, "POST", "/v1/trucks/" CAR "/allocations", "{\"unbounded\":true}",
     404, JSON_NOT_FOUND, NULL, NULL},
    {"an unknown type", SEED_CAR, "POST", "/v1/boats/" CAR "/allocations", "{\"unbounded\":true}",
     404, JSON_TYPE_UNKNOWN, NULL, NULL},
    {"no period", SEED_CAR, "POST", CALENDAR, "{}", 400,
     JSON_INVALID("PERIOD_MISSING", POINTER("")), NULL, NULL},
    {"unbounded on no purpose", SEED_CAR, "POST", CALENDAR, "{\"unbounded\":false}", 400,
     JSON_INVALID("PERIOD_MISSING", POINTER("")), NULL, NULL},
    {"empty", SEED_CAR, "POST", CALENDAR, PERIOD("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
     400, JSON_INVALID("PERIOD_EMPTY", POINTER("/endTime")), NULL, NULL},
    {"reversed", SEED_CAR, "POST", CALENDAR, PERIOD("2030-01-02T00:00:00Z", "2030-01-01T00:00:00Z"),
     400, JSON_INVALID("PERIOD_REVERSED", POINTER("/endTime")), "SELECT count(*) FROM allocation",
     "0"},
    {"contradictory", SEED_CAR, "POST", CALENDAR,
     "{\"unbounded\":true,\"endTime\":\"2030-01-01T00:00:00Z\"}", 400,
     JSON_INVALID("PERIOD_CONTRADICTORY", POINTER("/unbounded")), NULL, NULL},
    {"finer than the database keeps", SEED_CAR, "POST", CALENDAR,
     PERIOD("2030-01-01T00:00:00.0000001Z", "2030-01-01T00:00:00.0000002Z"), 400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"BAD_TIMESTAMP\",\"errors\":["
     "{\"pointer\":\"/startTime\",\"reason\":\"BAD_TIMESTAMP\"},"
     "{\"pointer\":\"/endTime\",\"reason\":\"BAD_TIMESTAMP\"}]}",
     NULL, NULL},
    {"tried", SEED_CAR, "POST", CALENDAR "?validateOnly=true",
     PERIOD("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"), 201,
     JSON_ALLOCATION("<uuid>", CAR, "2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"),
     "SELECT count(*) FROM allocation", "0"},
    {"tried in vain", TAKEN_ONE, "POST", CALENDAR "?validateOnly=true", "{\"unbounded\":true}", 409,
     OVERLAP_FOR_EVER, "SELECT count(*) FROM allocation", "1"},
};

Test(create_allocation, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
