#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define SEED "INSERT INTO pxcode (pxcode, procedure) VALUES ('017', 'there')"

static const struct rpc_case cases[] = {
    {"made", SEED, "POST", "/v1/pxcodes", "{\"pxcode\":\"018\",\"procedure\":\"A & B < C/D\"}", 201,
     "{\"url\":\"/v1/pxcodes/018\",\"pxcode\":\"018\",\"procedure\":\"A & B < C/D\"}",
     "SELECT procedure FROM pxcode WHERE pxcode = '018'", "A & B < C/D"},
    {"taken", SEED, "POST", "/v1/pxcodes", "{\"pxcode\":\"017\",\"procedure\":\"other\"}", 409,
     JSON_PROBLEM("ALREADY_EXISTS", "PXCODE_TAKEN"), "SELECT procedure FROM pxcode", "there"},
    {"not three digits", SEED, "POST", "/v1/pxcodes", "{\"pxcode\":\"1234\",\"procedure\":\"x\"}",
     400, JSON_INVALID("BAD_FORMAT", POINTER("/pxcode")), "SELECT count(*) FROM pxcode", "1"},
    {"too short", SEED, "POST", "/v1/pxcodes", "{\"pxcode\":\"18\",\"procedure\":\"x\"}", 400,
     JSON_INVALID("TOO_SHORT", POINTER("/pxcode")), "SELECT count(*) FROM pxcode", "1"},
    {"no title", SEED, "POST", "/v1/pxcodes", "{\"pxcode\":\"019\"}", 400,
     JSON_INVALID("REQUIRED", POINTER("/procedure")), "SELECT count(*) FROM pxcode", "1"},
    {"the url is ours", SEED, "POST", "/v1/pxcodes",
     "{\"pxcode\":\"019\",\"procedure\":\"x\",\"url\":\"http://elsewhere\"}", 400,
     JSON_INVALID("READ_ONLY", POINTER("/url")), NULL, NULL},
};

Test(create_pxcode, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
