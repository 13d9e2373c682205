#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

static const struct rpc_case cases[] = {
    {"found", SEED_CAR, "GET", "/v1/cars/" CAR, NULL, 200, JSON_RESOURCE(CAR, "cars", "Golf"), NULL,
     NULL},
    {"an id in capitals is the same id", SEED_CAR, "GET",
     "/v1/cars/01900000-0000-7000-8000-00000000000A", NULL, 200, JSON_RESOURCE(CAR, "cars", "Golf"),
     NULL, NULL},
    {"all members",
     "INSERT INTO resource (id, type, name, description, attributes) VALUES ('" CAR
     "', 'cars', 'Käfer \"63\"', 'old', '{\"b\": \"\", \"a\": \"\\u00e4\"}')",
     "GET", "/v1/cars/" CAR, NULL, 200,
     "{\"id\":\"" CAR "\",\"type\":\"cars\",\"name\":\"Käfer \\\"63\\\"\",\"description\":\"old\","
     "\"attributes\":{\"a\":\"ä\",\"b\":\"\"},\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}",
     NULL, NULL},
    {"not there", SEED_CAR, "GET", "/v1/cars/" NONE, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"of another type", SEED_CAR, "GET", "/v1/trucks/" CAR, NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"an id that is none", SEED_CAR, "GET", "/v1/cars/golf", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"an unknown type", SEED_CAR, "GET", "/v1/boats/" CAR, NULL, 404, JSON_TYPE_UNKNOWN, NULL,
     NULL},
    {"an unknown parameter", SEED_CAR, "GET", "/v1/cars/" CAR "?fields=name", NULL, 400,
     JSON_INVALID("UNKNOWN_PARAMETER", PARAMETER("fields")), NULL, NULL},
};

Test(get_resource, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
