/*
 * Routes: which RPC a verb and a path mean. The build tool writes the table (`routes.h`).
 */
#ifndef DEPOT_HTTP_ROUTE_H
#define DEPOT_HTTP_ROUTE_H

#include <stddef.h>

#include "base/call.h"
#include "pb/schema.h"

struct http_segment {
    const char *literal; /* NULL: a variable */
    int16_t field;       /* a variable's index in the request's fields */
};

/* A piece of a Location: text, or a string field of the reply. */
struct http_piece {
    const char *text; /* NULL: a field */
    int16_t field;
};

enum { HTTP_BODY_NONE = -1, HTTP_BODY_WHOLE = -2 };

struct http_route {
    const char *verb;    /* GET */
    const char *pattern; /* /v1/{type}/{id}: for people and metrics */
    const struct http_segment *segments;
    size_t n_segments;
    int16_t body; /* the request's field that the body fills, or one of HTTP_BODY_* */
    const struct pb_method *method;
    int success_status;                /* 200, 201, 204 */
    const struct http_piece *location; /* NULL: none */
    size_t n_location;
};

/* All that a gateway needs of the contract; written by the build tool: `http_contract`. */
struct http_contract {
    const struct http_route *routes;
    size_t n_routes;
    const struct pb_service *const *services; /* those with routes; ends with NULL */
    const struct reason *const *reasons;      /* every one of every contract; ends with NULL */
    const struct pb_message *const *messages; /* every one; ends with NULL: for details */
    const char *openapi_json;
    size_t openapi_json_bytes;
    const char *openapi_30_json;
    size_t openapi_30_json_bytes;
    const char *descriptor_set; /* a packed google.protobuf.FileDescriptorSet, with all imports */
    size_t descriptor_set_bytes;
};

extern const struct http_contract http_contract;

enum { HTTP_VARIABLES_MAX = 8, HTTP_SEGMENTS_MAX = 16 };

/* A variable's still percent-encoded text in the path. */
struct http_variable {
    int16_t field;
    const char *text;
    size_t bytes;
};

struct http_match {
    const struct http_route *route; /* NULL: the path is unknown, or the verb is not allowed */
    struct http_variable variables[HTTP_VARIABLES_MAX];
    size_t n_variables;
    char allow[64]; /* if the path is known but not the verb: "GET, POST"; else "" */
};

struct http_router;

/*
 * Builds a router over the table (which must live as long). What the build tool has already
 * refused is a bug here (assertion): two routes of equal specificity that match the same path with
 * one verb, variables that are not plain scalars, a body field that is not a single message. Once
 * built, any number of threads may search it.
 */
struct http_router *http_router_new(const struct http_route *routes, size_t n_routes);
void http_router_free(struct http_router *self);

/*
 * Finds the route of a path (without query, as it came, percent-encoded, starting with '/').
 * Literal segments beat variables from left to right; a literal that leads to no route with this
 * verb leaves the path to the variable beside it. A literal matches its percent-encoded forms too
 * (RFC 3986, 6.2.2.2). A variable matches one segment; an empty segment matches nothing, so that a
 * trailing slash is a different path. HEAD is answered by GET's route. OPTIONS has no route, only
 * `allow`, which lists, sorted, the verbs of all routes that match the path, HEAD where GET is, and
 * OPTIONS. Verbs are compared by case. Allocates nothing; takes at most one step for each segment
 * of the table. Whether the path is valid percent-encoding is not looked at.
 */
void http_router_find(const struct http_router *self, const char *verb, size_t verb_bytes,
                      const char *path, size_t path_bytes, struct http_match *match);

#endif
