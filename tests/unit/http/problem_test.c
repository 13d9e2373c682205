/* Problem documents, read back with jansson: what a client's JSON parser sees. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/transcode.h"

static struct arena arena;
static struct call call;
static json_t *document;

static void
setup(void)
{
    arena_init(&arena, 4096, 0);
    call_init(&call, &arena);
    call.request_id = "req-1";
}

static void
teardown(void)
{
    json_decref(document);
    arena_fini(&arena);
}

TestSuite(problem, .init = setup, .fini = teardown);

static const struct http_route *
route(const char *verb, const char *pattern)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        if (strcmp(http_contract.routes[i].verb, verb) == 0 &&
            strcmp(http_contract.routes[i].pattern, pattern) == 0) {
            return &http_contract.routes[i];
        }
    }
    cr_assert_fail("no such route: %s %s", verb, pattern);
    return NULL;
}

static void
write_problem(const struct http_route *of, const char *instance, size_t bytes)
{
    struct buf out = BUF_INIT;
    json_error_t error;

    http_problem_write(&out, &call, of, instance, bytes);
    json_decref(document);
    document = json_loadb(out.data, out.length_bytes, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(document, "%s in %.*s", error.text, (int)out.length_bytes, out.data);
    buf_fini(&out);
}

static const char *
member(const char *name)
{
    const char *text = json_string_value(json_object_get(document, name));

    return text == NULL ? "(absent)" : text;
}

static const char *
error_member(size_t index, const char *name)
{
    json_t *error = json_array_get(json_object_get(document, "errors"), index);
    const char *text = json_string_value(json_object_get(error, name));

    return text == NULL ? "(absent)" : text;
}

/* The places of one violation in answers to one route: pointer and parameter. */
static void
expect_place(const struct http_route *of, const struct reason *reason, const char *field,
             const char *pointer, const char *parameter)
{
    call_init(&call, &arena);
    call_violation(&call, reason, field, "What is wrong.");
    cr_assert_eq(call_invalid(&call, &reason_validation_failed), reason->code);
    write_problem(of, "/", 1);
    cr_assert_str_eq(error_member(0, "pointer"), pointer);
    cr_assert_str_eq(error_member(0, "parameter"), parameter);
    cr_assert_str_eq(error_member(0, "reason"), reason->name);
    cr_assert_str_eq(error_member(0, "detail"), "What is wrong.");
}

Test(problem, has_every_member)
{
    call_fail(&call, &reason_name_taken, "Another car is called '%s'.", "Herbie");
    write_problem(route("POST", "/v1/{type}"), "/v1/cars", 8);
    cr_assert_str_eq(member("type"), "urn:depot:problem:name-taken");
    cr_assert_str_eq(member("title"), "The name is taken");
    cr_assert_eq(json_integer_value(json_object_get(document, "status")), 409);
    cr_assert_str_eq(member("detail"), "Another car is called 'Herbie'.");
    cr_assert_str_eq(member("instance"), "/v1/cars");
    cr_assert_str_eq(member("code"), "ALREADY_EXISTS");
    cr_assert_str_eq(member("reason"), "NAME_TAKEN");
    cr_assert_str_eq(member("requestId"), "req-1");
    cr_assert_null(json_object_get(document, "errors"));
    cr_assert_eq(json_object_size(document), 8);
}

Test(problem, needs_no_route_and_no_request_id)
{
    call_init(&call, &arena);
    call_fail(&call, &reason_route_unknown, "There is nothing at this path.");
    write_problem(NULL, "/nowhere", 8);
    cr_assert_eq(json_integer_value(json_object_get(document, "status")), 404);
    cr_assert_str_eq(member("requestId"), "");
}

Test(problem, whatever_the_path_was_the_answer_is_json)
{
    static const char path[] = "/v1/\"\\\x01\xff\xc0\xaf\xed\xa0\x80/\xc3\xbc";

    call_fail(&call, &reason_route_unknown, "\"quoted\" and\nbroken \xff");
    write_problem(NULL, path, sizeof(path) - 1);
    cr_assert_str_eq(member("instance"), "/v1/\"\\\x01\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                         "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/\xc3\xbc");
    cr_assert_str_eq(member("detail"), "\"quoted\" and\nbroken \xef\xbf\xbd");
}

Test(problem, places_in_a_body_are_relative_to_it)
{
    const struct http_route *create = route("POST", "/v1/{type}/{resource_id}/allocations");

    expect_place(create, &reason_period_reversed, "/allocation/endTime", "/endTime", "(absent)");
    expect_place(create, &reason_period_missing, "/allocation", "", "(absent)");
    expect_place(create, &reason_too_long, "/allocation/attributes/a~1b", "/attributes/a~1b",
                 "(absent)");
    expect_place(create, &reason_unknown_field, "/allocation/allocation", "/allocation",
                 "(absent)");
}

Test(problem, other_places_are_parameters)
{
    const struct http_route *create = route("POST", "/v1/{type}/{resource_id}/allocations");
    const struct http_route *list = route("GET", "/v1/{type}");

    expect_place(create, &reason_bad_path, "/resourceId", "(absent)", "resourceId");
    expect_place(create, &reason_unknown_parameter, "/allocations", "(absent)", "allocations");
    expect_place(create, &reason_unknown_parameter, "/allocatio", "(absent)", "allocatio");
    expect_place(list, &reason_wrong_type, "/pageSize", "(absent)", "pageSize");
    expect_place(list, &reason_unknown_parameter, "/a~1b~0~01c", "(absent)", "a/b~~1c");
    expect_place(list, &reason_unknown_parameter, "/", "(absent)", "");
    expect_place(list, &reason_unknown_parameter, "/\xff~", "(absent)", "\xef\xbf\xbd~");
    expect_place(list, &reason_body_not_allowed, "", "", "(absent)");
}

Test(problem, places_when_the_body_is_the_whole_request)
{
    struct http_route whole = *route("POST", "/v1/{type}");

    whole.body = HTTP_BODY_WHOLE;
    expect_place(&whole, &reason_required, "/resource/name", "/resource/name", "(absent)");
    expect_place(&whole, &reason_wrong_type, "", "", "(absent)");
    expect_place(&whole, &reason_bad_path, "/type", "(absent)", "type");
    expect_place(&whole, &reason_unknown_field, "/type", "/type", "(absent)");
}

Test(problem, places_without_a_route_are_those_of_the_message)
{
    expect_place(NULL, &reason_required, "/resource/name", "/resource/name", "(absent)");
}

Test(problem, lists_all_violations_in_order)
{
    call_violation(&call, &reason_unknown_parameter, "/x", "No such parameter.");
    call_violation(&call, &reason_required, "/resource/name", "It needs a name.");
    cr_assert_eq(call_invalid(&call, &reason_validation_failed), STATUS_INVALID_ARGUMENT);
    write_problem(route("POST", "/v1/{type}"), "/v1/cars", 8);
    cr_assert_str_eq(member("reason"), "VALIDATION_FAILED");
    cr_assert_str_eq(member("type"), "urn:depot:problem:validation-failed");
    cr_assert_eq(json_array_size(json_object_get(document, "errors")), 2);
    cr_assert_str_eq(error_member(0, "parameter"), "x");
    cr_assert_str_eq(error_member(1, "pointer"), "/name");
}

Test(problem, members_of_the_extra_message_stand_beside_the_others)
{
    Google__Protobuf__Timestamp start = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Timestamp next = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Depot__Inventory__V1__Period period = DEPOT__INVENTORY__V1__PERIOD__INIT;
    Depot__Inventory__V1__Period *periods[] = {&period};
    Depot__Inventory__V1__AllocationOverlap overlap =
        DEPOT__INVENTORY__V1__ALLOCATION_OVERLAP__INIT;
    json_t *conflict;

    start.seconds = 1772355600;
    next.seconds = 1772359200;
    period.start_time = &start;
    overlap.conflicts = periods;
    overlap.n_conflicts = 1;
    overlap.next_available = &next;
    call_fail(&call, &reason_allocation_overlap, "The car is taken.");
    call_extra(&call, &depot__inventory__v1__allocation_overlap__schema, &overlap);
    write_problem(route("POST", "/v1/{type}/{resource_id}/allocations"), "/v1/cars/1/allocations",
                  22);
    cr_assert_str_eq(member("nextAvailable"), "2026-03-01T10:00:00Z");
    conflict = json_array_get(json_object_get(document, "conflicts"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(conflict, "startTime")),
                     "2026-03-01T09:00:00Z");
    cr_assert_null(json_object_get(conflict, "endTime"));
    cr_assert_str_eq(member("reason"), "ALLOCATION_OVERLAP");
}

Test(problem, every_reason_of_the_contract_makes_a_valid_document)
{
    size_t n_reasons = 0;

    for (const struct reason *const *at = http_contract.reasons; *at != NULL; at++, n_reasons++) {
        call_fail(&call, *at, "%s", (*at)->title);
        write_problem(NULL, "/", 1);
        cr_assert_str_eq(member("reason"), (*at)->name);
        cr_assert_str_neq(member("title"), "");
        cr_assert_str_neq(member("code"), "UNKNOWN");
        cr_assert_geq((*at)->http_status, 400);
        cr_assert_eq(strpbrk(member("type"), "_ ABCDEFGHIJKLMNOPQRSTUVWXYZ"), NULL);
        cr_assert_eq(http_reason_find(&http_contract, (*at)->name), *at);
    }
    cr_assert_gt(n_reasons, 40);
}

Test(problem, reasons_and_messages_are_found_by_their_whole_names)
{
    cr_assert_eq(http_reason_find(&http_contract, "NAME_TAKEN"), &reason_name_taken);
    cr_assert_null(http_reason_find(&http_contract, "NAME_TAKE"));
    cr_assert_null(http_reason_find(&http_contract, ""));
    cr_assert_eq(http_message_find(&http_contract, "depot.inventory.v1.AllocationOverlap"),
                 &depot__inventory__v1__allocation_overlap__schema);
    cr_assert_null(http_message_find(&http_contract, "AllocationOverlap"));
    cr_assert_null(http_message_find(&http_contract, ""));
}
