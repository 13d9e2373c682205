#include "route.h"

#include <string.h>

static const char *
rule_verb(const Google__Api__HttpRule *rule, const char **pattern)
{
    switch (rule->pattern_case) {
    case GOOGLE__API__HTTP_RULE__PATTERN_GET:
        *pattern = rule->get;
        return "GET";
    case GOOGLE__API__HTTP_RULE__PATTERN_PUT:
        *pattern = rule->put;
        return "PUT";
    case GOOGLE__API__HTTP_RULE__PATTERN_POST:
        *pattern = rule->post;
        return "POST";
    case GOOGLE__API__HTTP_RULE__PATTERN_DELETE:
        *pattern = rule->delete_;
        return "DELETE";
    case GOOGLE__API__HTTP_RULE__PATTERN_PATCH:
        *pattern = rule->patch;
        return "PATCH";
    default:
        *pattern = "";
        return NULL;
    }
}

static const char *
segment_load(struct arena *arena, const struct def_message *request, const char *text, size_t bytes,
             struct def_segment *out)
{
    if (bytes == 0) {
        return "has an empty segment";
    }
    if (memchr(text, '*', bytes) != NULL) {
        return "has a wildcard; a variable is one whole segment, {name}";
    }
    if (text[0] == '{' && text[bytes - 1] == '}') {
        out->variable = true;
        text++;
        bytes -= 2;
    }
    if (memchr(text, '{', bytes) != NULL || memchr(text, '}', bytes) != NULL) {
        return "has a variable that is not one whole segment, {name}";
    }
    if (out->variable && memchr(text, '=', bytes) != NULL) {
        return "has a variable with a pattern; only {name} is understood";
    }
    if (memchr(text, '?', bytes) != NULL || memchr(text, '#', bytes) != NULL) {
        return "has a character that ends a path";
    }
    out->text = arena_copy(arena, text, bytes);
    out->field = out->variable ? message_field(request, out->text) : -1;
    return NULL;
}

static void
pattern_load(struct arena *arena, const struct def_message *request, struct def_route *route)
{
    const char *at = route->pattern;
    size_t n = 0;

    for (const char *c = at; *c != '\0'; c++) {
        n += *c == '/';
    }
    route->segments = arena_zalloc(arena, (n + 1) * sizeof *route->segments);
    if (*at != '/') {
        route->fault = "does not start with '/'";
        return;
    }
    while (*at == '/' && route->fault == NULL) {
        size_t bytes = strcspn(at + 1, "/");

        route->fault =
            segment_load(arena, request, at + 1, bytes, &route->segments[route->n_segments++]);
        at += 1 + bytes;
    }
}

static int
body_field(const struct def_message *request, const char *body)
{
    int field;

    if (*body == '\0') {
        return BODY_NONE;
    }
    if (strcmp(body, "*") == 0) {
        return BODY_WHOLE;
    }
    field = message_field(request, body);
    return field >= 0 ? field : BODY_UNKNOWN;
}

static void
binding_load(struct arena *arena, const struct def_method *method,
             const Google__Api__HttpRule *rule, struct place place, struct def_route *route)
{
    route->verb = rule_verb(rule, &route->pattern);
    route->body = rule->body;
    route->method = method;
    route->place = place;
    route->body_field = body_field(method->request, rule->body);
    if (*rule->response_body != '\0') {
        route->fault = "has a response_body, which is not understood";
        return;
    }
    pattern_load(arena, method->request, route);
}

void
route_load(struct arena *arena, struct def_method *method, const Google__Api__HttpRule *rule,
           struct place place)
{
    size_t n = 1 + rule->n_additional_bindings;
    struct def_route *routes = arena_zalloc(arena, n * sizeof *routes);

    binding_load(arena, method, rule, place, &routes[0]);
    for (size_t i = 1; i < n; i++) {
        binding_load(arena, method, rule->additional_bindings[i - 1], place, &routes[i]);
    }
    method->routes = routes;
    method->n_routes = n;
}

void
route_load_location(struct arena *arena, struct def_method *method)
{
    const char *at = method->rule->location;

    method->location = arena_zalloc(arena, (strlen(at) + 1) * sizeof *method->location);
    while (*at != '\0') {
        struct def_piece *piece = &method->location[method->n_location++];
        size_t bytes = strcspn(at + (*at == '{'), *at == '{' ? "}" : "{");

        piece->variable = *at == '{';
        at += piece->variable;
        piece->text = arena_copy(arena, at, bytes);
        piece->field = piece->variable ? message_field(method->reply, piece->text) : -1;
        at += bytes;
        at += piece->variable && *at == '}';
    }
}

bool
route_has_variable(const struct def_route *route, int field)
{
    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].variable && route->segments[i].field == field) {
            return true;
        }
    }
    return false;
}

bool
route_has_query_field(const struct def_route *route, int field)
{
    return route->body_field != BODY_WHOLE && route->body_field != field &&
           !route->method->request->fields[field].rule->output_only &&
           !route->method->request->fields[field].rule->if_match &&
           !route_has_variable(route, field);
}

bool
route_same_shape(const struct def_route *a, const struct def_route *b)
{
    if (a->n_segments != b->n_segments) {
        return false;
    }
    for (size_t i = 0; i < a->n_segments; i++) {
        if (a->segments[i].variable != b->segments[i].variable) {
            return false;
        }
        if (!a->segments[i].variable && strcmp(a->segments[i].text, b->segments[i].text) != 0) {
            return false;
        }
    }
    return true;
}
