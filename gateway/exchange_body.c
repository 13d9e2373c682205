/*
 * How large a body may be: as the contract says for its method. The route is looked for before the
 * body only where a method says anything; else one limit is right for all.
 */
#include <string.h>

#include "connection.h"
#include "exchange.h"
#include "http/target.h"

static uint64_t
limit_of(const struct pb_method *method)
{
    return method->max_body_bytes == 0 ? LIMIT_HTTP_BODY_BYTES : method->max_body_bytes;
}

uint64_t
exchange_largest_body(const struct http_contract *contract)
{
    uint64_t largest = LIMIT_HTTP_BODY_BYTES;

    for (size_t i = 0; i < contract->n_routes; i++) {
        uint64_t limit = limit_of(contract->routes[i].method);

        largest = limit > largest ? limit : largest;
    }
    return largest;
}

bool
exchange_bodies_differ(const struct http_contract *contract)
{
    for (size_t i = 0; i < contract->n_routes; i++) {
        if (limit_of(contract->routes[i].method) != LIMIT_HTTP_BODY_BYTES) {
            return true;
        }
    }
    return false;
}

static const struct http_route *
find(const struct exchange *self)
{
    const struct http_message *message = &self->message;
    struct http_match match;

    if (self->connection->admin || !http_path_valid(message->path, message->path_bytes)) {
        return NULL;
    }
    http_router_find(self->gateway->router, message->verb, strlen(message->verb), message->path,
                     message->path_bytes, &match);
    return match.route != NULL
               ? match.route
               : http_rpc_table_find(self->gateway->methods, message->path, message->path_bytes);
}

bool
exchange_limit_body(struct exchange *self)
{
    const struct http_route *route;

    if (!self->gateway->bodies_differ) {
        return true;
    }
    route = find(self);
    return http_message_limit_body(&self->message,
                                   route == NULL ? LIMIT_HTTP_BODY_BYTES : limit_of(route->method));
}
