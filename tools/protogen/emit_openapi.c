/* The OpenAPI 3.1 document: the paths of the contract's routes and of the gateway itself. */
#include <string.h>

#include "applies.h"
#include "emit.h"
#include "name.h"
#include "openapi.h"
#include "route.h"

/* --- routes --- */

/* All routes in the order of the contract. */
struct routes {
    const struct def_route **list;
    size_t n;
};

static struct routes
routes_gather(const struct contract *contract)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct routes routes = {NULL, 0};

    /* First counted, then gathered. */
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0;

        for (size_t i = 0; i < contract->n_files; i++) {
            for (size_t j = 0; j < contract->files[i].n_services; j++) {
                const struct def_service *service = &contract->files[i].services[j];

                for (size_t k = 0; k < service->n_methods; k++) {
                    for (size_t l = 0; l < service->methods[k].n_routes; l++, n++) {
                        if (pass == 1) {
                            routes.list[n] = &service->methods[k].routes[l];
                        }
                    }
                }
            }
        }
        if (pass == 0) {
            routes.list = arena_zalloc(arena, (n + 1) * sizeof *routes.list);
            routes.n = n;
        }
    }
    return routes;
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

/* --- parameters --- */

static void
put_parameter(struct doc *doc, const struct contract *contract, const struct def_field *field,
              const char *in, bool required)
{
    doc_object(doc, NULL);
    doc_string(doc, "name", field->json_name);
    doc_string(doc, "in", in);
    if (required) {
        doc_bool(doc, "required", true);
    }
    if (field->comment != NULL) {
        doc_string(doc, "description", field->comment);
    }
    doc_object(doc, "schema");
    openapi_field(doc, contract, field);
    doc_end(doc);
    doc_end(doc);
}

static void
put_key_parameter(struct doc *doc)
{
    doc_object(doc, NULL);
    doc_string(doc, "name", "Idempotency-Key");
    doc_string(doc, "in", "header");
    doc_string(doc, "description",
               "Makes trying again safe: the same key and request has one effect and one answer, "
               "for 24 hours.");
    doc_object(doc, "schema");
    doc_string(doc, "type", "string");
    doc_int(doc, "minLength", 1);
    doc_int(doc, "maxLength", 255);
    doc_end(doc);
    doc_end(doc);
}

static void
put_parameters(struct doc *doc, const struct contract *contract, const struct def_route *route)
{
    const struct def_message *request = route->method->request;

    doc_array(doc, "parameters");
    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].variable) {
            put_parameter(doc, contract, &request->fields[route->segments[i].field], "path", true);
        }
    }
    for (size_t i = 0; i < request->n_fields; i++) {
        if (route_has_query_field(route, (int)i)) {
            put_parameter(doc, contract, &request->fields[i], "query",
                          request->fields[i].rule->required);
        }
    }
    if (route->method->rule->idempotency_key) {
        put_key_parameter(doc);
    }
    doc_end(doc);
}

/* --- bodies --- */

static void
put_body(struct doc *doc, const struct contract *contract, const struct def_route *route)
{
    const struct def_message *request = route->method->request;

    if (route->body_field == BODY_NONE) {
        return;
    }
    doc_object(doc, "requestBody");
    doc_bool(doc, "required", true);
    doc_object(doc, "content");
    doc_object(doc, "application/json");
    doc_object(doc, "schema");
    if (route->body_field == BODY_WHOLE) {
        openapi_request(doc, contract, route);
        doc_end(doc);
        openapi_example(doc, "example", request, route);
    } else {
        const struct def_message *body = request->fields[route->body_field].message;

        doc_printf(doc, "$ref", "#/components/schemas/%s", openapi_schema_name(contract, body));
        doc_end(doc);
        openapi_example(doc, "example", body, NULL);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

/* --- operations --- */

/* The comment's first sentence, without its full stop. */
static void
put_summary(struct doc *doc, struct arena *arena, const char *comment)
{
    size_t bytes = 0;

    while (comment[bytes] != '\0' && comment[bytes] != '\n' &&
           !(comment[bytes] == '.' && (comment[bytes + 1] == ' ' || comment[bytes + 1] == '\n' ||
                                       comment[bytes + 1] == '\0'))) {
        bytes++;
    }
    doc_string(doc, "summary", arena_copy(arena, comment, bytes));
}

static const char *
operation_id(struct arena *arena, const struct routes *routes, const struct def_route *route)
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

static void
put_operation(struct doc *doc, const struct contract *contract, const struct routes *routes,
              const struct def_route *route)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const struct def_method *method = route->method;

    doc_object(doc, name_lower(arena, route->verb));
    doc_array(doc, "tags");
    doc_string(doc, NULL, method->service->name);
    doc_end(doc);
    doc_string(doc, "operationId", operation_id(arena, routes, route));
    put_summary(doc, arena, method->comment);
    doc_string(doc, "description", method->comment);
    doc_string(doc, "x-access", role_name(method));
    put_parameters(doc, contract, route);
    put_body(doc, contract, route);
    openapi_responses(doc, contract, method);
    doc_end(doc);
}

/* One entry per path, with all its verbs. */
static void
put_paths(struct doc *doc, const struct contract *contract, const struct routes *routes)
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

/* --- the gateway itself --- */

static void
put_own(struct doc *doc, const struct contract *contract, const char *path, const char *id,
        const char *summary, const char *media_type)
{
    static const char *const not_ready[] = {"NOT_READY", NULL};

    doc_object(doc, path);
    doc_object(doc, "get");
    doc_array(doc, "tags");
    doc_string(doc, NULL, "Gateway");
    doc_end(doc);
    doc_string(doc, "operationId", id);
    doc_string(doc, "summary", summary);
    doc_object(doc, "responses");
    doc_object(doc, "200");
    doc_string(doc, "description", "OK");
    doc_object(doc, "content");
    doc_object(doc, media_type);
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
    if (strcmp(path, "/readyz") == 0) {
        doc_object(doc, "503");
        doc_string(doc, "description", "Not ready; `detail` says why.");
        openapi_problem(doc, contract, not_ready);
        doc_end(doc);
    }
    doc_end(doc);
    doc_end(doc);
    doc_end(doc);
}

static void
put_own_paths(struct doc *doc, const struct contract *contract)
{
    put_own(doc, contract, "/livez", "GetLiveness", "Whether the process is alive",
            "application/json");
    put_own(doc, contract, "/readyz", "GetReadiness", "Whether requests would be served now",
            "application/json");
    put_own(doc, contract, "/metrics", "GetMetrics", "Counts and latencies for Prometheus",
            "text/plain");
    put_own(doc, contract, "/openapi.json", "GetOpenapi", "This document", "application/json");
}

/* --- the whole --- */

static void
put_info(struct doc *doc, const char *version)
{
    doc_object(doc, "info");
    doc_string(doc, "title", "Depot");
    doc_string(doc, "version", version);
    doc_string(doc, "description",
               "Inventory and booking. Failures are problem documents (RFC 9457); decide by "
               "`reason`, which never changes.");
    doc_object(doc, "license");
    doc_string(doc, "name", "MIT");
    doc_string(doc, "identifier", "MIT");
    doc_end(doc);
    doc_end(doc);
}

static void
put_tag(struct doc *doc, const char *name, const char *description)
{
    doc_object(doc, NULL);
    doc_string(doc, "name", name);
    doc_string(doc, "description", description);
    doc_end(doc);
}

static void
put_tags(struct doc *doc, const struct routes *routes)
{
    const struct def_service *last = NULL;

    doc_array(doc, "tags");
    for (size_t i = 0; i < routes->n; i++) {
        if (routes->list[i]->method->service != last) {
            last = routes->list[i]->method->service;
            put_tag(doc, last->name, last->comment);
        }
    }
    put_tag(doc, "Gateway", "The gateway itself.");
    doc_end(doc);
}

void
emit_openapi(const struct contract *contract, const char *version, struct buf *out)
{
    struct routes routes = routes_gather(contract);
    struct doc doc = {.out = out};

    doc_object(&doc, NULL);
    doc_string(&doc, "openapi", "3.1.0");
    put_info(&doc, version);
    doc_array(&doc, "servers");
    doc_object(&doc, NULL);
    doc_string(&doc, "url", "/");
    doc_end(&doc);
    doc_end(&doc);
    put_tags(&doc, &routes);
    doc_object(&doc, "paths");
    put_paths(&doc, contract, &routes);
    put_own_paths(&doc, contract);
    doc_end(&doc);
    doc_object(&doc, "components");
    openapi_schemas(&doc, contract);
    doc_end(&doc);
    doc_end(&doc);
}
