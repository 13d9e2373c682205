#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define TARGET "/v1/cars/" CAR "/allocations/" TAKEN
#define DAY(n) "2030-01-" n "T00:00:00Z"

/* What is changed lies from the 10th to the 20th, its neighbour from the 20th to the 25th. */
#define ONE  SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-10,2030-01-20)")
#define TWO  ONE SEED_ALLOCATION(LATER, CAR, "[2030-01-20,2030-01-25)")
#define ALL  SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,)")
#define FROM SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "[2030-01-10,)")
#define TO   SEED_CAR SEED_ALLOCATION(TAKEN, CAR, "(,2030-01-20)")

#define START(day)       "\"startTime\":\"" DAY(day) "\""
#define END(day)         "\"endTime\":\"" DAY(day) "\""
#define PERIOD(from, to) "{" START(from) "," END(to) "}"

#define JSON(period, kind, description, attributes)                                                \
    "{\"id\":\"" TAKEN "\",\"resourceType\":\"cars\",\"resourceId\":\"" CAR "\",\"kind\":\"" kind  \
    "\"," period "\"description\":\"" description "\",\"attributes\":" attributes                  \
    ",\"createTime\":\"<time>\",\"ownerId\":\"\"}"
#define MOVED(period) JSON(period, "BOOKING", "", "{}")

#define OVERLAP                                                                                    \
    "{\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"conflicts\":[{" START(              \
        "20") "," END("25") "}],\"nextAvailable\":\"" DAY("25") "\"}"
#define OVERLAP_FOR_EVER                                                                           \
    "{\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"conflicts\":[{" START(              \
        "20") "," END("25") "}]}"

#define WHERE " FROM allocation WHERE id = '" TAKEN "'"
#define STATE "SELECT version || ' ' || during" WHERE
#define IS(version, from, to)                                                                      \
    STATE, version " [\"2030-01-" from " 00:00:00+00\",\"2030-01-" to " 00:00:00+00\")"
#define NEW IS("1", "10", "20")

/* --- every way in which a period can lie to another one --- */

static const struct rpc_case moves[] = {

    {"onto itself", TWO, "PATCH", TARGET, PERIOD("10", "20"), 200,
     MOVED(START("10") "," END("20") ","), IS("2", "10", "20")},
    {"into itself", TWO, "PATCH", TARGET, PERIOD("12", "15"), 200,
     MOVED(START("12") "," END("15") ","), IS("2", "12", "15")},
    {"over its own start", TWO, "PATCH", TARGET, PERIOD("05", "15"), 200,
     MOVED(START("05") "," END("15") ","), IS("2", "05", "15")},
    {"around itself", TWO, "PATCH", TARGET, PERIOD("05", "20"), 200,
     MOVED(START("05") "," END("20") ","), IS("2", "05", "20")},
    {"away, before", TWO, "PATCH", TARGET, PERIOD("01", "02"), 200,
     MOVED(START("01") "," END("02") ","), IS("2", "01", "02")},
    {"away, up to the neighbour", TWO, "PATCH", TARGET, PERIOD("15", "20"), 200,
     MOVED(START("15") "," END("20") ","), IS("2", "15", "20")},
    {"away, behind the neighbour", TWO, "PATCH", TARGET, PERIOD("25", "30"), 200,
     MOVED(START("25") "," END("30") ","), IS("2", "25", "30")},
    {"over the neighbour's start", TWO, "PATCH", TARGET, PERIOD("15", "21"), 409, OVERLAP, NEW},
    {"over the neighbour's end", TWO, "PATCH", TARGET, PERIOD("24", "30"), 409, OVERLAP, NEW},
    {"onto the neighbour", TWO, "PATCH", TARGET, PERIOD("20", "25"), 409, OVERLAP, NEW},
    {"into the neighbour", TWO, "PATCH", TARGET, PERIOD("21", "22"), 409, OVERLAP, NEW},
    {"into it from its start on", TWO, "PATCH", TARGET, PERIOD("20", "22"), 409, OVERLAP, NEW},
    {"into it up to its end", TWO, "PATCH", TARGET, PERIOD("22", "25"), 409, OVERLAP, NEW},
    {"around the neighbour", TWO, "PATCH", TARGET, PERIOD("19", "26"), 409, OVERLAP, NEW},
    {"around both", TWO, "PATCH", TARGET, PERIOD("05", "26"), 409, OVERLAP, NEW},
    {"since ever, up to the neighbour", TWO, "PATCH", TARGET, "{\"startTime\":null," END("20") "}",
     200, MOVED(END("20") ","), STATE, "2 (,\"2030-01-20 00:00:00+00\")"},
    {"since ever, into the neighbour", TWO, "PATCH", TARGET, "{\"startTime\":null," END("21") "}",
     409, OVERLAP_FOR_EVER, NEW},
    {"for ever, behind the neighbour", TWO, "PATCH", TARGET, "{" START("25") ",\"endTime\":null}",
     200, MOVED(START("25") ","), STATE, "2 [\"2030-01-25 00:00:00+00\",)"},
    {"for ever, out of the neighbour", TWO, "PATCH", TARGET, "{" START("24") ",\"endTime\":null}",
     409, OVERLAP, NEW},
    {"for ever, from before the neighbour", TWO, "PATCH", TARGET, "{\"endTime\":null}", 409,
     OVERLAP, NEW},
    {"since ever and for ever", TWO, "PATCH", TARGET, "{\"unbounded\":true}", 409, OVERLAP_FOR_EVER,
     NEW},
    {"since ever and for ever, alone", ONE, "PATCH", TARGET, "{\"unbounded\":true}", 200, MOVED(""),
     STATE, "2 (,)"},
    {"all that is in the way is named, in order",
     TWO SEED_ALLOCATION(NONE, CAR, "[2030-01-02,2030-01-03)"), "PATCH", TARGET, PERIOD("01", "30"),
     409,
     "{\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"conflicts\":[" PERIOD(
         "02", "03") "," PERIOD("20", "25") "],\"nextAvailable\":\"" DAY("25") "\"}",
     NEW},
    {"its own period is no obstacle to what it is told",
     TWO SEED_ALLOCATION(NONE, CAR, "[2030-01-01,2030-01-05)"), "PATCH", TARGET, PERIOD("04", "16"),
     409,
     "{\"code\":\"ABORTED\",\"reason\":\"ALLOCATION_OVERLAP\",\"conflicts\":[" PERIOD(
         "01", "05") "],\"nextAvailable\":\"" DAY("05") "\"}",
     NEW},
    {"other vehicles are in nobody's way",
     ONE SEED_RESOURCE(CAR_2, "cars", "Polo") SEED_ALLOCATION(LATER, CAR_2, "(,)"), "PATCH", TARGET,
     PERIOD("20", "25"), 200, "\"<any>\"", IS("2", "20", "25")},
};

Test(update_allocation, moves)
{
    rpc_cases_run(&inventory_service, moves, sizeof(moves) / sizeof(moves[0]));
}

/* --- one end at a time --- */

static const struct rpc_case ends[] = {

    {"longer", ONE, "PATCH", TARGET, "{" END("22") "}", 200, MOVED(START("10") "," END("22") ","),
     IS("2", "10", "22")},
    {"shorter", ONE, "PATCH", TARGET, "{" END("11") "}", 200, MOVED(START("10") "," END("11") ","),
     IS("2", "10", "11")},
    {"too long", TWO, "PATCH", TARGET, "{" END("21") "}", 409, OVERLAP, NEW},
    {"earlier", ONE, "PATCH", TARGET, "{" START("01") "}", 200,
     MOVED(START("01") "," END("20") ","), IS("2", "01", "20")},
    {"the end at the start that stays", ONE, "PATCH", TARGET, "{" END("10") "}", 400,
     JSON_INVALID("PERIOD_EMPTY", POINTER("/endTime")), NEW},
    {"the end before the start that stays", ONE, "PATCH", TARGET, "{" END("09") "}", 400,
     JSON_INVALID("PERIOD_REVERSED", POINTER("/endTime")), NEW},
    {"the start at the end that stays", ONE, "PATCH", TARGET, "{" START("20") "}", 400,
     JSON_INVALID("PERIOD_EMPTY", POINTER("/startTime")), NEW},
    {"the start behind the end that stays", TWO, "PATCH", TARGET, "{" START("22") "}", 400,
     JSON_INVALID("PERIOD_REVERSED", POINTER("/startTime")), NEW},
    {"a microsecond is a period", ONE, "PATCH", TARGET,
     "{\"endTime\":\"2030-01-10T00:00:00.000001Z\"}", 200, "\"<any>\"", NULL, NULL},
    {"both reversed", ONE, "PATCH", TARGET, PERIOD("15", "12"), 400,
     JSON_INVALID("PERIOD_REVERSED", POINTER("/endTime")), NEW},
    {"both the same", ONE, "PATCH", TARGET, PERIOD("12", "12"), 400,
     JSON_INVALID("PERIOD_EMPTY", POINTER("/endTime")), NEW},
    {"no start", ONE, "PATCH", TARGET, "{\"startTime\":null}", 200, MOVED(END("20") ","), STATE,
     "2 (,\"2030-01-20 00:00:00+00\")"},
    {"no end", ONE, "PATCH", TARGET, "{\"endTime\":null}", 200, MOVED(START("10") ","), STATE,
     "2 [\"2030-01-10 00:00:00+00\",)"},
    {"neither, and not said", ONE, "PATCH", TARGET, "{\"startTime\":null,\"endTime\":null}", 400,
     JSON_INVALID("PERIOD_MISSING", POINTER("")), NEW},
    {"neither, and said", ONE, "PATCH", TARGET,
     "{\"startTime\":null,\"endTime\":null,\"unbounded\":true}", 200, MOVED(""), STATE, "2 (,)"},
    {"no end where no start is", TO, "PATCH", TARGET, "{\"endTime\":null}", 400,
     JSON_INVALID("PERIOD_MISSING", POINTER("")), STATE, "1 (,\"2030-01-20 00:00:00+00\")"},
    {"no start where no end is", FROM, "PATCH", TARGET, "{\"startTime\":null}", 400,
     JSON_INVALID("PERIOD_MISSING", POINTER("")), STATE, "1 [\"2030-01-10 00:00:00+00\",)"},
    {"no end where no start is, said", TO, "PATCH", TARGET, "{\"endTime\":null,\"unbounded\":true}",
     200, MOVED(""), STATE, "2 (,)"},
    {"an end where none was", FROM, "PATCH", TARGET, "{" END("20") "}", 200,
     MOVED(START("10") "," END("20") ","), IS("2", "10", "20")},
    {"a start where nothing was", ALL, "PATCH", TARGET, "{" START("10") "}", 200,
     MOVED(START("10") ","), STATE, "2 [\"2030-01-10 00:00:00+00\",)"},
    {"unbounded, with an end", ONE, "PATCH", TARGET, "{\"unbounded\":true," END("20") "}", 400,
     JSON_INVALID("PERIOD_CONTRADICTORY", POINTER("/unbounded")), NEW},
    {"not unbounded is what it was", ONE, "PATCH", TARGET, "{\"unbounded\":false}", 200,
     MOVED(START("10") "," END("20") ","), IS("2", "10", "20")},
    {"not unbounded is not what it was", ALL, "PATCH", TARGET, "{\"unbounded\":false}", 400,
     JSON_INVALID("PERIOD_MISSING", POINTER("")), STATE, "1 (,)"},
    {"an end that is no time", ONE, "PATCH", TARGET, "{\"endTime\":\"tomorrow\"}", 400,
     JSON_INVALID("BAD_TIMESTAMP", POINTER("/endTime")), NEW},
};

Test(update_allocation, ends)
{
    rpc_cases_run(&inventory_service, ends, sizeof(ends) / sizeof(ends[0]));
}

/* --- the rest --- */

#define FULL                                                                                       \
    SEED_CAR                                                                                       \
    "INSERT INTO allocation (id, resource_id, kind, during, description, attributes, create_time)" \
    " VALUES ('" TAKEN "', '" CAR                                                                  \
    "', 'MAINTENANCE', '(,)', 'old', '{\"a\": \"1\"}', '2020-01-01');"

static const struct rpc_case cases[] = {

    {"what is said about it", FULL, "PATCH", TARGET,
     "{\"kind\":\"BOOKING\",\"description\":\"new\",\"attributes\":{\"b\":\"2\"}}", 200,
     JSON("", "BOOKING", "new", "{\"b\":\"2\"}"), STATE, "2 (,)"},
    {"one thing stays what the others are not", FULL, "PATCH", TARGET, "{\"description\":\"new\"}",
     200, JSON("", "MAINTENANCE", "new", "{\"a\":\"1\"}"), NULL, NULL},
    {"null is the default", FULL, "PATCH", TARGET,
     "{\"kind\":null,\"description\":null,\"attributes\":null}", 200, JSON("", "BOOKING", "", "{}"),
     NULL, NULL},
    {"it is still the one that was made", FULL, "PATCH", TARGET, PERIOD("01", "02"), 200,
     "{\"id\":\"" TAKEN "\",\"resourceType\":\"cars\",\"resourceId\":\"" CAR
     "\",\"kind\":\"MAINTENANCE\"," START("01") "," END(
         "02") ",\"description\":\"old\",\"attributes\":{\"a\":\"1\"},"
               "\"createTime\":\"2020-01-01T00:00:00Z\",\"ownerId\":\"\"}",
     "SELECT count(*) FROM allocation", "1"},
    {"nothing", FULL, "PATCH", TARGET, "{}", 200, JSON("", "MAINTENANCE", "old", "{\"a\":\"1\"}"),
     STATE, "1 (,)"},
    {"a mask wins", FULL, "PATCH", TARGET "?updateMask=description,endTime",
     "{\"description\":\"new\",\"kind\":\"BOOKING\"," START("01") "," END("02") "}", 200,
     JSON(END("02") ",", "MAINTENANCE", "new", "{\"a\":\"1\"}"), STATE,
     "2 (,\"2030-01-02 00:00:00+00\")"},
    {"what it names and the body lacks is the default", ONE, "PATCH",
     TARGET "?updateMask=kind,startTime", "{}", 200, MOVED(END("20") ","), NULL, NULL},
    {"unbounded that is not named says nothing", ONE, "PATCH", TARGET "?updateMask=description",
     "{\"unbounded\":true}", 200, MOVED(START("10") "," END("20") ","), NULL, NULL},
    {"a path that is none", ONE, "PATCH", TARGET "?updateMask=resourceId,start", "{}", 400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"VALIDATION_FAILED\",\"errors\":["
     "{\"parameter\":\"updateMask\",\"reason\":\"READ_ONLY\"},"
     "{\"parameter\":\"updateMask\",\"reason\":\"UNKNOWN_FIELD\"}]}",
     NEW},
    {"another vehicle", ONE, "PATCH", TARGET, "{\"resourceId\":\"" CAR_2 "\"}", 400,
     JSON_INVALID("READ_ONLY", POINTER("/resourceId")), NEW},
    {"an unknown kind", ONE, "PATCH", TARGET, "{\"kind\":7}", 400,
     JSON_INVALID("UNKNOWN_VALUE", POINTER("/kind")), NEW},
    {"not there", ONE, "PATCH", "/v1/cars/" CAR "/allocations/" NONE, "{" END("21") "}", 404,
     JSON_NOT_FOUND, NEW},
    {"no such vehicle", ONE, "PATCH", "/v1/cars/" NONE "/allocations/" TAKEN, "{" END("21") "}",
     404, JSON_NOT_FOUND, NEW},
    {"of another vehicle", ONE SEED_RESOURCE(CAR_2, "cars", "Polo"), "PATCH",
     "/v1/cars/" CAR_2 "/allocations/" TAKEN, "{" END("21") "}", 404, JSON_NOT_FOUND, NEW},
    {"of another type", ONE, "PATCH", "/v1/trucks/" CAR "/allocations/" TAKEN, "{" END("21") "}",
     404, JSON_NOT_FOUND, NEW},
    {"an unknown type", ONE, "PATCH", "/v1/boats/" CAR "/allocations/" TAKEN, "{}", 404,
     JSON_TYPE_UNKNOWN, NULL, NULL},
    {"tried", TWO, "PATCH", TARGET "?validateOnly=true", PERIOD("01", "02"), 200,
     MOVED(START("01") "," END("02") ","), NEW},
    {"tried in vain", TWO, "PATCH", TARGET "?validateOnly=true", PERIOD("19", "21"), 409, OVERLAP,
     NEW},
};

Test(update_allocation, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}

#define OWNED ONE "UPDATE allocation SET owner_id = '" ADA "';"

static const struct rpc_case others[] = {
    {"somebody else's", OWNED, "PATCH", TARGET, PERIOD("01", "02"), 403,
     JSON_PROBLEM("PERMISSION_DENIED", "NOT_ALLOWED"),
     "SELECT actor || ' ' || action || ' ' || outcome FROM depot_audit",
     "eve UpdateAllocation NOT_ALLOWED"},
    {"somebody else's stays as it is", OWNED, "PATCH", TARGET, PERIOD("01", "02"), 403,
     JSON_PROBLEM("PERMISSION_DENIED", "NOT_ALLOWED"), NEW},
    {"to where it cannot be, either: nothing tells", TWO, "PATCH", TARGET, PERIOD("19", "21"), 403,
     JSON_PROBLEM("PERMISSION_DENIED", "NOT_ALLOWED"), NEW},
};

Test(update_allocation, only_of_ones_own)
{
    static const struct caller eve = {.id = EVE, .name = "eve", .role = PB_ROLE_MEMBER};

    rpc_cases_run_as(&inventory_service, &eve, others, sizeof(others) / sizeof(others[0]));
}

#define STALE JSON_PROBLEM("ABORTED", "ETAG_MISMATCH")

Test(update_allocation, if_match)
{
    static const struct rpc_case now[] = {
        {"the version that it has", ONE, "PATCH", TARGET, PERIOD("01", "02"), 200,
         MOVED(START("01") "," END("02") ","), IS("2", "01", "02")},
        {"of what has been changed", ONE "UPDATE allocation SET version = 2;", "PATCH", TARGET,
         PERIOD("01", "02"), 412, STALE, IS("2", "10", "20")},
        {"before anything else is looked at", TWO "UPDATE allocation SET version = 11;", "PATCH",
         TARGET, PERIOD("20", "21"), 412, STALE, NULL, NULL},
        {"of what is not there", ONE, "PATCH", "/v1/cars/" CAR "/allocations/" NONE, "{}", 404,
         JSON_NOT_FOUND, NULL, NULL},
    };
    static const struct rpc_case any[] = {
        {"any", ONE "UPDATE allocation SET version = 7;", "PATCH", TARGET, PERIOD("01", "02"), 200,
         MOVED(START("01") "," END("02") ","), IS("8", "01", "02")},
    };

    rpc_cases_run_if_match(&inventory_service, "1", now, sizeof(now) / sizeof(now[0]));
    rpc_cases_run_if_match(&inventory_service, "*", any, sizeof(any) / sizeof(any[0]));
}
