#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {

    {"made", NULL, "POST", "/v1/cars",
     "{\"name\":\"Golf\",\"description\":\"grey\",\"attributes\":{\"seats\":\"5\"}}", 201,
     "{\"id\":\"<uuid>\",\"type\":\"cars\",\"name\":\"Golf\",\"description\":\"grey\","
     "\"attributes\":{\"seats\":\"5\"},\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
     "SELECT type || name || description || attributes FROM resource",
     "carsGolfgrey{\"seats\": \"5\"}"},
    {"with what must be", NULL, "POST", "/v1/lorries", "{\"name\":\"MAN\"}", 201,
     JSON_RESOURCE("<uuid>", "lorries", "MAN"), NULL, NULL},
    {"null is absent", NULL, "POST", "/v1/trucks",
     "{\"name\":\"MAN\",\"description\":null,\"attributes\":null}", 201,
     JSON_RESOURCE("<uuid>", "trucks", "MAN"), NULL, NULL},
    {"text that SQL could mind", NULL, "POST", "/v1/cars",
     "{\"name\":\"'; DROP TABLE resource; --\",\"attributes\":{\"\\\\\\\"{},\":\"\\n\\t'\"}}", 201,
     "{\"id\":\"<uuid>\",\"type\":\"cars\",\"name\":\"'; DROP TABLE resource; "
     "--\",\"description\":\"\","
     "\"attributes\":{\"\\\\\\\"{},\":\"\\n\\t'\"},\"createTime\":\"<time>\",\"updateTime\":\"<"
     "time>\"}",
     "SELECT count(*) FROM resource", "1"},
    {"the name is taken", SEED_CAR, "POST", "/v1/cars", "{\"name\":\"Golf\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "NAME_TAKEN"), "SELECT count(*) FROM resource", "1"},
    {"the name is taken in another type", SEED_CAR, "POST", "/v1/trucks", "{\"name\":\"Golf\"}",
     201, JSON_RESOURCE("<uuid>", "trucks", "Golf"), "SELECT count(*) FROM resource", "2"},
    {"another case is another name", SEED_CAR, "POST", "/v1/cars", "{\"name\":\"golf\"}", 201,
     JSON_RESOURCE("<uuid>", "cars", "golf"), NULL, NULL},
    {"an unknown type", NULL, "POST", "/v1/boats", "{\"name\":\"Golf\"}", 404, JSON_TYPE_UNKNOWN,
     "SELECT count(*) FROM resource", "0"},
    {"no name", NULL, "POST", "/v1/cars", "{}", 400, JSON_INVALID("REQUIRED", POINTER("/name")),
     "SELECT count(*) FROM resource", "0"},
    {"no body", NULL, "POST", "/v1/cars", NULL, 400,
     JSON_PROBLEM("INVALID_ARGUMENT", "MALFORMED_JSON"), "SELECT count(*) FROM resource", "0"},
    {"several things are wrong", NULL, "POST", "/v1/cars?dry=1",
     "{\"name\":\"\",\"id\":\"x\",\"attributes\":{\"\":\"v\"},\"description\":[]}", 400,
     "{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"VALIDATION_FAILED\",\"errors\":["
     "{\"parameter\":\"dry\",\"reason\":\"UNKNOWN_PARAMETER\"},"
     "{\"pointer\":\"/id\",\"reason\":\"READ_ONLY\"},"
     "{\"pointer\":\"/description\",\"reason\":\"WRONG_TYPE\"},"
     "{\"pointer\":\"/name\",\"reason\":\"REQUIRED\"}]}",
     "SELECT count(*) FROM resource", "0"},
    {"tried", NULL, "POST", "/v1/cars?validateOnly=true", "{\"name\":\"Golf\"}", 201,
     JSON_RESOURCE("<uuid>", "cars", "Golf"), "SELECT count(*) FROM resource", "0"},
    {"tried in vain", SEED_CAR, "POST", "/v1/cars?validateOnly=true", "{\"name\":\"Golf\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "NAME_TAKEN"), "SELECT count(*) FROM resource", "1"},
};

Test(create_resource, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
