/* Operations: a route's parameters, body and answers, and the paths that hold them. */
#include <string.h>

#include "name.h"
#include "openapi.h"
#include "route.h"

/* --- parameters --- */

/* Only what must be there has an example: pages that try a method out send all that they find. */
static void
put_parameter(struct doc *doc, const struct contract *contract, const struct def_method *method,
              const struct def_field *field, const char *in, bool required)
{
    doc_object(doc, NULL);
    doc_string(doc, "name", field->json_name);
    doc_string(doc, "in", in);
    if (required) {
        doc_bool(doc, "required", true);
    }
    openapi_put_parameter_text(doc, method, field);
    doc_object(doc, "schema");
    openapi_parameter_schema(doc, contract, field);
    doc_end(doc);
    if (required) {
        openapi_example_value(doc, "example", method->request, field);
    }
    doc_end(doc);
}

static void
put_parameters(struct doc *doc, const struct contract *contract, const struct def_route *route)
{
    const struct def_message *request = route->method->request;

    doc_array(doc, "parameters");
    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].variable) {
            put_parameter(doc, contract, route->method, &request->fields[route->segments[i].field],
                          "path", true);
        }
    }
    for (size_t i = 0; i < request->n_fields; i++) {
        if (route_has_query_field(route, (int)i)) {
            put_parameter(doc, contract, route->method, &request->fields[i], "query",
                          request->fields[i].rule->required);
        }
    }
    openapi_put_header_parameters(doc, route->method);
    doc_end(doc);
}

/* --- bodies --- */

static void
put_body(struct doc *doc, const struct contract *contract, const struct def_route *route)
{
    const struct def_message *request = route->method->request;
    enum openapi_form form = openapi_body_form(route);

    if (route->body_field == BODY_NONE) {
        return;
    }
    doc_object(doc, "requestBody");
    doc_bool(doc, "required", true);
    doc_object(doc, "content");
    doc_object(doc, "application/json");
    if (route->body_field == BODY_WHOLE) {
        doc_object(doc, "schema");
        openapi_request(doc, contract, route);
        doc_end(doc);
        openapi_example(doc, "example", request, form, route);
    } else {
        const struct def_message *body = request->fields[route->body_field].message;

        openapi_schema_ref(doc, contract, body, form);
        openapi_example(doc, "example", body, form, NULL);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

/* --- names --- */

/* The comment's first sentence, without its full stop. */
static const char *
summary(struct arena *arena, const char *comment)
{
    size_t bytes = 0;

    while (comment[bytes] != '\0' && comment[bytes] != '\n' &&
           !(comment[bytes] == '.' && (comment[bytes + 1] == ' ' || comment[bytes + 1] == '\n' ||
                                       comment[bytes + 1] == '\0'))) {
        bytes++;
    }
    return arena_copy(arena, comment, bytes);
}

const char *
openapi_operation_id(struct arena *arena, const struct openapi_routes *routes,
                     const struct def_route *route)
{
    const struct def_method *method = route->method;
    const char *name = method->name;

    for (size_t i = 0; i < routes->n; i++) {
        if (routes->list[i]->method != method &&
            strcmp(routes->list[i]->method->name, method->name) == 0) {
            name = arena_printf(arena, "%s_%s", method->service->full_name, method->name);
        }
    }
    /* Further bindings of one method are operations of their own. */
    return route == method->routes
               ? name
               : arena_printf(arena, "%s_%td", name, route - method->routes + 1);
}

static const char *
role_name(const struct def_method *method)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &depot__rpc__v1__role__descriptor, (int)method->rule->access);

    return value != NULL ? value->name : "ADMIN";
}

const char *
openapi_tag(const struct openapi_routes *routes, const struct def_service *service)
{
    for (size_t i = 0; i < routes->n; i++) {
        const struct def_service *other = routes->list[i]->method->service;

        if (other != service && strcmp(other->short_name, service->short_name) == 0) {
            return service->name;
        }
    }
    return service->short_name;
}

/* --- operations --- */

static void
put_operation(struct doc *doc, const struct contract *contract, const struct openapi_routes *routes,
              const struct def_route *route)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const struct def_method *method = route->method;

    doc_object(doc, name_lower(arena, route->verb));
    doc_array(doc, "tags");
    doc_string(doc, NULL, openapi_tag(routes, method->service));
    doc_end(doc);
    doc_string(doc, "operationId", openapi_operation_id(arena, routes, route));
    doc_string(doc, "summary", summary(arena, method->comment));
    openapi_put_description(doc, arena, method);
    doc_string(doc, "x-access", role_name(method));
    openapi_put_security(doc, method);
    put_parameters(doc, contract, route);
    put_body(doc, contract, route);
    openapi_responses(doc, contract, routes, method);
    doc_end(doc);
}

/* The path with the JSON names of its variables: /v1/{type}/{resourceId}. */
static const char *
route_path(struct arena *arena, const struct def_route *route)
{
    const char *path = "";

    for (size_t i = 0; i < route->n_segments; i++) {
        const struct def_segment *segment = &route->segments[i];

        path = segment->variable
                   ? arena_printf(arena, "%s/{%s}", path,
                                  route->method->request->fields[segment->field].json_name)
                   : arena_printf(arena, "%s/%s", path, segment->text);
    }
    return path;
}

void
openapi_paths(struct doc *doc, const struct contract *contract, const struct openapi_routes *routes)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const char **paths = arena_zalloc(arena, (routes->n + 1) * sizeof *paths);

    for (size_t i = 0; i < routes->n; i++) {
        paths[i] = route_path(arena, routes->list[i]);
    }
    for (size_t i = 0; i < routes->n; i++) {
        size_t first = 0;

        while (strcmp(paths[first], paths[i]) != 0) {
            first++;
        }
        if (first != i) {
            continue;
        }
        doc_object(doc, paths[i]);
        for (size_t j = i; j < routes->n; j++) {
            if (strcmp(paths[i], paths[j]) == 0) {
                put_operation(doc, contract, routes, routes->list[j]);
            }
        }
        doc_end(doc);
    }
}
