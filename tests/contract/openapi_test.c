/* The OpenAPI documents, 3.1 and 3.0.3, and the routes list the same operations. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "pb/schema.h"
#include "run.h"

/* --- operations --- */

static void
check_routes(const json_t *document)
{
    cr_assert_gt(http_contract.n_routes, 0);
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        json_t *operation = operation_of(document, route);
        char status[8];

        cr_assert_not_null(operation, "%s %s", route->verb, route->pattern);
        cr_assert_str_eq(json_string_value(json_object_get(operation, "operationId")),
                         route->method->name);
        cr_assert_eq(strncmp(json_string_value(json_object_get(operation, "description")),
                             route->method->text, strlen(route->method->text)),
                     0, "%s", route->pattern);
        snprintf(status, sizeof status, "%d", route->success_status);
        cr_assert_not_null(at(operation, "responses", status, NULL), "%s", route->pattern);
        cr_assert_eq(json_object_get(operation, "requestBody") != NULL,
                     route->body != HTTP_BODY_NONE);
        cr_assert_eq(json_object_get(at(operation, "responses", status, "headers"), "Location") !=
                         NULL,
                     route->n_location != 0);
    }
}

Test(openapi, every_route_is_an_operation)
{
    each_document(check_routes);
}

/* The gateway's own operations say so; a test of the gateway compares them with what it serves. */
static bool
is_gateways_own(const json_t *operation)
{
    const char *tag = json_string_value(json_array_get(json_object_get(operation, "tags"), 0));

    return strcmp(tag, "Gateway") == 0;
}

static void
check_operations(const json_t *document)
{
    const char *path, *verb;
    json_t *verbs, *operation;
    size_t n = 0;

    json_object_foreach(at(document, "paths", NULL, NULL), path, verbs)
    {
        json_object_foreach(verbs, verb, operation)
        {
            n += !is_gateways_own(operation);
        }
    }
    cr_assert_eq(n, http_contract.n_routes);
}

Test(openapi, every_operation_is_a_route)
{
    each_document(check_operations);
}

static void
check_ids(const json_t *document)
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

Test(openapi, operation_ids_are_unique)
{
    each_document(check_ids);
}

/* --- parameters --- */

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

static void
check_field(const json_t *document, const struct http_route *route, size_t index)
{
    const struct pb_field *field = &route->method->request->fields[index];
    json_t *operation = operation_of(document, route);
    json_t *found = parameter_of(document, operation, field->json_name);

    if ((int)index == route->body || route->body == HTTP_BODY_WHOLE || field->rule.if_match) {
        cr_assert(found == NULL || in_path(route, index), "%s", field->name);
        return;
    }
    cr_assert_not_null(found, "%s of %s", field->name, route->pattern);
    cr_assert_str_eq(json_string_value(json_object_get(found, "in")),
                     in_path(route, index) ? "path" : "query");
    cr_assert_not_null(json_object_get(found, "schema"));
    /* A page that tries a method out sends every example: an optional one could do harm. */
    cr_assert_eq(json_object_get(found, "example") != NULL,
                 json_is_true(json_object_get(found, "required")));
}

static void
check_parameters(const json_t *document)
{
    for (size_t i = 0; i < http_contract.n_routes; i++) {
        const struct http_route *route = &http_contract.routes[i];
        const struct pb_method *method = route->method;
        json_t *operation = operation_of(document, route);

        for (size_t j = 0; j < method->request->n_fields; j++) {
            check_field(document, route, j);
        }
        cr_assert_eq(parameter_of(document, operation, "Idempotency-Key") != NULL,
                     method->idempotency_key);
        cr_assert_eq(parameter_of(document, operation, "If-Match") != NULL,
                     method->request->if_match >= 0);
        cr_assert_eq(parameter_of(document, operation, "If-None-Match") != NULL,
                     method->no_side_effects);
        cr_assert_eq(parameter_of(document, operation, "validateOnly") != NULL,
                     method->validate_only);
    }
}

Test(openapi, parameters_are_what_the_body_does_not_fill)
{
    each_document(check_parameters);
}

/* --- links --- */

Test(openapi, what_was_made_leads_to_what_can_be_done_with_it)
{
    json_t *document =
        json_loadb(http_contract.openapi_json, http_contract.openapi_json_bytes, 0, NULL);
    json_t *post = at(document, "paths", "/v1/{type}", "post");
    json_t *links = at(at(post, "responses", "201", NULL), "links", NULL, NULL);
    json_t *parameters = at(links, "CreateAllocation", "parameters", NULL);

    cr_assert_not_null(json_object_get(links, "GetResource"));
    cr_assert_null(json_object_get(links, "GetAllocation"), "nobody knows its id");
    cr_assert_str_eq(json_string_value(json_object_get(parameters, "resourceId")),
                     "$response.body#/id");
    json_decref(document);
}

/* --- the files --- */

static void
check_file(const char *path, const char *text, size_t bytes)
{
    char *file = run_read(path);

    cr_assert_eq(strlen(file), bytes);
    cr_assert_eq(memcmp(file, text, bytes), 0);
    free(file);
}

Test(openapi, the_files_are_the_same_text)
{
    check_file(DEPOT_BUILD_FOLDER "/gen/openapi.json", http_contract.openapi_json,
               http_contract.openapi_json_bytes);
    check_file(DEPOT_BUILD_FOLDER "/gen/openapi-3.0.json", http_contract.openapi_30_json,
               http_contract.openapi_30_json_bytes);
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
