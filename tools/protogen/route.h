/* HTTP bindings: path templates taken apart. */
#ifndef DEPOT_PROTOGEN_ROUTE_H
#define DEPOT_PROTOGEN_ROUTE_H

#include "contract.h"

/*
 * Takes the method's google.api.http rule and its additional bindings apart into `method->routes`.
 * What a template may hold: literal segments and {field}, one per segment. Anything else becomes
 * the route's `fault`.
 */
void route_load(struct arena *arena, struct def_method *method, const Google__Api__HttpRule *rule,
                struct place place);

/* Takes the method's `location` apart: text and {field} of the reply. */
void route_load_location(struct arena *arena, struct def_method *method);

/* Whether the field of the request (an index) comes from the path; from the query. */
bool route_has_variable(const struct def_route *route, int field);
bool route_has_query_field(const struct def_route *route, int field);

/*
 * Whether a URL can match both while neither is more specific: the same number of segments, and
 * from left to right literal beside equal literal, variable beside variable.
 */
bool route_same_shape(const struct def_route *a, const struct def_route *b);

#endif
