#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define TARGET "/v1/cars/" CAR
#define SEED                                                                                       \
    "INSERT INTO resource (id, type, name, description, attributes) VALUES ('" CAR                 \
    "', 'cars', 'Golf', 'old', '{\"a\": \"1\", \"b\": \"2\"}');"
#define ALL_ATTRIBUTES "{\"a\":\"1\",\"b\":\"2\"}"
#define JSON(name, description, attributes)                                                        \
    "{\"id\":\"" CAR "\",\"type\":\"cars\",\"name\":\"" name "\",\"description\":\"" description   \
    "\",\"attributes\":" attributes ",\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}"

/* The version, and whether the time of the last change is another than that of the making. */
#define STATE "SELECT concat_ws(' ', version, update_time > create_time) FROM resource"
#define NEW   STATE, "1 f"
#define ONCE  STATE, "2 t"

#define READ_ONLY(place) JSON_INVALID("READ_ONLY", place)

static const struct rpc_case cases[] = {

    {"renamed", SEED, "PATCH", TARGET, "{\"name\":\"Polo\"}", 200,
     JSON("Polo", "old", ALL_ATTRIBUTES), ONCE},
    {"to the name that it has", SEED, "PATCH", TARGET, "{\"name\":\"Golf\"}", 200,
     JSON("Golf", "old", ALL_ATTRIBUTES), ONCE},
    {"described", SEED, "PATCH", TARGET, "{\"description\":\"new\"}", 200,
     JSON("Golf", "new", ALL_ATTRIBUTES), ONCE},
    {"attributes are replaced as a whole", SEED, "PATCH", TARGET,
     "{\"attributes\":{\"b\":\"3\",\"c\":\"\"}}", 200,
     JSON("Golf", "old", "{\"b\":\"3\",\"c\":\"\"}"), ONCE},
    {"all at once", SEED, "PATCH", TARGET,
     "{\"name\":\"Polo\",\"description\":\"new\",\"attributes\":{}}", 200,
     JSON("Polo", "new", "{}"), ONCE},
    {"null is the default", SEED, "PATCH", TARGET, "{\"description\":null,\"attributes\":null}",
     200, JSON("Golf", "", "{}"), ONCE},
    {"nothing", SEED, "PATCH", TARGET, "{}", 200, JSON("Golf", "old", ALL_ATTRIBUTES), NEW},

    /* updateMask */
    {"a mask wins", SEED, "PATCH", TARGET "?updateMask=description",
     "{\"name\":\"Polo\",\"description\":\"new\"}", 200, JSON("Golf", "new", ALL_ATTRIBUTES), ONCE},
    {"what it names and the body lacks is the default", SEED, "PATCH",
     TARGET "?updateMask=attributes,description", "{\"name\":\"Polo\"}", 200,
     JSON("Golf", "", "{}"), ONCE},
    {"in the other spelling", SEED, "PATCH", TARGET "?update_mask=name", "{\"name\":\"Polo\"}", 200,
     JSON("Polo", "old", ALL_ATTRIBUTES), ONCE},
    {"that is empty is none", SEED, "PATCH", TARGET "?updateMask=", "{\"name\":\"Polo\"}", 200,
     JSON("Polo", "old", ALL_ATTRIBUTES), ONCE},
    {"that names what is not there", SEED, "PATCH", TARGET "?updateMask=name,colour",
     "{\"name\":\"Polo\"}", 400, JSON_INVALID("UNKNOWN_FIELD", PARAMETER("updateMask")), NEW},
    {"that names what is inside", SEED, "PATCH", TARGET "?updateMask=attributes.a", "{}", 400,
     JSON_INVALID("UNKNOWN_FIELD", PARAMETER("updateMask")), NEW},
    {"that names what the service sets", SEED, "PATCH", TARGET "?updateMask=createTime", "{}", 400,
     READ_ONLY(PARAMETER("updateMask")), NEW},
    {"that names the version", SEED, "PATCH", TARGET "?updateMask=etag", "{}", 400,
     READ_ONLY(PARAMETER("updateMask")), NEW},
    {"several that are wrong", SEED, "PATCH", TARGET "?updateMask=id,colour", "{}", 400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"VALIDATION_FAILED\",\"errors\":["
     "{\"parameter\":\"updateMask\",\"reason\":\"READ_ONLY\"},"
     "{\"parameter\":\"updateMask\",\"reason\":\"UNKNOWN_FIELD\"}]}",
     NEW},
    {"that is no mask", SEED, "PATCH", TARGET "?updateMask=name,", "{}", 400,
     JSON_INVALID("BAD_FORMAT", PARAMETER("updateMask")), NEW},
    {"twice", SEED, "PATCH", TARGET "?updateMask=name&update_mask=name", "{\"name\":\"Polo\"}", 400,
     JSON_INVALID("DUPLICATE_PARAMETER", PARAMETER("updateMask")), NEW},

    /* what must stay */
    {"a name is never empty", SEED, "PATCH", TARGET, "{\"name\":\"\"}", 400,
     JSON_INVALID("REQUIRED", POINTER("/name")), NEW},
    {"nor reset", SEED, "PATCH", TARGET, "{\"name\":null}", 400,
     JSON_INVALID("REQUIRED", POINTER("/name")), NEW},
    {"nor reset by a mask", SEED, "PATCH", TARGET "?updateMask=name", "{}", 400,
     JSON_INVALID("REQUIRED", POINTER("/name")), NEW},
    {"an id is not to be sent", SEED, "PATCH", TARGET, "{\"id\":\"" CAR "\"}", 400,
     READ_ONLY(POINTER("/id")), NEW},
    {"not even as null", SEED, "PATCH", TARGET, "{\"updateTime\":null}", 400,
     READ_ONLY(POINTER("/updateTime")), NEW},
    {"what is not there", SEED, "PATCH", TARGET, "{\"colour\":\"red\"}", 400,
     JSON_INVALID("UNKNOWN_FIELD", POINTER("/colour")), NEW},
    {"the rules hold", SEED, "PATCH", TARGET,
     "{\"name\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
     "\"description\":7}",
     400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"VALIDATION_FAILED\",\"errors\":["
     "{\"pointer\":\"/description\",\"reason\":\"WRONG_TYPE\"},"
     "{\"pointer\":\"/name\",\"reason\":\"TOO_LONG\"}]}",
     NEW},
    {"no object", SEED, "PATCH", TARGET, "[]", 400, JSON_INVALID("WRONG_TYPE", POINTER("")), NEW},
    {"no body", SEED, "PATCH", TARGET, NULL, 400,
     JSON_PROBLEM("INVALID_ARGUMENT", "MALFORMED_JSON"), NEW},

    /* names */
    {"another has the name", SEED SEED_RESOURCE(CAR_2, "cars", "Polo"), "PATCH", TARGET,
     "{\"name\":\"Polo\",\"description\":\"new\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "NAME_TAKEN"),
     "SELECT name || version || description FROM resource WHERE id = '" CAR "'", "Golf1old"},
    {"one of another type has it", SEED SEED_RESOURCE(TRUCK, "trucks", "Polo"), "PATCH", TARGET,
     "{\"name\":\"Polo\"}", 200, JSON("Polo", "old", ALL_ATTRIBUTES),
     "SELECT count(*) FROM resource WHERE name = 'Polo'", "2"},
    {"a name that is not set does not count", SEED SEED_RESOURCE(CAR_2, "cars", "Polo"), "PATCH",
     TARGET "?updateMask=description", "{\"name\":\"Polo\",\"description\":\"new\"}", 200,
     JSON("Golf", "new", ALL_ATTRIBUTES), NULL, NULL},

    /* which one */
    {"not there", SEED, "PATCH", "/v1/cars/" NONE, "{\"name\":\"Polo\"}", 404, JSON_NOT_FOUND, NEW},
    {"of another type", SEED, "PATCH", "/v1/trucks/" CAR, "{\"name\":\"Polo\"}", 404,
     JSON_NOT_FOUND, NEW},
    {"an unknown type", SEED, "PATCH", "/v1/boats/" CAR, "{", 404, JSON_TYPE_UNKNOWN, NULL, NULL},
    {"an id that is none", SEED, "PATCH", "/v1/cars/golf", "{", 404, JSON_NOT_FOUND, NULL, NULL},

    /* validateOnly */
    {"tried", SEED, "PATCH", TARGET "?validateOnly=true", "{\"name\":\"Polo\"}", 200,
     JSON("Polo", "old", ALL_ATTRIBUTES), NEW},
    {"tried in vain", SEED SEED_RESOURCE(CAR_2, "cars", "Polo"), "PATCH",
     TARGET "?validateOnly=true", "{\"name\":\"Polo\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "NAME_TAKEN"), NULL, NULL},
    {"tried where nothing is", SEED, "PATCH", "/v1/cars/" NONE "?validateOnly=true", "{}", 404,
     JSON_NOT_FOUND, NULL, NULL},
    {"not only tried", SEED, "PATCH", TARGET "?validateOnly=false", "{\"name\":\"Polo\"}", 200,
     "\"<any>\"", ONCE},
};

Test(update_resource, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}

#define STALE JSON_PROBLEM("ABORTED", "ETAG_MISMATCH")

Test(update_resource, if_match)
{
    static const struct rpc_case now[] = {
        {"the version that it has", SEED, "PATCH", TARGET, "{\"name\":\"Polo\"}", 200,
         JSON("Polo", "old", ALL_ATTRIBUTES), ONCE},
        {"of what has been changed", SEED "UPDATE resource SET version = 2;", "PATCH", TARGET,
         "{\"name\":\"Polo\"}", 412, STALE, "SELECT name || version FROM resource", "Golf2"},
        {"also when nothing is to be changed", SEED "UPDATE resource SET version = 2;", "PATCH",
         TARGET, "{}", 412, STALE, NULL, NULL},
        {"before the name is looked at",
         SEED SEED_RESOURCE(CAR_2, "cars", "Polo") "UPDATE resource SET version = 12;", "PATCH",
         TARGET, "{\"name\":\"Polo\"}", 412, STALE, NULL, NULL},
        {"of what is not there", SEED, "PATCH", "/v1/cars/" NONE, "{}", 404, JSON_NOT_FOUND, NULL,
         NULL},
    };
    static const struct rpc_case any[] = {
        {"any", SEED "UPDATE resource SET version = 7;", "PATCH", TARGET, "{\"name\":\"Polo\"}",
         200, JSON("Polo", "old", ALL_ATTRIBUTES), "SELECT version FROM resource", "8"},
        {"of what is not there", SEED, "PATCH", "/v1/cars/" NONE, "{}", 404, JSON_NOT_FOUND, NULL,
         NULL},
    };
    static const struct rpc_case one_of[] = {
        {"one of several", SEED "UPDATE resource SET version = 7;", "PATCH", TARGET,
         "{\"name\":\"Polo\"}", 200, "\"<any>\"", "SELECT version FROM resource", "8"},
        {"none of several", SEED, "PATCH", TARGET, "{\"name\":\"Polo\"}", 412, STALE, NEW},
    };

    rpc_cases_run_if_match(&inventory_service, "1", now, sizeof(now) / sizeof(now[0]));
    rpc_cases_run_if_match(&inventory_service, "*", any, sizeof(any) / sizeof(any[0]));
    rpc_cases_run_if_match(&inventory_service, "W/,5,7,x", one_of,
                           sizeof(one_of) / sizeof(one_of[0]));
}
