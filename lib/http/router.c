/*
 * A trie over path segments, built once, read by any number of threads.
 *
 * Every node is reached by one way only, so a search visits each node at most once, however often
 * a literal leads nowhere and the variable beside it is tried: it is bounded by the table's size,
 * never by the path. It allocates nothing. It knows nothing of queries, of hosts, of methods'
 * meaning, and it does not decode values: that is transcode.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "http/percent.h"
#include "http/route.h"

enum { VERBS_MAX = 8 }; /* those of a contract, HEAD and OPTIONS; all fit into http_match.allow */

struct node {
    const char *literal; /* NULL: a variable */
    size_t literal_bytes;
    struct node *sibling;  /* the next literal below the same parent */
    struct node *literals; /* below this node */
    struct node *variable; /* below this node, or NULL */
    bool is_end;           /* some route ends here */
    const struct http_route *routes[VERBS_MAX];
};

struct http_router {
    const char *verbs[VERBS_MAX]; /* sorted */
    size_t n_verbs;
    struct node root;
};

/* A path cut at its slashes. */
struct piece {
    const char *text;
    size_t bytes;
};

struct search {
    const struct http_router *router;
    struct piece pieces[HTTP_SEGMENTS_MAX];
    size_t n_pieces;
    size_t verb; /* VERBS_MAX: one that no route has */
    const struct http_route *found;
    bool allowed[VERBS_MAX]; /* the verbs of every node where the path ends */
};

static size_t
verb_index(const struct http_router *self, const char *verb, size_t bytes)
{
    for (size_t i = 0; i < self->n_verbs; i++) {
        if (strlen(self->verbs[i]) == bytes && memcmp(self->verbs[i], verb, bytes) == 0) {
            return i;
        }
    }
    return VERBS_MAX;
}

static void
verb_add(struct http_router *self, const char *verb)
{
    size_t at = self->n_verbs;

    if (verb_index(self, verb, strlen(verb)) != VERBS_MAX) {
        return;
    }
    ASSERT(self->n_verbs < VERBS_MAX);
    for (; at > 0 && strcmp(self->verbs[at - 1], verb) > 0; at--) {
        self->verbs[at] = self->verbs[at - 1];
    }
    self->verbs[at] = verb;
    self->n_verbs++;
}

static void
collect_verbs(struct http_router *self, const struct http_route *routes, size_t n_routes)
{
    size_t bytes = 0;

    verb_add(self, "OPTIONS");
    for (size_t i = 0; i < n_routes; i++) {
        verb_add(self, routes[i].verb);
        if (strcmp(routes[i].verb, "GET") == 0) {
            verb_add(self, "HEAD");
        }
    }
    for (size_t i = 0; i < self->n_verbs; i++) {
        bytes += strlen(self->verbs[i]) + sizeof(", ");
    }
    ASSERT(bytes <= sizeof(((struct http_match *)NULL)->allow));
}

static struct node *
node_new(const char *literal)
{
    struct node *node = calloc(1, sizeof(*node));

    ASSERT(node != NULL);
    node->literal = literal;
    node->literal_bytes = literal == NULL ? 0 : strlen(literal);
    return node;
}

static struct node *
node_below(struct node *parent, const struct http_segment *segment)
{
    if (segment->literal == NULL) {
        if (parent->variable == NULL) {
            parent->variable = node_new(NULL);
        }
        return parent->variable;
    }
    for (struct node *node = parent->literals; node != NULL; node = node->sibling) {
        if (strcmp(node->literal, segment->literal) == 0) {
            return node;
        }
    }
    struct node *node = node_new(segment->literal);

    node->sibling = parent->literals;
    parent->literals = node;
    return node;
}

/* What transcode.c takes for granted of a route, said once at start instead of at every request. */
static void
route_check(const struct http_route *route)
{
    const struct pb_field *fields = route->method->request->fields;
    size_t n_variables = 0;

    ASSERT(route->n_segments <= HTTP_SEGMENTS_MAX);
    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].literal == NULL) {
            const ProtobufCFieldDescriptor *field = fields[route->segments[i].field].descriptor;

            ASSERT(fields[route->segments[i].field].message == NULL);
            ASSERT(field->label != PROTOBUF_C_LABEL_REPEATED);
            ASSERT((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0);
            n_variables++;
        }
    }
    ASSERT(n_variables <= HTTP_VARIABLES_MAX);
    if (route->body >= 0) {
        ASSERT(fields[route->body].message != NULL);
        ASSERT(fields[route->body].descriptor->label != PROTOBUF_C_LABEL_REPEATED);
        ASSERT((fields[route->body].descriptor->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0);
    }
}

static void
route_add(struct http_router *self, const struct http_route *route)
{
    struct node *node = &self->root;
    size_t verb = verb_index(self, route->verb, strlen(route->verb));

    route_check(route);
    for (size_t i = 0; i < route->n_segments; i++) {
        node = node_below(node, &route->segments[i]);
    }
    ASSERT(node->routes[verb] == NULL);
    node->routes[verb] = route;
    node->is_end = true;
}

/* After all routes are in, since one of HEAD's own would come first. */
static void
head_as_get(struct node *node, size_t get, size_t head)
{
    if (node->routes[head] == NULL) {
        node->routes[head] = node->routes[get];
    }
    for (struct node *child = node->literals; child != NULL; child = child->sibling) {
        head_as_get(child, get, head);
    }
    if (node->variable != NULL) {
        head_as_get(node->variable, get, head);
    }
}

struct http_router *
http_router_new(const struct http_route *routes, size_t n_routes)
{
    struct http_router *self = calloc(1, sizeof(*self));
    size_t get;

    ASSERT(self != NULL);
    collect_verbs(self, routes, n_routes);
    for (size_t i = 0; i < n_routes; i++) {
        route_add(self, &routes[i]);
    }
    get = verb_index(self, "GET", 3);
    if (get != VERBS_MAX) {
        head_as_get(&self->root, get, verb_index(self, "HEAD", 4));
    }
    return self;
}

static void
node_free_below(struct node *node)
{
    while (node->literals != NULL) {
        struct node *child = node->literals;

        node->literals = child->sibling;
        node_free_below(child);
        free(child);
    }
    if (node->variable != NULL) {
        node_free_below(node->variable);
        free(node->variable);
    }
}

void
http_router_free(struct http_router *self)
{
    if (self != NULL) {
        node_free_below(&self->root);
        free(self);
    }
}

/* False if no route can match: no leading slash, an empty segment, too many of them. */
static bool
path_cut(struct search *search, const char *path, size_t bytes)
{
    const char *end = path + bytes;

    if (bytes == 0 || path[0] != '/') {
        return false;
    }
    if (bytes == 1) {
        return true;
    }
    for (const char *at = path; at != end;) {
        const char *start = at + 1;
        const char *slash = memchr(start, '/', (size_t)(end - start));

        at = slash == NULL ? end : slash;
        if (at == start || search->n_pieces == HTTP_SEGMENTS_MAX) {
            return false;
        }
        search->pieces[search->n_pieces++] = (struct piece){start, (size_t)(at - start)};
    }
    return true;
}

static bool
literal_equals(const struct node *node, const struct piece *piece)
{
    if (piece->bytes == node->literal_bytes &&
        memcmp(piece->text, node->literal, piece->bytes) == 0) {
        return true;
    }
    return memchr(piece->text, '%', piece->bytes) != NULL &&
           http_percent_equals(piece->text, piece->bytes, node->literal, node->literal_bytes);
}

static bool
path_ends(struct search *search, const struct node *node)
{
    if (!node->is_end) {
        return false;
    }
    for (size_t i = 0; i < search->router->n_verbs; i++) {
        search->allowed[i] |= node->routes[i] != NULL;
    }
    if (search->verb != VERBS_MAX) {
        search->found = node->routes[search->verb]; /* NULL: the path has no such verb */
    }
    return true;
}

static bool
descend(struct search *search, const struct node *node, size_t depth)
{
    if (depth == search->n_pieces) {
        return path_ends(search, node);
    }
    for (const struct node *child = node->literals; child != NULL; child = child->sibling) {
        if (literal_equals(child, &search->pieces[depth])) {
            if (descend(search, child, depth + 1)) {
                return true;
            }
            break; /* literals differ: no other one is equal */
        }
    }
    return node->variable != NULL && descend(search, node->variable, depth + 1);
}

static void
take_variables(const struct search *search, struct http_match *match)
{
    const struct http_route *route = search->found;

    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].literal == NULL) {
            match->variables[match->n_variables++] = (struct http_variable){
                .field = route->segments[i].field,
                .text = search->pieces[i].text,
                .bytes = search->pieces[i].bytes,
            };
        }
    }
}

static void
write_allow(const struct search *search, struct http_match *match)
{
    const struct http_router *router = search->router;
    char *at = match->allow;

    for (size_t i = 0; i < router->n_verbs; i++) {
        if (search->allowed[i] || strcmp(router->verbs[i], "OPTIONS") == 0) {
            at = stpcpy(at, at == match->allow ? "" : ", ");
            at = stpcpy(at, router->verbs[i]);
        }
    }
}

void
http_router_find(const struct http_router *self, const char *verb, size_t verb_bytes,
                 const char *path, size_t path_bytes, struct http_match *match)
{
    struct search search = {.router = self};

    match->route = NULL;
    match->n_variables = 0;
    match->allow[0] = '\0';
    search.verb = verb_index(self, verb, verb_bytes);
    if (!path_cut(&search, path, path_bytes)) {
        return;
    }
    if (!descend(&search, &self->root, 0)) {
        return;
    }
    if (search.found != NULL) {
        match->route = search.found;
        take_variables(&search, match);
    } else {
        write_allow(&search, match);
    }
}
