/* HTTP bindings: what they name must be there, and no URL may mean two methods. */
#include <ctype.h>
#include <string.h>

#include "check.h"
#include "route.h"

/* The bounds of lib/http/route.h. */
enum { VARIABLES_MAX = 8, SEGMENTS_MAX = 16 };

/* --- segments --- */

static bool
literal_is_plain(const char *text)
{
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (!isalnum((unsigned char)*text) && strchr("-._~!$&'()+,;=:@", *text) == NULL) {
            return false;
        }
    }
    return true;
}

static bool
field_is_path_type(const struct def_field *field)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT:
        return false;
    default:
        return field_is_scalar(field);
    }
}

static bool
variable_is_repeated(const struct def_route *route, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (route->segments[i].variable &&
            strcmp(route->segments[i].text, route->segments[index].text) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_variable(struct check *self, const struct def_route *route, size_t index)
{
    const struct def_segment *segment = &route->segments[index];
    const struct def_message *request = route->method->request;

    if (segment->field < 0 || !field_is_path_type(&request->fields[segment->field])) {
        check_refuse(
            self, route->place,
            "the path \"%s\" of rpc %s has the variable {%s}, which is no string, integer, "
            "bool or enum field of %s",
            route->pattern, route->method->name, segment->text, request->name);
    }
    if (variable_is_repeated(route, index)) {
        check_refuse(self, route->place, "the path \"%s\" of rpc %s has the variable {%s} twice",
                     route->pattern, route->method->name, segment->text);
    }
}

static void
check_segments(struct check *self, const struct def_route *route)
{
    size_t n_variables = 0;

    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].variable) {
            n_variables++;
            check_variable(self, route, i);
        } else if (!literal_is_plain(route->segments[i].text)) {
            check_refuse(self, route->place,
                         "the path \"%s\" of rpc %s has a segment that would have to be "
                         "percent-encoded",
                         route->pattern, route->method->name);
        }
    }
    if (route->n_segments > SEGMENTS_MAX || n_variables > VARIABLES_MAX) {
        check_refuse(self, route->place,
                     "the path \"%s\" of rpc %s has more than %d segments or %d variables",
                     route->pattern, route->method->name, SEGMENTS_MAX, VARIABLES_MAX);
    }
}

/* --- body and query --- */

static void
check_body(struct check *self, const struct def_route *route)
{
    const struct def_message *request = route->method->request;
    int body = route->body_field;

    if (body == BODY_UNKNOWN) {
        check_refuse(self, route->place, "the body of rpc %s is \"%s\", which is no field of %s",
                     route->method->name, route->body, request->name);
    } else if (body >= 0 &&
               (request->fields[body].message == NULL || request->fields[body].repeated)) {
        check_refuse(self, route->place, "the body of rpc %s is \"%s\", which is no message",
                     route->method->name, route->body);
    }
    if (body != BODY_NONE &&
        (strcmp(route->verb, "GET") == 0 || strcmp(route->verb, "DELETE") == 0)) {
        check_refuse(self, route->place, "rpc %s is bound to %s with a body, which has no meaning",
                     route->method->name, route->verb);
    }
}

static bool
field_in_query(const struct def_field *field)
{
    if (field->message == NULL) {
        return true;
    }
    return !field->repeated && field->message->known != KNOWN_ORDINARY &&
           field->message->known != KNOWN_EMPTY;
}

/* What neither path nor body fills comes from the query, as text. */
static void
check_query(struct check *self, const struct def_route *route)
{
    const struct def_message *request = route->method->request;

    if (route->body_field == BODY_WHOLE || route->body_field == BODY_UNKNOWN) {
        return;
    }
    for (size_t i = 0; i < request->n_fields; i++) {
        if ((int)i != route->body_field && !route_has_variable(route, (int)i) &&
            !field_in_query(&request->fields[i])) {
            check_refuse(self, route->place,
                         "field %s of %s would come from the query of %s %s, which cannot hold a "
                         "message or a map",
                         request->fields[i].name, request->name, route->verb, route->pattern);
        }
        if (route->method->validate_only && route_has_query_field(route, (int)i) &&
            strcmp(request->fields[i].json_name, "validateOnly") == 0) {
            check_refuse(self, request->fields[i].place,
                         "field %s of %s has the name of a query parameter that %s takes already",
                         request->fields[i].name, request->name, route->method->name);
        }
    }
}

/* --- routes among each other --- */

/* The gateway's own paths. */
static bool
path_is_reserved(const struct def_route *route)
{
    static const char *const own[] = {"/livez", "/readyz", "/metrics", "/openapi.json"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(route->pattern, own[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
check_route(struct check *self, const struct def_route *route)
{
    if (route->verb == NULL) {
        check_refuse(self, route->place, "the HTTP rule of rpc %s has no verb of its own",
                     route->method->name);
        return false;
    }
    if (route->fault != NULL) {
        check_refuse(self, route->place, "the path \"%s\" of rpc %s %s", route->pattern,
                     route->method->name, route->fault);
        return false;
    }
    if (path_is_reserved(route)) {
        check_refuse(self, route->place, "the path \"%s\" of rpc %s is the gateway's own",
                     route->pattern, route->method->name);
    }
    if (strcmp(route->verb, "GET") == 0 && !route->method->no_side_effects) {
        check_refuse(self, route->place, "rpc %s is bound to GET, yet is not NO_SIDE_EFFECTS",
                     route->method->name);
    }
    check_segments(self, route);
    check_body(self, route);
    check_query(self, route);
    return true;
}

/* Calls `visit` for each route; stops when it returns false. */
static void
each_route(struct check *self,
           bool (*visit)(struct check *self, const struct def_route *route,
                         const struct def_route *until),
           const struct def_route *until)
{
    for (size_t i = 0; i < self->contract->n_files; i++) {
        for (size_t j = 0; j < self->contract->files[i].n_services; j++) {
            const struct def_service *service = &self->contract->files[i].services[j];

            for (size_t k = 0; k < service->n_methods; k++) {
                for (size_t l = 0; l < service->methods[k].n_routes; l++) {
                    if (!visit(self, &service->methods[k].routes[l], until)) {
                        return;
                    }
                }
            }
        }
    }
}

/* OpenAPI has one entry for a path, whose variables have one name for all verbs. */
static void
check_one_naming(struct check *self, const struct def_route *earlier, const struct def_route *route)
{
    for (size_t i = 0; i < route->n_segments; i++) {
        if (strcmp(earlier->segments[i].text, route->segments[i].text) != 0) {
            check_refuse(self, route->place,
                         "the path \"%s\" of rpc %s is \"%s\" of rpc %s (%s:%d:%d) with another "
                         "name for a variable",
                         route->pattern, route->method->name, earlier->pattern,
                         earlier->method->name, earlier->place.file, earlier->place.line,
                         earlier->place.column);
            return;
        }
    }
}

/* Compares `route` with an earlier one. */
static bool
compare(struct check *self, const struct def_route *earlier, const struct def_route *route)
{
    if (earlier == route) {
        return false;
    }
    if (earlier->verb == NULL || earlier->fault != NULL || !route_same_shape(earlier, route)) {
        return true;
    }
    if (strcmp(earlier->verb, route->verb) != 0) {
        check_one_naming(self, earlier, route);
    } else {
        check_refuse(
            self, route->place, "%s %s of rpc %s matches the same URLs as %s of rpc %s (%s:%d:%d)",
            route->verb, route->pattern, route->method->name, earlier->pattern,
            earlier->method->name, earlier->place.file, earlier->place.line, earlier->place.column);
    }
    return true;
}

static bool
visit_route(struct check *self, const struct def_route *route, const struct def_route *until)
{
    (void)until;
    if (check_route(self, route)) {
        each_route(self, compare, route);
    }
    return true;
}

void
check_routes(struct check *self)
{
    each_route(self, visit_route, NULL);
}
