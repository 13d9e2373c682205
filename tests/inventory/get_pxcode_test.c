#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED "INSERT INTO pxcode (pxcode, procedure) VALUES ('017', 'Repair & <closure> of a/b')"

static const struct rpc_case cases[] = {
    {"found", SEED, "GET", "/v1/pxcodes/017", NULL, 200,
     "{\"url\":\"/v1/pxcodes/017\",\"pxcode\":\"017\",\"procedure\":\"Repair & <closure> of a/b\"}",
     NULL, NULL},
    {"not there", SEED, "GET", "/v1/pxcodes/018", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"no code", SEED, "GET", "/v1/pxcodes/17", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
    {"nor this", SEED, "GET", "/v1/pxcodes/0%31x", NULL, 404, JSON_NOT_FOUND, NULL, NULL},
};

Test(get_pxcode, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
