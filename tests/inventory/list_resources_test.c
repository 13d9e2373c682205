#include <criterion/criterion.h>

#include "depot/inventory/v1/inventory.handlers.h"
#include "seed.h"
#include "support/rpc_case.h"

#define THREE                                                                                      \
    SEED_RESOURCE(CAR_3, "cars", "a")                                                              \
    SEED_RESOURCE(CAR, "cars", "c")                                                                \
    SEED_RESOURCE(CAR_2, "cars", "b")

#define MANY                                                                                       \
    "INSERT INTO resource (id, type, name, description, attributes) "                              \
    "SELECT gen_random_uuid(), 'cars', 'car ' || n, '', '{}' FROM generate_series(1, 501) n"
#define TEN                                                                                        \
    "\"<any>\",\"<any>\",\"<any>\",\"<any>\",\"<any>\","                                           \
    "\"<any>\",\"<any>\",\"<any>\",\"<any>\",\"<any>\""
#define FIFTY TEN "," TEN "," TEN "," TEN "," TEN

static const struct rpc_case cases[] = {

    {"empty", NULL, "GET", "/v1/cars", NULL, 200, "{\"resources\":[],\"nextPageToken\":\"\"}", NULL,
     NULL},
    {"only of the type, oldest first", THREE SEED_RESOURCE(TRUCK, "trucks", "MAN"), "GET",
     "/v1/cars", NULL, 200,
     "{\"resources\":[" JSON_RESOURCE(CAR, "cars", "c") "," JSON_RESOURCE(
         CAR_2, "cars", "b") "," JSON_RESOURCE(CAR_3, "cars", "a") "],\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"a first page", THREE, "GET", "/v1/cars?pageSize=2", NULL, 200,
     "{\"resources\":[" JSON_RESOURCE(CAR, "cars", "c") "," JSON_RESOURCE(
         CAR_2, "cars", "b") "],\"nextPageToken\":\"<text>\"}",
     NULL, NULL},
    {"the last page is exactly full", THREE, "GET", "/v1/cars?page_size=3", NULL, 200,
     "{\"resources\":[\"<any>\",\"<any>\",\"<any>\"],\"nextPageToken\":\"\"}", NULL, NULL},
    {"zero is the default", THREE, "GET", "/v1/cars?pageSize=0", NULL, 200,
     "{\"resources\":[\"<any>\",\"<any>\",\"<any>\"],\"nextPageToken\":\"\"}", NULL, NULL},
    {"fifty unless said otherwise", MANY, "GET", "/v1/cars", NULL, 200,
     "{\"resources\":[" FIFTY "],\"nextPageToken\":\"<text>\"}", NULL, NULL},
    {"never more than five hundred", MANY, "GET", "/v1/cars?pageSize=100000", NULL, 200,
     "{\"resources\":[" FIFTY "," FIFTY "," FIFTY "," FIFTY "," FIFTY "," FIFTY "," FIFTY "," FIFTY
     "," FIFTY "," FIFTY "],\"nextPageToken\":\"<text>\"}",
     NULL, NULL},
    {"negative", NULL, "GET", "/v1/cars?pageSize=-1", NULL, 400,
     JSON_INVALID("OUT_OF_RANGE", PARAMETER("pageSize")), NULL, NULL},
    {"a token of nobody", NULL, "GET", "/v1/cars?pageToken=AAAA", NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
    {"a token that is no base64", NULL, "GET", "/v1/cars?pageToken=%2B%2F%3D", NULL, 400,
     JSON_INVALID("BAD_PAGE_TOKEN", PARAMETER("pageToken")), NULL, NULL},
    {"a filter", THREE, "GET", "/v1/cars?filter=name%20%3D%20%22b%22", NULL, 200,
     "{\"resources\":[" JSON_RESOURCE(CAR_2, "cars", "b") "],\"nextPageToken\":\"\"}", NULL, NULL},
    {"a filter: OR binds tighter than AND", THREE, "GET",
     "/v1/cars?filter=name%3D%22a%22%20AND%20name%3D%22b%22%20OR%20name%3D%22a%22", NULL, 200,
     "{\"resources\":[" JSON_RESOURCE(CAR_3, "cars", "a") "],\"nextPageToken\":\"\"}", NULL, NULL},
    {"a filter that is none", THREE, "GET", "/v1/cars?filter=colour%20%3D%20%22red%22", NULL, 400,
     JSON_INVALID("BAD_FILTER", PARAMETER("filter")), NULL, NULL},
    {"an order", THREE, "GET", "/v1/cars?orderBy=name", NULL, 200,
     "{\"resources\":[" JSON_RESOURCE(CAR_3, "cars", "a") "," JSON_RESOURCE(
         CAR_2, "cars", "b") "," JSON_RESOURCE(CAR, "cars", "c") "],\"nextPageToken\":\"\"}",
     NULL, NULL},
    {"a first page in an order", THREE, "GET", "/v1/cars?order_by=name%20desc&pageSize=1", NULL,
     200, "{\"resources\":[" JSON_RESOURCE(CAR, "cars", "c") "],\"nextPageToken\":\"<text>\"}",
     NULL, NULL},
    {"an order that is none", THREE, "GET", "/v1/cars?orderBy=description", NULL, 400,
     JSON_INVALID("BAD_ORDER_BY", PARAMETER("orderBy")), NULL, NULL},
    {"an unknown type", NULL, "GET", "/v1/boats", NULL, 404, JSON_TYPE_UNKNOWN, NULL, NULL},
};

Test(list_resources, cases)
{
    rpc_cases_run(&inventory_service, cases, sizeof(cases) / sizeof(cases[0]));
}
