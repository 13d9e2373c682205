/* Requests as clients send them, through the routes of the real contract. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "http/transcode.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"

static struct http_router *router;
static struct arena arena;
static struct call call;
static struct http_match match;
static ProtobufCMessage *message;

static void
setup(void)
{
    router = http_router_new(http_contract.routes, http_contract.n_routes);
    arena_init(&arena, 4096, 1 << 20);
    call_init(&call, &arena);
}

static void
teardown(void)
{
    http_router_free(router);
    arena_fini(&arena);
}

TestSuite(transcode, .init = setup, .fini = teardown);

/* Bytes at the end of their memory, so that a sanitizer sees a read behind them. */
static char *
exact(const char *data, size_t bytes)
{
    char *copy = malloc(bytes == 0 ? 1 : bytes);

    if (bytes != 0) {
        memcpy(copy, data, bytes);
    }
    return copy;
}

static enum status
receive(const char *verb, const char *target, const char *body)
{
    const char *mark = strchr(target, '?');
    size_t path_bytes = mark == NULL ? strlen(target) : (size_t)(mark - target);
    size_t query_bytes = mark == NULL ? 0 : strlen(mark + 1);
    size_t body_bytes = body == NULL ? 0 : strlen(body);
    char *path = exact(target, path_bytes);
    char *query = exact(mark == NULL ? "" : mark + 1, query_bytes);
    char *text = exact(body == NULL ? "" : body, body_bytes);
    enum status status;

    arena_reset(&arena);
    call_init(&call, &arena);
    message = NULL;
    http_router_find(router, verb, strlen(verb), path, path_bytes, &match);
    cr_assert_not_null(match.route, "%s %s", verb, target);
    status = http_request_read(&call, &match, query, query_bytes, text, body_bytes, &message);
    free(path);
    free(query);
    free(text);
    cr_assert_eq(status == STATUS_OK, message != NULL, "%s %s", verb, target);
    cr_assert_eq(status == STATUS_OK, call.problem.reason == NULL, "%s %s", verb, target);
    return status;
}

/* "REASON", or "REASON: PLACE REASON, PLACE REASON" with the violations as they were found. */
static const char *
outcome(const char *verb, const char *target, const char *body)
{
    static char text[8192];
    size_t used;

    if (receive(verb, target, body) == STATUS_OK) {
        return "OK";
    }
    used = (size_t)snprintf(text, sizeof(text), "%s", call.problem.reason->name);
    for (const struct violation *v = call.problem.violations; v != NULL; v = v->next) {
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s",
                             v == call.problem.violations ? ":" : ",", v->field, v->reason->name);
    }
    return text;
}

static void
expect(const char *wanted, const char *verb, const char *target, const char *body)
{
    const char *was = outcome(verb, target, body);

    cr_assert_str_eq(was, wanted, "%s %s %s\n  was:    %s\n  wanted: %s", verb, target,
                     body == NULL ? "" : body, was, wanted);
}

Test(transcode, a_path_fills_its_fields)
{
    const Depot__Inventory__V1__GetResourceRequest *request;

    cr_assert_eq(receive("GET", "/v1/cars/" ID, NULL), STATUS_OK);
    request = (const void *)message;
    cr_assert_eq(request->base.descriptor, &depot__inventory__v1__get_resource_request__descriptor);
    cr_assert_str_eq(request->type, "cars");
    cr_assert_str_eq(request->id, ID);
}

Test(transcode, a_path_is_percent_decoded_and_plus_is_plus)
{
    cr_assert_eq(receive("GET", "/v1/%63%61rs/01890a5d%2Dac96-774b-bcce-b302099a8057", NULL),
                 STATUS_OK);
    cr_assert_str_eq(((Depot__Inventory__V1__GetResourceRequest *)message)->type, "cars");
    cr_assert_str_eq(((Depot__Inventory__V1__GetResourceRequest *)message)->id, ID);
    expect("RESOURCE_TYPE_UNKNOWN", "GET", "/v1/car+s", NULL);
    expect("RESOURCE_TYPE_UNKNOWN", "GET", "/v1/cars%2Ftrucks", NULL);
    expect("RESOURCE_TYPE_UNKNOWN", "GET", "/v1/Cars", NULL);
    expect("RESOURCE_TYPE_UNKNOWN", "GET", "/v1/cars%20", NULL);
}

Test(transcode, a_path_that_can_name_nothing_wins_over_all_else)
{
    expect("RESOURCE_TYPE_UNKNOWN", "POST", "/v1/boats", "{\"name\":");
    expect("RESOURCE_TYPE_UNKNOWN", "GET", "/v1/boats?pageSize=x&nonsense=1", NULL);
    expect("RESOURCE_NOT_FOUND", "GET", "/v1/cars/17", NULL);
    expect("RESOURCE_NOT_FOUND", "GET", "/v1/cars/" ID "0", NULL);
    expect("RESOURCE_NOT_FOUND", "POST", "/v1/cars/17/allocations", "[]");
    expect("RESOURCE_NOT_FOUND", "GET", "/v1/cars/17/allocations?startTime=never", "body");
    cr_assert_eq(receive("POST", "/v1/boats", ""), STATUS_NOT_FOUND);
}

Test(transcode, a_path_that_is_no_text_is_a_violation_beside_others)
{
    expect("BAD_PATH: /type BAD_PATH", "GET", "/v1/%zz", NULL);
    expect("BAD_PATH: /type BAD_PATH", "GET", "/v1/%f", NULL);
    expect("BAD_PATH: /type BAD_PATH", "GET", "/v1/%", NULL);
    expect("BAD_PATH: /type BAD_PATH", "GET", "/v1/cars%00", NULL);
    expect("BAD_PATH: /type BAD_PATH", "GET", "/v1/%ff", NULL);
    expect("BAD_PATH: /type BAD_PATH", "GET", "/v1/%c0%af", NULL);
    expect("VALIDATION_FAILED: /type BAD_PATH, /x UNKNOWN_PARAMETER", "GET", "/v1/%zz?x=1", NULL);
    cr_assert_eq(receive("GET", "/v1/%zz", NULL), STATUS_INVALID_ARGUMENT);
}

Test(transcode, a_query_fills_the_other_fields_under_either_spelling)
{
    const Depot__Inventory__V1__ListAllocationsRequest *request;

    cr_assert_eq(receive("GET",
                         "/v1/cars/" ID "/allocations?pageSize=7&page_token=a%20b+c%2B"
                         "&start_time=2026-03-01T09:00:00%2B01:00",
                         NULL),
                 STATUS_OK);
    request = (const void *)message;
    cr_assert_eq(request->page_size, 7);
    cr_assert_str_eq(request->page_token, "a b c+");
    cr_assert_eq(request->start_time->seconds, 1772352000);
    cr_assert_null(request->end_time);
    cr_assert_str_eq(request->resource_id, ID);
}

Test(transcode, a_query_may_have_gaps_and_names_may_be_encoded)
{
    cr_assert_eq(receive("GET", "/v1/cars?&&pageSi%7ae=3&", NULL), STATUS_OK);
    cr_assert_eq(((Depot__Inventory__V1__ListResourcesRequest *)message)->page_size, 3);
    cr_assert_eq(receive("GET", "/v1/cars?", NULL), STATUS_OK);
    cr_assert_eq(receive("DELETE", "/v1/cars/" ID "?force=true", NULL), STATUS_OK);
    cr_assert(((Depot__Inventory__V1__DeleteResourceRequest *)message)->force);
    cr_assert_eq(receive("DELETE", "/v1/cars/" ID "?force=false", NULL), STATUS_OK);
    cr_assert_not(((Depot__Inventory__V1__DeleteResourceRequest *)message)->force);
}

Test(transcode, an_empty_value_is_the_empty_string_and_no_number)
{
    expect("OK", "GET", "/v1/cars?pageToken=", NULL);
    expect("OK", "GET", "/v1/cars?pageToken", NULL);
    expect("WRONG_TYPE: /pageSize WRONG_TYPE", "GET", "/v1/cars?pageSize=", NULL);
    expect("WRONG_TYPE: /pageSize WRONG_TYPE", "GET", "/v1/cars?pageSize", NULL);
    expect("WRONG_TYPE: /force WRONG_TYPE", "DELETE", "/v1/cars/" ID "?force", NULL);
}

Test(transcode, values_of_the_wrong_kind)
{
    expect("WRONG_TYPE: /pageSize WRONG_TYPE", "GET", "/v1/cars?pageSize=ten", NULL);
    expect("WRONG_TYPE: /pageSize WRONG_TYPE", "GET", "/v1/cars?page_size=+7", NULL);
    expect("OUT_OF_RANGE: /pageSize OUT_OF_RANGE", "GET", "/v1/cars?pageSize=-1", NULL);
    expect("OUT_OF_RANGE: /pageSize OUT_OF_RANGE", "GET", "/v1/cars?pageSize=2147483648", NULL);
    expect("WRONG_TYPE: /force WRONG_TYPE", "DELETE", "/v1/cars/" ID "?force=1", NULL);
    expect("BAD_TIMESTAMP: /endTime BAD_TIMESTAMP", "GET",
           "/v1/cars/" ID "/allocations?end_time=2026-02-30T00:00:00Z", NULL);
    expect("PERIOD_REVERSED: /endTime PERIOD_REVERSED", "GET",
           "/v1/cars/" ID
           "/allocations?startTime=2026-03-02T00:00:00Z&endTime=2026-03-01T00:00:00Z",
           NULL);
}

Test(transcode, a_time_whose_plus_was_lost_is_told_so)
{
    static const char about_plus[] =
        "`startTime` has a space where its offset's '+' was: write it as %2B in a query.";

    expect("BAD_TIMESTAMP: /startTime BAD_TIMESTAMP", "GET",
           "/v1/cars/" ID "/allocations?startTime=2026-03-01T00:00:00+01:00", NULL);
    cr_assert_str_eq(call.problem.detail, about_plus);
    expect("BAD_TIMESTAMP: /startTime BAD_TIMESTAMP", "GET",
           "/v1/cars/" ID "/allocations?startTime=2026-03-01T00:00:00+1:00", NULL);
    cr_assert_str_neq(call.problem.detail, about_plus);
    expect("OK", "GET", "/v1/cars/" ID "/allocations?startTime=2026-03-01T00:00:00%2B01:00", NULL);
}

Test(transcode, values_that_are_no_text)
{
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=%", NULL);
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=%2", NULL);
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=%2x", NULL);
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=a%00b", NULL);
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=%ed%a0%80", NULL);
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=\xff", NULL);
    expect("BAD_FORMAT: /pageToken BAD_FORMAT", "GET", "/v1/cars?pageToken=%&pageToken=1", NULL);
}

Test(transcode, unknown_parameters_are_named_as_they_came)
{
    expect("UNKNOWN_PARAMETER: /sort UNKNOWN_PARAMETER", "GET", "/v1/cars?sort=name", NULL);
    expect("UNKNOWN_PARAMETER: /pagesize UNKNOWN_PARAMETER", "GET", "/v1/cars?pagesize=1", NULL);
    expect("UNKNOWN_PARAMETER: /PageSize UNKNOWN_PARAMETER", "GET", "/v1/cars?PageSize=1", NULL);
    expect("UNKNOWN_PARAMETER: / UNKNOWN_PARAMETER", "GET", "/v1/cars?=1", NULL);
    expect("UNKNOWN_PARAMETER: /a~1b~0c UNKNOWN_PARAMETER", "GET", "/v1/cars?a/b~c=1", NULL);
    expect("UNKNOWN_PARAMETER: /%zz UNKNOWN_PARAMETER", "GET", "/v1/cars?%zz=1", NULL);
    expect("UNKNOWN_PARAMETER: /a b UNKNOWN_PARAMETER", "GET", "/v1/cars?a+b=1&a+b=2", NULL);
}

Test(transcode, what_path_or_body_fill_is_no_parameter)
{
    expect("UNKNOWN_PARAMETER: /type UNKNOWN_PARAMETER", "GET", "/v1/cars?type=cars", NULL);
    expect("UNKNOWN_PARAMETER: /resource_id UNKNOWN_PARAMETER", "GET",
           "/v1/cars/" ID "/allocations?resource_id=" ID, NULL);
    expect("UNKNOWN_PARAMETER: /resource UNKNOWN_PARAMETER", "POST", "/v1/cars?resource=x",
           "{\"name\":\"a\"}");
    expect("UNKNOWN_PARAMETER: /resource.name UNKNOWN_PARAMETER", "POST",
           "/v1/cars?resource.name=x", "{\"name\":\"a\"}");
    expect("UNKNOWN_PARAMETER: /name UNKNOWN_PARAMETER", "POST", "/v1/cars?name=x",
           "{\"name\":\"a\"}");
}

Test(transcode, the_detail_of_an_unknown_parameter_lists_the_known_ones)
{
    receive("GET", "/v1/cars?sort=name", NULL);
    cr_assert_str_eq(call.problem.detail,
                     "`sort` is no query parameter here; the parameters are: pageSize, pageToken, "
                     "filter, orderBy.");
    receive("GET", "/v1/cars/" ID "?x", NULL);
    cr_assert_str_eq(call.problem.detail, "`x` is no query parameter here; there are none.");
}

Test(transcode, whatever_takes_a_key_can_be_tried_without_effect)
{
    static const char body[] = "{\"name\":\"a\"}";

    cr_assert_eq(receive("POST", "/v1/cars", body), STATUS_OK);
    cr_assert_not(call.validate_only);
    cr_assert_eq(receive("POST", "/v1/cars?validateOnly=true", body), STATUS_OK);
    cr_assert(call.validate_only);
    cr_assert_eq(receive("POST", "/v1/cars?validate_only=%74rue", body), STATUS_OK);
    cr_assert(call.validate_only);
    cr_assert_eq(receive("DELETE", "/v1/cars/" ID "?force=true&validateOnly=true", NULL),
                 STATUS_OK);
    cr_assert(call.validate_only);
    cr_assert_eq(receive("POST", "/v1/cars?validateOnly=false", body), STATUS_OK);
    cr_assert_not(call.validate_only);
    expect("WRONG_TYPE: /validateOnly WRONG_TYPE", "POST", "/v1/cars?validateOnly=1", body);
    expect("WRONG_TYPE: /validateOnly WRONG_TYPE", "POST", "/v1/cars?validateOnly", body);
    expect("WRONG_TYPE: /validateOnly WRONG_TYPE", "POST", "/v1/cars?validateOnly=%zz", body);
    expect("DUPLICATE_PARAMETER: /validateOnly DUPLICATE_PARAMETER", "POST",
           "/v1/cars?validateOnly=true&validate_only=true", body);
    expect("UNKNOWN_PARAMETER: /validateOnly UNKNOWN_PARAMETER", "GET",
           "/v1/cars?validateOnly=true", NULL);
    expect("UNKNOWN_PARAMETER: /validateonly UNKNOWN_PARAMETER", "POST",
           "/v1/cars?validateonly=true", body);
    expect("UNKNOWN_PARAMETER: /validateOnly UNKNOWN_PARAMETER", "POST",
           "/v1/auth/logout?validateOnly=true", "{}");
}

/* "name,description": the mask of an update of a resource. */
static const char *
mask_of(const char *target, const char *body)
{
    static char text[256];
    const Depot__Inventory__V1__UpdateResourceRequest *request;

    cr_assert_eq(receive("PATCH", target, body), STATUS_OK, "%s", body);
    request = (const void *)message;
    cr_assert_not_null(request->update_mask);
    text[0] = '\0';
    for (size_t i = 0; i < request->update_mask->n_paths; i++) {
        strcat(text, i == 0 ? "" : ",");
        strcat(text, request->update_mask->paths[i]);
    }
    return text;
}

Test(transcode, a_body_says_what_is_to_be_changed)
{
    cr_assert_str_eq(mask_of("/v1/cars/" ID, "{}"), "");
    cr_assert_str_eq(mask_of("/v1/cars/" ID, "{\"name\":\"a\"}"), "name");
    cr_assert_str_eq(
        mask_of("/v1/cars/" ID, "{\"attributes\":{\"name\":\"\"},\"description\":null}"),
        "description,attributes");
    cr_assert_str_eq(
        mask_of("/v1/cars/" ID "?updateMask=name", "{\"name\":\"a\",\"description\":\"\"}"),
        "name");
    cr_assert_str_eq(mask_of("/v1/cars/" ID "?updateMask=", "{\"name\":\"a\"}"), "name");
    expect("READ_ONLY: /resource/id READ_ONLY", "PATCH", "/v1/cars/" ID, "{\"id\":null}");
    expect("READ_ONLY: /resource/id READ_ONLY", "PATCH", "/v1/cars/" ID, "{\"id\":\"x\"}");
    expect("BAD_FORMAT: /updateMask BAD_FORMAT", "PATCH", "/v1/cars/" ID "?updateMask=%zz", "{}");
}

Test(transcode, a_parameter_stands_once_under_both_spellings)
{
    expect("DUPLICATE_PARAMETER: /pageSize DUPLICATE_PARAMETER", "GET",
           "/v1/cars?pageSize=1&pageSize=1", NULL);
    expect("DUPLICATE_PARAMETER: /pageSize DUPLICATE_PARAMETER", "GET",
           "/v1/cars?pageSize=1&page_size=2&pageSize=3", NULL);
    expect("WRONG_TYPE: /pageSize WRONG_TYPE", "GET", "/v1/cars?pageSize=x&pageSize=2", NULL);
    expect("DUPLICATE_PARAMETER: /pageToken DUPLICATE_PARAMETER", "GET",
           "/v1/cars?pageToken=&pageToken=", NULL);
}

Test(transcode, a_body_fills_its_field)
{
    const Depot__Inventory__V1__CreateAllocationRequest *request;

    cr_assert_eq(receive("POST", "/v1/trucks/" ID "/allocations",
                         "{\"startTime\":\"2026-03-01T09:00:00Z\",\"kind\":\"MAINTENANCE\"}"),
                 STATUS_OK);
    request = (const void *)message;
    cr_assert_str_eq(request->type, "trucks");
    cr_assert_str_eq(request->resource_id, ID);
    cr_assert_eq(request->allocation->start_time->seconds, 1772355600);
    cr_assert_null(request->allocation->end_time);
    cr_assert_eq(request->allocation->kind, DEPOT__INVENTORY__V1__ALLOCATION__KIND__MAINTENANCE);
}

Test(transcode, malformed_json_comes_alone)
{
    static const char *const bodies[] = {"", " ", "{", "{\"name\":1", "{}x", "{'name':1}", "\xff"};

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        expect("MALFORMED_JSON", "POST", "/v1/cars?unknown=1", bodies[i]);
        expect("MALFORMED_JSON", "POST", "/v1/%zz", bodies[i]);
    }
}

Test(transcode, bodies_of_the_wrong_shape_have_places_below_the_field)
{
    expect("WRONG_TYPE: /resource WRONG_TYPE", "POST", "/v1/cars", "[]");
    expect("WRONG_TYPE: /resource/name WRONG_TYPE", "POST", "/v1/cars", "{\"name\":1}");
    expect("REQUIRED: /resource/name REQUIRED", "POST", "/v1/cars", "{}");
    expect("PERIOD_MISSING: /allocation PERIOD_MISSING", "POST", "/v1/cars/" ID "/allocations",
           "{}");
    expect("READ_ONLY: /resource/id READ_ONLY", "POST", "/v1/cars",
           "{\"name\":\"a\",\"id\":\"" ID "\"}");
}

Test(transcode, violations_of_all_parts_come_together)
{
    expect("VALIDATION_FAILED: /x UNKNOWN_PARAMETER, /resource/wheels UNKNOWN_FIELD, "
           "/resource/name REQUIRED",
           "POST", "/v1/cars?x=1", "{\"wheels\":4}");
    cr_assert_str_eq(call.problem.detail,
                     "3 things are wrong with the request; `errors` lists them.");
}

Test(transcode, a_body_where_none_is_taken)
{
    expect("BODY_NOT_ALLOWED:  BODY_NOT_ALLOWED", "GET", "/v1/cars", "{}");
    expect("BODY_NOT_ALLOWED:  BODY_NOT_ALLOWED", "DELETE", "/v1/cars/" ID, " ");
    expect("VALIDATION_FAILED: /x UNKNOWN_PARAMETER,  BODY_NOT_ALLOWED", "GET", "/v1/cars?x", "{}");
}

Test(transcode, more_violations_than_are_kept_do_no_harm)
{
    char target[8192] = "/v1/cars?";

    for (int i = 0; i < 1000; i++) {
        snprintf(target + strlen(target), 8, "x%d&", i);
    }
    cr_assert_eq(receive("GET", target, NULL), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.n_violations, LIMIT_VIOLATIONS);
}

/* Pieces that mean something, joined at random (the same ones at every run). */
Test(transcode, whatever_the_query_is_there_is_a_message_or_a_problem)
{
    static const char *const pieces[] = {
        "pageSize", "page_token", "startTime", "=", "&", "%", "%2", "%00",  "%ff",
        "+",        "7",          "-",         "Z", "~", "/", "?",  "\xc3", "2026-03-01T09:00:00"};
    const size_t n_pieces = sizeof(pieces) / sizeof(pieces[0]);
    unsigned seed = 1;
    size_t outcomes[2] = {0, 0};

    for (int i = 0; i < 20000; i++) {
        char target[512] = "/v1/cars/" ID "/allocations?";

        for (unsigned k = 0; k < 1 + (unsigned)i % 9; k++) {
            seed = seed * 1103515245 + 12345;
            strcat(target, pieces[(seed >> 16) % n_pieces]);
        }
        outcomes[receive("GET", target, NULL) == STATUS_OK]++;
    }
    cr_assert_gt(outcomes[0], 1000);
    cr_assert_gt(outcomes[1], 100);
}

Test(transcode, running_out_of_memory_is_an_error_at_every_point)
{
    static const char body[] =
        "{\"startTime\":\"2026-03-01T09:00:00Z\",\"attributes\":{\"a\":\"b\"}}";
    static const char path[] = "/v1/c%61rs/" ID "/allocations";
    static const char query[] = "x=1&y=%20";
    size_t cap = 16;
    bool ended = false;

    for (; cap < 65536 && !ended; cap += 16) {
        struct arena small;

        arena_init(&small, 1024, cap);
        call_init(&call, &small);
        message = NULL;
        http_router_find(router, "POST", 4, path, strlen(path), &match);
        switch (
            http_request_read(&call, &match, query, strlen(query), body, strlen(body), &message)) {
        case STATUS_INTERNAL:
            cr_assert_eq(call.problem.reason, &reason_internal_error);
            cr_assert_null(call.problem.violations);
            break;
        case STATUS_OK: /* the violations found no room */
            cr_assert_not_null(message);
            break;
        default:
            cr_assert_not_null(call.problem.reason);
            ended = call.problem.n_violations == 2;
        }
        arena_fini(&small);
    }
    cr_assert(ended);
}

/* --- routes that the contract does not have, for its messages --- */

static struct pb_method bent_method;
static struct http_route bent;

static enum status
receive_bent(const char *path, const char *query, const char *body)
{
    struct http_router *one = http_router_new(&bent, 1);
    enum status status;

    arena_reset(&arena);
    call_init(&call, &arena);
    http_router_find(one, bent.verb, strlen(bent.verb), path, strlen(path), &match);
    cr_assert_eq(match.route, &bent);
    status = http_request_read(&call, &match, query, strlen(query), body, strlen(body), &message);
    http_router_free(one);
    return status;
}

/* The contract's route for a method, to be bent. */
static void
bend(const char *name)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        if (strcmp(http_contract.routes[i].method->name, name) == 0) {
            bent = http_contract.routes[i];
            bent_method = *bent.method;
            bent.method = &bent_method;
            return;
        }
    }
    cr_assert_fail("no method %s", name);
}

static enum status
receive_whole(const char *path, const char *query, const char *body)
{
    bend("CreateResource");
    bent.body = HTTP_BODY_WHOLE;
    return receive_bent(path, query, body);
}

Test(transcode, a_plus_in_a_path_is_a_plus)
{
    static const int16_t none[] = {-1};
    static const struct http_segment segments[] = {{.literal = "t"}, {.field = 2}};

    bend("ListResources");
    bent.segments = segments;
    bent_method.scope = none;
    cr_assert_str_eq(bent_method.request->fields[2].name, "page_token");
    receive_bent("/t/a+b%2B%20%2F", "type=cars", "");
    cr_assert_null(call.problem.violations, "%s", call.problem.detail);
    cr_assert_str_eq(((Depot__Inventory__V1__ListResourcesRequest *)message)->page_token, "a+b+ /");
}

Test(transcode, what_has_no_textual_form_is_no_parameter)
{
    bend("CreateResource");
    bent.body = HTTP_BODY_NONE;
    receive_bent("/v1/cars", "resource=x", "");
    cr_assert_str_eq(call.problem.violations->field, "/resource");
    cr_assert_eq(call.problem.violations->reason, &reason_unknown_parameter);
    cr_assert_str_eq(call.problem.violations->detail,
                     "`resource` is no query parameter here; the parameters are: validateOnly.");
}

Test(transcode, a_whole_body_leaves_no_scalar_for_the_query)
{
    bend("ListResources");
    bent.body = HTTP_BODY_WHOLE;
    cr_assert_eq(receive_bent("/v1/cars", "pageSize=3", "{}"), STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &reason_unknown_parameter);
    cr_assert_eq(receive_bent("/v1/cars", "", "{\"pageSize\":3}"), STATUS_OK);
    cr_assert_eq(((Depot__Inventory__V1__ListResourcesRequest *)message)->page_size, 3);
    cr_assert_str_eq(((Depot__Inventory__V1__ListResourcesRequest *)message)->type, "cars");
}

Test(transcode, a_whole_body_takes_the_path_in)
{
    const Depot__Inventory__V1__CreateResourceRequest *request;

    cr_assert_eq(receive_whole("/v1/lorries", "", "{\"resource\":{\"name\":\"a\"}}"), STATUS_OK);
    request = (const void *)message;
    cr_assert_str_eq(request->type, "lorries");
    cr_assert_str_eq(request->resource->name, "a");
}

Test(transcode, a_whole_body_may_not_say_what_the_path_says)
{
    cr_assert_eq(
        receive_whole("/v1/lorries", "", "{\"type\":\"cars\",\"resource\":{\"name\":\"a\"}}"),
        STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &reason_unknown_field);
    cr_assert_str_eq(call.problem.violations->field, "/type");
}

Test(transcode, a_whole_body_leaves_no_parameters)
{
    cr_assert_eq(receive_whole("/v1/lorries", "type=cars", "{\"resource\":{\"name\":\"a\"}}"),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &reason_unknown_parameter);
    cr_assert_eq(receive_whole("/v1/lorries", "resource=1", "{\"resource\":{\"name\":\"a\"}}"),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_eq(call.problem.reason, &reason_unknown_parameter);
}

/* --- Location --- */

static const char *
location_of(char *type, char *id)
{
    static char text[256];
    struct buf out = BUF_INIT;
    Depot__Inventory__V1__Resource reply = DEPOT__INVENTORY__V1__RESOURCE__INIT;

    reply.type = type;
    reply.id = id;
    http_router_find(router, "POST", 4, "/v1/cars", 8, &match);
    http_location_write(&out, match.route, &reply.base);
    snprintf(text, sizeof(text), "%.*s", (int)out.length_bytes, out.data);
    buf_fini(&out);
    return text;
}

Test(transcode, a_location_is_filled_from_the_reply)
{
    cr_assert_str_eq(location_of((char *)"cars", (char *)ID), "/v1/cars/" ID);
    cr_assert_str_eq(location_of((char *)"a/b ?", (char *)"%\xc3\xbc~"),
                     "/v1/a%2Fb%20%3F/%25%C3%BC~");
}

Test(transcode, a_route_that_makes_nothing_has_no_location)
{
    struct buf out = BUF_INIT;
    Depot__Inventory__V1__Resource reply = DEPOT__INVENTORY__V1__RESOURCE__INIT;

    http_router_find(router, "GET", 3, "/v1/cars/1", 10, &match);
    http_location_write(&out, match.route, &reply.base);
    cr_assert_eq(out.length_bytes, 0);
    buf_fini(&out);
}
