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
    "\"description\":\"\",\"attributes\":{},\"createTime\":\"<time>\",\"ownerId\":\"<uuid>\"}"

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

/* A period of hours of one day; NULL is an infinite end. */
struct hours {
    const char *start, *end;
};

static void
write_period(const struct hours *hours, char out[static 256])
{
    char start[64] = "";
    char end[64] = "";

    if (hours->start != NULL) {
        snprintf(start, sizeof(start), ",\"startTime\":\"2030-01-01T%s:00:00Z\"", hours->start);
    }
    if (hours->end != NULL) {
        snprintf(end, sizeof(end), ",\"endTime\":\"2030-01-01T%s:00:00Z\"", hours->end);
    }
    snprintf(out, 256, "{\"kind\":\"MAINTENANCE\"%s%s%s}", start, end,
             hours->start == NULL && hours->end == NULL ? ",\"unbounded\":true" : "");
}

/* What the booking of `wanted` answers on a vehicle of its own that is taken for `taken`. */
static int
book_beside(const struct hours *taken, const struct hours *wanted)
{
    static int n;
    char car[37];
    char name[32];
    char path[128];
    char body[256];

    snprintf(name, sizeof(name), "car %d", n++);
    stack_make_car(&stack, name, car);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations", car);
    write_period(taken, body);
    cr_assert_eq(book(path, body, NULL), 201, "%s", body);
    write_period(wanted, body);
    return book(path, body, NULL);
}

/* Everything that shares a moment with what is taken is refused, neighbours are not. */
static int
expected(const struct hours *taken, const struct hours *wanted)
{
    int taken_start = taken->start == NULL ? -1 : atoi(taken->start);
    int taken_end = taken->end == NULL ? 99 : atoi(taken->end);
    int start = wanted->start == NULL ? -1 : atoi(wanted->start);
    int end = wanted->end == NULL ? 99 : atoi(wanted->end);

    if (start >= end) {
        return 400;
    }
    return start < taken_end && taken_start < end ? 409 : 201;
}

Test(booking, the_truth_table_of_overlaps)
{
    static const struct hours taken[] = {{"10", "20"}, {NULL, "20"}, {"10", NULL}, {NULL, NULL}};
    static const char *const ends[] = {NULL, "05", "10", "15", "20", "22"};
    int n_made = 0;

    for (size_t t = 0; t < 4; t++) {
        for (size_t i = 0; i < 36; i++) {
            struct hours wanted = {ends[i / 6], ends[i % 6]};
            int wanted_status = expected(&taken[t], &wanted);
            int status = book_beside(&taken[t], &wanted);

            cr_assert_eq(status, wanted_status, "beside %s-%s, %s-%s: %d", taken[t].start,
                         taken[t].end, wanted.start, wanted.end, status);
            n_made += status == 201;
        }
    }
    cr_assert_eq(n_made, 6 + 3 + 3, "%d", n_made);
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
