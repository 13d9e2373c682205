/* What the OpenAPI documents say about bodies and answers is what the codec and the rules do. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "document.h"
#include "http/route.h"
#include "http/transcode.h"

/* --- references --- */

/* The value that a reference `#/components/...` names. */
static json_t *
resolve(const json_t *document, const char *reference)
{
    char path[256];
    char *save = NULL;
    const json_t *value = document;

    snprintf(path, sizeof path, "%s", reference);
    for (char *name = strtok_r(path, "/", &save); name != NULL; name = strtok_r(NULL, "/", &save)) {
        value = strcmp(name, "#") == 0 ? value : json_object_get(value, name);
    }
    return (json_t *)value;
}

static const json_t *root;

static void
check_references(const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key, member)
        {
            if (strcmp(key, "$ref") == 0) {
                cr_assert_not_null(resolve(root, json_string_value(member)), "%s",
                                   json_string_value(member));
            } else {
                check_references(member);
            }
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, member)
        {
            check_references(member);
        }
    }
}

static void
check_all_references(const json_t *document)
{
    root = document;
    check_references(document);
}

Test(openapi_content, every_reference_leads_somewhere)
{
    each_document(check_all_references);
}

/* --- failures --- */

static void
check_listed_reasons(const json_t *document)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];

        for (size_t j = 0; route->method->reasons[j] != NULL; j++) {
            cr_assert(
                offers_reason(document, operation_of(document, route), route->method->reasons[j]),
                "%s %s", route->pattern, route->method->reasons[j]->name);
        }
    }
}

Test(openapi_content, a_method_s_reasons_are_among_its_responses)
{
    each_document(check_listed_reasons);
}

static void
check_general_reasons(const json_t *document)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        json_t *operation = operation_of(document, route);

        cr_assert_eq(
            offers_reason(document, operation, http_reason_find(&http_contract, "MALFORMED_JSON")),
            route->body != HTTP_BODY_NONE);
        cr_assert_eq(offers_reason(document, operation,
                                   http_reason_find(&http_contract, "IDEMPOTENCY_KEY_REUSED")),
                     route->method->idempotency_key);
        cr_assert(
            offers_reason(document, operation, http_reason_find(&http_contract, "INTERNAL_ERROR")));
        cr_assert_not(
            offers_reason(document, operation, http_reason_find(&http_contract, "ROUTE_UNKNOWN")));
    }
}

Test(openapi_content, platform_reasons_follow_from_the_method)
{
    each_document(check_general_reasons);
}

/* --- examples --- */

/* The route's path with the examples of its variables. */
static void
example_path(const json_t *document, const struct http_route *route, char *out, size_t size)
{
    const json_t *operation = operation_of(document, route);
    size_t n = 0;

    for (size_t i = 0; i < route->n_segments; i++) {
        const struct http_segment *segment = &route->segments[i];
        const char *text = segment->literal;

        if (text == NULL) {
            const char *name = route->method->request->fields[segment->field].json_name;

            text = json_string_value(
                json_object_get(parameter_of(document, operation, name), "example"));
        }
        cr_assert_not_null(text, "%s", route->pattern);
        n += (size_t)snprintf(out + n, size - n, "/%s", text);
        cr_assert_lt(n, size);
    }
}

/* What a document shows as an example is taken as it stands. */
static void
check_example(const struct http_router *router, const char *verb, const char *path,
              const json_t *example)
{
    char *text = json_dumps(example, 0);
    struct http_match match;
    struct arena arena;
    struct call call;
    ProtobufCMessage *message;

    arena_init(&arena, 4096, 0);
    call_init(&call, &arena);
    http_router_find(router, verb, strlen(verb), path, strlen(path), &match);
    cr_assert_not_null(match.route, "%s", path);
    cr_assert_eq(http_request_read(&call, &match, "", 0, text, strlen(text), &message), STATUS_OK,
                 "%s %s: %s: %s", verb, path, text,
                 call.problem.violations != NULL ? call.problem.violations->field : "");
    free(text);
    arena_fini(&arena);
}

static void
check_body_examples(const json_t *document)
{
    struct http_router *router = http_router_new(http_contract.routes, http_contract.n_routes);
    size_t n = 0;

    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        json_t *content = at(operation_of(document, route), "requestBody", "content", NULL);
        json_t *example = at(content, "application/json", "example", NULL);
        char path[256];

        if (route->body == HTTP_BODY_NONE) {
            continue;
        }
        cr_assert_not_null(example, "%s", route->pattern);
        example_path(document, route, path, sizeof(path));
        check_example(router, route->verb, path, example);
        n++;
    }
    cr_assert_gt(n, 0);
    http_router_free(router);
}

Test(openapi_content, examples_are_valid)
{
    each_document(check_body_examples);
}

/* What goes with nothing that a reader has cannot be followed: a made-up token, an old password. */
static void
check_made_up(const json_t *document)
{
    const json_t *paths = json_object_get(document, "paths");
    const json_t *logout = at(at(paths, "/v1/auth/logout", "post", "requestBody"), "content",
                              "application/json", "example");
    const json_t *me = at(at(paths, "/v1/auth/me", "patch", "requestBody"), "content",
                          "application/json", "example");

    cr_assert_eq(json_object_size(logout), 0);
    cr_assert_str_eq(json_string_value(json_object_get(me, "name")), "Ada");
    cr_assert_eq(json_object_size(me), 1);
}

Test(openapi_content, examples_leave_out_what_nobody_could_know)
{
    each_document(check_made_up);
}

static void
check_answer_examples(const json_t *document)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        char status[8];
        json_t *content;

        snprintf(status, sizeof status, "%d", route->success_status);
        content = at(operation_of(document, route), "responses", status, "content");
        content = json_object_get(content, "application/json");
        cr_assert_eq(content != NULL, route->success_status != 204);
        cr_assert_eq(json_object_get(content, "example") != NULL, route->success_status != 204);
    }
}

Test(openapi_content, every_answer_has_an_example)
{
    each_document(check_answer_examples);
}

/* --- schemas --- */

static void
check_keywords(const json_t *document)
{
    json_t *answer = at(document, "components", "schemas", "Resource");
    json_t *input = at(document, "components", "schemas", "ResourceInput");
    json_t *name = at(input, "properties", "name", NULL);
    json_t *attributes = at(input, "properties", "attributes", NULL);

    cr_assert_eq(json_integer_value(json_object_get(name, "maxLength")), 64);
    cr_assert_eq(json_integer_value(json_object_get(name, "minLength")), 1);
    cr_assert_eq(json_integer_value(json_object_get(attributes, "maxProperties")), 32);
    cr_assert_not_null(at(answer, "properties", "id", NULL));
    cr_assert_null(at(input, "properties", "id", NULL), "only the service says it");
    cr_assert(json_is_false(json_object_get(input, "additionalProperties")));
    cr_assert_eq(json_array_size(json_object_get(input, "required")), 1);
    cr_assert_eq(json_array_size(json_object_get(answer, "required")), 5);
}

Test(openapi_content, rules_become_keywords)
{
    each_document(check_keywords);
}

/* An absent end means for ever, and `null` is absent. */
static void
check_null(const json_t *document)
{
    json_t *input = at(document, "components", "schemas", "AllocationInput");
    json_t *answer = at(document, "components", "schemas", "Allocation");
    json_t *end = at(input, "properties", "endTime", NULL);
    bool is_30 = strncmp(json_string_value(json_object_get(document, "openapi")), "3.0", 3) == 0;

    cr_assert_eq(json_is_true(json_object_get(end, "nullable")), is_30);
    cr_assert_eq(json_is_array(json_object_get(end, "type")), !is_30);
    cr_assert(json_is_string(at(answer, "properties", "endTime", "type")));
    cr_assert_null(at(answer, "properties", "endTime", "nullable"));
}

Test(openapi_content, each_version_has_its_own_null)
{
    each_document(check_null);
}
