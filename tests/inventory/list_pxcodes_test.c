#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

/* Five codes, stored in no order. */
#define FIVE                                                                                       \
    "INSERT INTO pxcode (pxcode, procedure) VALUES ('003', 'c'), ('001', 'a'), ('005', 'e'), "     \
    "('002', 'b'), ('004', 'd')"
#define ITEM(code, title)                                                                          \
    "{\"url\":\"/v1/pxcodes/" code "\",\"pxcode\":\"" code "\",\"procedure\":\"" title "\"}"
#define META(page, pages, per_page, total, prev, next)                                             \
    "\"meta\":{\"page\":" page ",\"pages\":" pages ",\"per_page\":" per_page ",\"total\":" total   \
    ",\"prev\":" prev ",\"next\":" next ",\"first\":\"/v1/pxcodes?page=1&per_page=" per_page       \
    "\",\"last\":\"/v1/pxcodes?page=" pages "&per_page=" per_page "\"}"
#define LINK(page, per_page) "\"/v1/pxcodes?page=" page "&per_page=" per_page "\""
#define NOTHING                                                                                    \
    "{\"items\":[]," META("1", "1", "20", "0", "null", "null") ",\"nextPageToken\":\"\"}"

static const struct rpc_case cases[] = {
    {"nothing", NULL, "GET", "/v1/pxcodes", NULL, 200, NOTHING, NULL, NULL},
    {"all, in order", FIVE, "GET", "/v1/pxcodes", NULL, 200,
     "{\"items\":[" ITEM("001", "a") "," ITEM("002", "b") "," ITEM("003", "c") "," ITEM(
         "004", "d") "," ITEM("005", "e") "]," META("1", "1", "20", "5", "null",
                                                    "null") ",\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"the first page", FIVE, "GET", "/v1/pxcodes?per_page=2", NULL, 200,
     "{\"items\":[" ITEM("001", "a") "," ITEM("002", "b") "]," META(
         "1", "3", "2", "5", "null", LINK("2", "2")) ",\"nextPageToken\":\"<text>\"}",
     NULL, NULL},
    {"one in the middle", FIVE, "GET", "/v1/pxcodes?page=2&per_page=2", NULL, 200,
     "{\"items\":[" ITEM("003", "c") "," ITEM("004", "d") "]," META(
         "2", "3", "2", "5", LINK("1", "2"), LINK("3", "2")) ",\"nextPageToken\":\"<text>\"}",
     NULL, NULL},
    {"the last page has no next", FIVE, "GET", "/v1/pxcodes?page=3&per_page=2", NULL, 200,
     "{\"items\":[" ITEM("005", "e") "]," META("3", "3", "2", "5", LINK("2", "2"),
                                               "null") ",\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"exactly full", FIVE, "GET", "/v1/pxcodes?per_page=5", NULL, 200,
     "{\"items\":[\"<any>\",\"<any>\",\"<any>\",\"<any>\",\"<any>\"]," META(
         "1", "1", "5", "5", "null", "null") ",\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"behind the end", FIVE, "GET", "/v1/pxcodes?page=9&per_page=2", NULL, 200,
     "{\"items\":[]," META("9", "3", "2", "5", "null", "null") ",\"nextPageToken\":\"\"}", NULL,
     NULL},
    {"never more than a hundred",
     "INSERT INTO pxcode (pxcode, procedure) SELECT to_char(n, 'FM000'), 'x' "
     "FROM generate_series(0, 149) n",
     "GET", "/v1/pxcodes?page=2&per_page=1000", NULL, 200, "\"<any>\"", NULL, NULL},
    {"negative", FIVE, "GET", "/v1/pxcodes?per_page=-1", NULL, 400,
     JSON_INVALID("OUT_OF_RANGE", PARAMETER("per_page")), NULL, NULL},
    {"a token of nobody", FIVE, "GET", "/v1/pxcodes?pageToken=AAAA", NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
};

Test(list_pxcodes, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
