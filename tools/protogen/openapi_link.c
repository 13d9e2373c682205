/*
 * Links: what a method has made has a URL (`location`), and every operation at it, or at fixed
 * segments below it, can be called with what the answer says.
 */
#include <string.h>

#include "openapi.h"
#include "route.h"

enum { SEGMENTS_MAX = 16 };

/* The location's segments: a literal, or {field} of the reply. */
struct target {
    const char *segments[SEGMENTS_MAX];
    size_t n;
};

static void
target_split(struct target *self, struct arena *arena, const char *location)
{
    self->n = 0;
    while (*location == '/' && self->n < SEGMENTS_MAX) {
        size_t bytes = strcspn(location + 1, "/");

        self->segments[self->n++] = arena_copy(arena, location + 1, bytes);
        location += 1 + bytes;
    }
}

static bool
is_variable(const char *segment)
{
    return segment[0] == '{';
}

/* Whether the location fills all variables of the route. */
static bool
target_leads_to(const struct target *self, const struct def_route *route)
{
    if (route->n_segments < self->n) {
        return false;
    }
    for (size_t i = 0; i < route->n_segments; i++) {
        const struct def_segment *segment = &route->segments[i];

        if (i >= self->n
                ? segment->variable
                : segment->variable != is_variable(self->segments[i]) ||
                      (!segment->variable && strcmp(segment->text, self->segments[i]) != 0)) {
            return false;
        }
    }
    return true;
}

/* The reply's field that a {field} names; the build has checked that there is one. */
static const struct def_field *
reply_field(struct arena *arena, const struct def_method *method, const char *segment)
{
    const char *name = arena_copy(arena, segment + 1, strlen(segment) - 2);

    return &method->reply->fields[message_field(method->reply, name)];
}

static void
put_link(struct doc *doc, struct arena *arena, const struct target *target,
         const struct def_method *method, const struct def_route *route, const char *id)
{
    doc_object(doc, id);
    doc_string(doc, "operationId", id);
    doc_object(doc, "parameters");
    for (size_t i = 0; i < target->n; i++) {
        if (route->segments[i].variable) {
            doc_printf(doc, route->method->request->fields[route->segments[i].field].json_name,
                       "$response.body#/%s",
                       reply_field(arena, method, target->segments[i])->json_name);
        }
    }
    doc_end(doc);
    doc_end(doc);
}

void
openapi_links(struct doc *doc, const struct contract *contract, const struct openapi_routes *routes,
              const struct def_method *method)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct target target;

    if (method->n_location == 0) {
        return;
    }
    target_split(&target, arena, method->rule->location);
    doc_object(doc, "links");
    for (size_t i = 0; i < routes->n; i++) {
        if (target_leads_to(&target, routes->list[i])) {
            put_link(doc, arena, &target, method, routes->list[i],
                     openapi_operation_id(arena, routes, routes->list[i]));
        }
    }
    doc_end(doc);
}
