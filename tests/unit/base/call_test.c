#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/limits.h"

static const struct reason missing = {
    .name = "MISSING", .code = STATUS_INVALID_ARGUMENT, .http_status = 400, .title = "Missing"};
static const struct reason too_long = {
    .name = "TOO_LONG", .code = STATUS_INVALID_ARGUMENT, .http_status = 400, .title = "Too long"};
static const struct reason not_found = {
    .name = "NOT_FOUND", .code = STATUS_NOT_FOUND, .http_status = 404, .title = "Not found"};
static const struct reason mixed = {
    .name = "MIXED", .code = STATUS_INVALID_ARGUMENT, .http_status = 400, .title = "Mixed"};

static struct arena arena;
static struct call call;

static void
open_call(void)
{
    arena_init(&arena, 1024, 0);
    call_init(&call, &arena);
}

static void
close_call(void)
{
    arena_fini(&arena);
}

TestSuite(call, .init = open_call, .fini = close_call);

Test(call, nothing_wrong)
{
    cr_assert_eq(call_invalid(&call, &mixed), STATUS_OK);
    cr_assert_null(call.problem.reason);
    cr_assert_str_eq(call.principal, "");
    cr_assert_eq(call_remaining_ms(&call), INT32_MAX);
}

Test(call, fail_says_why)
{
    cr_assert_eq(call_fail(&call, &missing, "first"), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call_fail(&call, &not_found, "no %s %d", "car", 7), STATUS_NOT_FOUND);
    cr_assert_eq(call.problem.reason, &not_found);
    cr_assert_str_eq(call.problem.detail, "no car 7");
}

Test(call, fail_without_memory_has_the_title)
{
    arena_fini(&arena);
    arena_init(&arena, 1024, 8);
    cr_assert_eq(call_fail(&call, &not_found, "no car"), STATUS_NOT_FOUND);
    cr_assert_str_eq(call.problem.detail, "Not found");
}

Test(call, one_violation_is_the_problem)
{
    char field[] = "/a";

    call_violation(&call, &missing, field, "%s is missing", "a");
    field[1] = 'x';
    cr_assert_eq(call_invalid(&call, &mixed), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &missing);
    cr_assert_str_eq(call.problem.detail, "a is missing");
    cr_assert_str_eq(call.problem.violations->field, "/a");
    cr_assert_null(call.problem.violations->next);
}

Test(call, several_of_one_kind)
{
    call_violation(&call, &missing, "/a", "1");
    call_violation(&call, &missing, "/b", "2");
    cr_assert_eq(call_invalid(&call, &mixed), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &missing);
    cr_assert_eq(call.problem.n_violations, 2);
    cr_assert_str_eq(call.problem.violations->field, "/a");
    cr_assert_str_eq(call.problem.violations->next->field, "/b");
}

Test(call, several_kinds)
{
    call_violation(&call, &missing, "/a", "1");
    call_violation(&call, &too_long, "/b", "2");
    cr_assert_eq(call_invalid(&call, &mixed), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &mixed);
}

Test(call, what_cannot_be_wins)
{
    call_violation(&call, &missing, "/a", "1");
    call_violation(&call, &not_found, "/id", "no such car");
    cr_assert_eq(call_invalid(&call, &mixed), STATUS_NOT_FOUND);
    cr_assert_eq(call.problem.reason, &not_found);
    cr_assert_str_eq(call.problem.detail, "no such car");
    cr_assert_null(call.problem.violations);
    cr_assert_eq(call.problem.n_violations, 0);
    /* The list can be used again. */
    call_violation(&call, &missing, "/b", "2");
    cr_assert_str_eq(call.problem.violations->field, "/b");
}

Test(call, violations_are_bounded)
{
    size_t n = 0;

    for (int i = 0; i < 10 * LIMIT_VIOLATIONS; i++) {
        call_violation(&call, &missing, "/a", "%d", i);
    }
    for (const struct violation *v = call.problem.violations; v != NULL; v = v->next) {
        n++;
    }
    cr_assert_eq(n, LIMIT_VIOLATIONS);
    cr_assert_eq(call.problem.n_violations, LIMIT_VIOLATIONS);
}

Test(call, a_violation_without_memory_still_refuses)
{
    for (size_t cap = 1; cap < 200; cap++) {
        arena_fini(&arena);
        arena_init(&arena, 1024, cap);
        call_init(&call, &arena);
        call_violation(&call, &missing, "/a/place/of/some/length", "and a detail of some length");
        cr_assert_eq(call_invalid(&call, &mixed), STATUS_INVALID_ARGUMENT, "%zu", cap);
        cr_assert_eq(call.problem.reason, &missing);
        cr_assert_not_null(call.problem.detail);
    }
    cr_assert_eq(call.problem.n_violations, 1);
}

Test(call, dropped_violations_are_forgotten)
{
    call_violation(&call, &missing, "/a", "1");
    call_drop_violations(&call);
    cr_assert_eq(call_invalid(&call, &mixed), STATUS_OK);
}

Test(call, remaining_time)
{
    call.deadline_us = clock_us() + 10000000;
    cr_assert_leq(call_remaining_ms(&call), 10000);
    cr_assert_gt(call_remaining_ms(&call), 0);
    call.deadline_us = clock_us() - 1;
    cr_assert_eq(call_remaining_ms(&call), 0);
    call.deadline_us = INT64_MIN;
    cr_assert_eq(call_remaining_ms(&call), 0);
    call.deadline_us = INT64_MAX - 1;
    cr_assert_eq(call_remaining_ms(&call), INT32_MAX - 1);
}
