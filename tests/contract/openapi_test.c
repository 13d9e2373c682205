/* The OpenAPI document and the routes say the same. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/route.h"
#include "http/transcode.h"
#include "pb/json.h"
#include "pb/validate.h"
#include "run.h"

static json_t *document;

static void
setup(void)
{
    json_error_t error;

    document = json_loadb(http_contract.openapi_json, http_contract.openapi_json_bytes,
                          JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(document, "%d:%d: %s", error.line, error.column, error.text);
}

static void
teardown(void)
{
    json_decref(document);
}

TestSuite(openapi, .init = setup, .fini = teardown);

/* The member at a path of names, or NULL. */
static json_t *
at(json_t *value, const char *first, const char *second, const char *third)
{
    value = json_object_get(value, first);
    value = second != NULL ? json_object_get(value, second) : value;
    return third != NULL ? json_object_get(value, third) : value;
}

/* The route's path with the JSON names of its variables. */
static void
route_path(const struct http_route *route, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < route->n_segments; i++) {
        const struct http_segment *segment = &route->segments[i];

        n += (size_t)(segment->literal != NULL
                          ? snprintf(out + n, size - n, "/%s", segment->literal)
                          : snprintf(out + n, size - n, "/{%s}",
                                     route->method->request->fields[segment->field].json_name));
        cr_assert_lt(n, size);
    }
}

static json_t *
operation_of(const struct http_route *route)
{
    char path[256], verb[16];

    route_path(route, path, sizeof path);
    for (size_t i = 0; i <= strlen(route->verb); i++) {
        verb[i] = (char)tolower((unsigned char)route->verb[i]);
    }
    return at(document, "paths", path, verb);
}

static bool
is_gateways_own(const char *path)
{
    return strcmp(path, "/livez") == 0 || strcmp(path, "/readyz") == 0 ||
           strcmp(path, "/metrics") == 0 || strcmp(path, "/openapi.json") == 0;
}

Test(openapi, every_route_is_an_operation)
{
    cr_assert_gt(http_contract.n_routes, 0);
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        json_t *operation = operation_of(route);
        char status[8];

        cr_assert_not_null(operation, "%s %s", route->verb, route->pattern);
        cr_assert_str_eq(json_string_value(json_object_get(operation, "operationId")),
                         route->method->name);
        cr_assert_str_eq(json_string_value(json_object_get(operation, "description")),
                         route->method->text);
        snprintf(status, sizeof status, "%d", route->success_status);
        cr_assert_not_null(at(operation, "responses", status, NULL), "%s", route->pattern);
        cr_assert_eq(json_object_get(operation, "requestBody") != NULL,
                     route->body != HTTP_BODY_NONE);
        cr_assert_eq(
            at(operation, "responses", status, "headers") != NULL &&
                json_object_get(at(operation, "responses", status, "headers"), "Location") != NULL,
            route->n_location != 0);
    }
}

Test(openapi, every_operation_is_a_route)
{
    const char *path, *verb;
    json_t *verbs, *operation;
    size_t n = 0, own = 0;

    json_object_foreach(at(document, "paths", NULL, NULL), path, verbs)
    {
        json_object_foreach(verbs, verb, operation)
        {
            own += is_gateways_own(path);
            n++;
        }
    }
    cr_assert_eq(own, 4);
    cr_assert_eq(n - own, http_contract.n_routes);
}

Test(openapi, operation_ids_are_unique)
{
    json_t *seen = json_object(), *verbs, *operation;
    const char *path, *verb;

    json_object_foreach(at(document, "paths", NULL, NULL), path, verbs)
    {
        json_object_foreach(verbs, verb, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));

            cr_assert_not_null(id, "%s", path);
            cr_assert_null(json_object_get(seen, id), "%s", id);
            json_object_set_new(seen, id, json_true());
        }
    }
    json_decref(seen);
}

/* --- parameters --- */

static json_t *
parameter(json_t *operation, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(operation, "parameters"), i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0) {
            return one;
        }
    }
    return NULL;
}

static bool
in_path(const struct http_route *route, size_t field)
{
    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].literal == NULL && (size_t)route->segments[i].field == field) {
            return true;
        }
    }
    return false;
}

Test(openapi, parameters_are_what_the_body_does_not_fill)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        const struct pb_message *request = route->method->request;
        json_t *operation = operation_of(route);

        for (size_t j = 0; j < request->n_fields; j++) {
            json_t *found = parameter(operation, request->fields[j].json_name);
            const char *in = json_string_value(json_object_get(found, "in"));

            if ((int)j == route->body || route->body == HTTP_BODY_WHOLE) {
                cr_assert(found == NULL || in_path(route, j), "%s", request->fields[j].name);
            } else {
                cr_assert_not_null(found, "%s of %s", request->fields[j].name, route->pattern);
                cr_assert_str_eq(in, in_path(route, j) ? "path" : "query");
                cr_assert_not_null(json_object_get(found, "schema"));
            }
        }
        cr_assert_eq(parameter(operation, "Idempotency-Key") != NULL,
                     route->method->idempotency_key);
    }
}

/* --- references --- */

static void
check_references(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_object(value)) {
        json_object_foreach(value, key, member)
        {
            if (strcmp(key, "$ref") == 0) {
                const char *name = strrchr(json_string_value(member), '/') + 1;

                cr_assert_not_null(at(document, "components", "schemas", name), "%s", name);
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

Test(openapi, every_reference_leads_somewhere)
{
    check_references(document);
}

/* --- failures --- */

static bool
offers_reason(json_t *operation, const struct reason *reason)
{
    char status[8];
    json_t *names, *name;
    size_t i;

    snprintf(status, sizeof status, "%d", reason->http_status);
    names = at(at(operation, "responses", status, "content"), "application/problem+json", "schema",
               "allOf");
    names = at(json_array_get(names, 1), "properties", "reason", "enum");
    json_array_foreach(names, i, name)
    {
        if (strcmp(json_string_value(name), reason->name) == 0) {
            return true;
        }
    }
    return false;
}

Test(openapi, a_method_s_reasons_are_among_its_responses)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];

        for (size_t j = 0; route->method->reasons[j] != NULL; j++) {
            cr_assert(offers_reason(operation_of(route), route->method->reasons[j]), "%s %s",
                      route->pattern, route->method->reasons[j]->name);
        }
    }
}

Test(openapi, platform_reasons_follow_from_the_method)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        json_t *operation = operation_of(route);

        cr_assert_eq(offers_reason(operation, http_reason_find(&http_contract, "MALFORMED_JSON")),
                     route->body != HTTP_BODY_NONE);
        cr_assert_eq(
            offers_reason(operation, http_reason_find(&http_contract, "IDEMPOTENCY_KEY_REUSED")),
            route->method->idempotency_key);
        cr_assert(offers_reason(operation, http_reason_find(&http_contract, "INTERNAL_ERROR")));
        cr_assert_not(offers_reason(operation, http_reason_find(&http_contract, "ROUTE_UNKNOWN")));
    }
}

/* --- bodies --- */

/* What the document shows as an example is taken by the codec and its rules. */
Test(openapi, examples_are_valid)
{
    size_t n = 0;

    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        const struct pb_message *schema = route->method->request;
        struct arena arena;
        struct call call;
        ProtobufCMessage *message;
        json_t *example;
        char *text;

        if (route->body == HTTP_BODY_NONE) {
            continue;
        }
        schema = route->body >= 0 ? schema->fields[route->body].message : schema;
        example = at(at(operation_of(route), "requestBody", "content", "application/json"),
                     "example", NULL, NULL);
        cr_assert_not_null(example, "%s", route->pattern);
        text = json_dumps(example, 0);
        arena_init(&arena, 4096, 0);
        call_init(&call, &arena);
        cr_assert_eq(pb_json_read(&call, schema, "", text, strlen(text), &message), STATUS_OK, "%s",
                     text);
        cr_assert_eq(pb_validate(&call, schema, message), STATUS_OK, "%s: %s", text,
                     call.problem.violations != NULL ? call.problem.violations->field : "");
        free(text);
        arena_fini(&arena);
        n++;
    }
    cr_assert_gt(n, 0);
}

Test(openapi, rules_become_keywords)
{
    json_t *resource = at(document, "components", "schemas", "Resource");
    json_t *name = at(resource, "properties", "name", NULL);
    json_t *attributes = at(resource, "properties", "attributes", NULL);

    cr_assert_eq(json_integer_value(json_object_get(name, "maxLength")), 64);
    cr_assert_eq(json_integer_value(json_object_get(name, "minLength")), 1);
    cr_assert_eq(json_integer_value(json_object_get(attributes, "maxProperties")), 32);
    cr_assert(json_is_true(at(at(resource, "properties", "id", NULL), "readOnly", NULL, NULL)));
    cr_assert_str_eq(json_string_value(json_array_get(json_object_get(resource, "required"), 0)),
                     "name");
}

/* --- the file --- */

Test(openapi, the_file_is_the_same_text)
{
    char *text = run_read(DEPOT_BUILD_FOLDER "/gen/openapi.json");

    cr_assert_eq(strlen(text), http_contract.openapi_json_bytes);
    cr_assert_eq(memcmp(text, http_contract.openapi_json, http_contract.openapi_json_bytes), 0);
    free(text);
}

Test(openapi, two_runs_make_the_same_bytes)
{
    char one[64], two[64], output[RUN_OUTPUT_BYTES];

    run_enter(one);
    run_enter(two);
    cr_assert_eq(run(output, PROTOGEN " routes " CONTRACT_SET " %s 9.8.7", one), 0, "%s", output);
    cr_assert_eq(run(output, PROTOGEN " routes " CONTRACT_SET " %s 9.8.7", two), 0, "%s", output);
    cr_assert_eq(run(output, "diff -r %s %s", one, two), 0, "%s", output);
    cr_assert_eq(run(output, "grep -c '\"version\": \"9.8.7\"' %s/openapi.json", one), 0);
    run_leave(one);
    run_leave(two);
}
