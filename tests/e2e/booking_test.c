/* The main job over HTTP, through every process. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/match.h"
#include "support/stack.h"

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(booking, .init = setup, .fini = teardown, .timeout = 180);

static void
expect(int status, const char *verb, const char *path, const char *body, const char *expected)
{
    char *actual = stack_expect(&stack, status, verb, path, NULL, body);
    char why[1024];

    if (expected != NULL) {
        cr_assert(match_json(expected, actual, why, sizeof(why)), "%s %s: %s", verb, path, why);
    } else {
        cr_assert_eq(actual[0], '\0', "%s %s: a body: %s", verb, path, actual);
    }
    free(actual);
}

#define ALLOCATION(start, end)                                                                     \
    "{\"id\":\"<uuid>\",\"resourceType\":\"cars\",\"resourceId\":\"<uuid>\","                      \
    "\"kind\":\"BOOKING\",\"startTime\":\"" start "\",\"endTime\":\"" end "\","                    \
    "\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\"}"

Test(booking, a_car_is_made_booked_listed_and_removed)
{
    char car[37];
    char path[128];
    char allocations[160];
    char one[256];
    struct http_response made;
    char *location;

    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), "/v1/cars/%s", car);
    snprintf(allocations, sizeof(allocations), "%s/allocations", path);
    expect(200, "GET", path, NULL,
           "{\"id\":\"<uuid>\",\"type\":\"cars\",\"name\":\"Golf\",\"description\":\"\","
           "\"attributes\":{},\"createTime\":\"<time>\",\"updateTime\":\"<time>\"}");
    expect(200, "GET", allocations, NULL, "{\"allocations\":[],\"nextPageToken\":\"\"}");

    stack_send(
        &stack, &made, "POST", allocations, NULL,
        "{\"startTime\":\"2030-01-01T10:00:00+01:00\",\"endTime\":\"2030-01-02T00:00:00Z\"}");
    cr_assert_eq(made.status, 201, "%s", made.body);
    location = http_header(&made, "Location");
    cr_assert_not_null(location);
    cr_assert_eq(strncmp(location, allocations, strlen(allocations)), 0, "%s", location);
    snprintf(one, sizeof(one), "%s", location);
    free(location);
    http_free(&made);
    expect(200, "GET", one, NULL, ALLOCATION("2030-01-01T09:00:00Z", "2030-01-02T00:00:00Z"));
    expect(200, "GET", allocations, NULL,
           "{\"allocations\":[" ALLOCATION("2030-01-01T09:00:00Z",
                                           "2030-01-02T00:00:00Z") "],\"nextPageToken\":\"\"}");

    expect(409, "DELETE", path, NULL,
           "{\"type\":\"<text>\",\"title\":\"<text>\",\"status\":409,\"detail\":\"<text>\","
           "\"instance\":\"<text>\",\"code\":\"FAILED_PRECONDITION\","
           "\"reason\":\"RESOURCE_IN_USE\",\"requestId\":\"<text>\"}");
    expect(204, "DELETE", one, NULL, NULL);
    expect(204, "DELETE", path, NULL, NULL);
    free(stack_expect(&stack, 404, "GET", path, NULL, NULL));
}

Test(booking, a_forced_delete_takes_the_allocations_along)
{
    char car[37];
    char path[128];

    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    free(stack_expect(&stack, 201, "POST", path, NULL, "{\"unbounded\":true}"));
    snprintf(path, sizeof(path), "/v1/cars/%s?force=true", car);
    free(stack_expect(&stack, 204, "DELETE", path, NULL, NULL));
}

static int
book(const char *path, const char *body, char **reply)
{
    struct http_response response;
    int status;

    stack_send(&stack, &response, "POST", path, NULL, body);
    status = response.status;
    if (reply != NULL) {
        *reply = strdup(response.body);
    }
    http_free(&response);
    return status;
}

/* Against [10, 20): everything that shares a moment is refused, neighbours are not. Hours of a day.
 */
Test(booking, the_truth_table_of_overlaps)
{
    static const struct {
        const char *start, *end; /* NULL: infinite */
        int status;
    } rows[] = {
        {"10", "20", 409}, {"05", "15", 409}, {"15", "22", 409}, {"12", "18", 409},
        {"05", "22", 409}, {"10", "15", 409}, {"15", "20", 409}, {"05", "20", 409},
        {"10", "22", 409}, {NULL, "15", 409}, {NULL, "22", 409}, {"05", NULL, 409},
        {"10", NULL, 409}, {"19", NULL, 409}, {NULL, NULL, 409}, {"05", "10", 201},
        {"20", "22", 201}, {NULL, "10", 201}, {"20", NULL, 201}, {"00", "10", 201},
        {"20", "20", 400}, {"20", "10", 400}, {"15", "12", 400},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char car[37];
        char name[32];
        char path[128];
        char start[64] = "";
        char end[64] = "";
        char body[256];
        int status;

        snprintf(name, sizeof(name), "car %zu", i);
        stack_make_car(&stack, name, car);
        snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
        cr_assert_eq(book(path,
                          "{\"startTime\":\"2030-01-01T10:00:00Z\","
                          "\"endTime\":\"2030-01-01T20:00:00Z\"}",
                          NULL),
                     201);
        if (rows[i].start != NULL) {
            snprintf(start, sizeof(start), ",\"startTime\":\"2030-01-01T%s:00:00Z\"",
                     rows[i].start);
        }
        if (rows[i].end != NULL) {
            snprintf(end, sizeof(end), ",\"endTime\":\"2030-01-01T%s:00:00Z\"", rows[i].end);
        }
        snprintf(body, sizeof(body), "{\"kind\":\"MAINTENANCE\"%s%s%s}", start, end,
                 rows[i].start == NULL && rows[i].end == NULL ? ",\"unbounded\":true" : "");
        status = book(path, body, NULL);
        cr_assert_eq(status, rows[i].status, "%s: %d", body, status);
    }
}

Test(booking, a_conflict_says_what_is_in_the_way_and_when_it_is_free)
{
    char car[37];
    char path[128];
    char *reply;
    char why[1024];

    stack_make_car(&stack, "Golf", car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    for (int day = 1; day <= 3; day++) {
        char body[128];

        snprintf(
            body, sizeof(body),
            "{\"startTime\":\"2030-01-%02dT00:00:00Z\",\"endTime\":\"2030-01-%02dT12:00:00Z\"}",
            day, day + (day == 3));
        cr_assert_eq(book(path, body, NULL), 201);
    }
    cr_assert_eq(book(path,
                      "{\"startTime\":\"2030-01-01T06:00:00Z\","
                      "\"endTime\":\"2030-01-02T06:00:00Z\"}",
                      &reply),
                 409);
    cr_assert(match_json("{\"type\":\"<text>\",\"title\":\"The period is taken\",\"status\":409,"
                         "\"detail\":\"<text>\",\"instance\":\"<text>\",\"code\":\"ABORTED\","
                         "\"reason\":\"ALLOCATION_OVERLAP\",\"requestId\":\"<text>\","
                         "\"conflicts\":["
                         "{\"startTime\":\"2030-01-01T00:00:00Z\","
                         "\"endTime\":\"2030-01-01T12:00:00Z\"},"
                         "{\"startTime\":\"2030-01-02T00:00:00Z\","
                         "\"endTime\":\"2030-01-02T12:00:00Z\"}],"
                         "\"nextAvailable\":\"2030-01-04T12:00:00Z\"}",
                         reply, why, sizeof(why)),
              "%s", why);
    free(reply);
}
