/*
 * Methods as clients of RPC protocols call them, by the path /<package>.<Service>/<Method>: a
 * second table of routes over the same codec, and what Connect and gRPC-Web have in common. What
 * each has for itself is in connect.h and grpc_web.h.
 */
#ifndef DEPOT_HTTP_RPC_H
#define DEPOT_HTTP_RPC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/call.h"
#include "http/message.h"
#include "http/route.h"

enum http_rpc_protocol { HTTP_RPC_NONE, HTTP_RPC_CONNECT, HTTP_RPC_GRPC_WEB };

/* How a request and its answer are written. */
struct http_rpc_form {
    enum http_rpc_protocol protocol;
    bool packed;              /* messages are protobuf, else JSON */
    bool text;                /* everything is in base64 (gRPC-Web) */
    const char *content_type; /* of the request and of the answer */
};

/* The forms by their content types, as the field Accept-Post lists them. */
extern const char http_rpc_content_types[];

/* The form that Content-Type names; false if it is none of them, or stands twice. */
bool http_rpc_form_find(const struct http_message *message, struct http_rpc_form *out);

/*
 * Whether the header fields alone tell that the client speaks an RPC protocol, whatever the path: a
 * content type of gRPC-Web, or Connect-Protocol-Version with one of Connect's.
 */
bool http_rpc_form_certain(const struct http_message *message, struct http_rpc_form *out);

struct http_rpc_table;

/* A route for each method: POST, the whole message as body, 200, no Location. */
struct http_rpc_table *http_rpc_table_new(const struct pb_service *const *services);
void http_rpc_table_free(struct http_rpc_table *self);

/* The route of exactly this path, or NULL. */
const struct http_route *http_rpc_table_find(const struct http_rpc_table *self, const char *path,
                                             size_t path_bytes);

/* Whether the path would be that of a method of one of the services, if there were such a one. */
bool http_rpc_table_serves(const struct http_rpc_table *self, const char *path, size_t path_bytes);

/* A message that says more about a failure. */
struct http_rpc_detail {
    const struct pb_message *schema;
    const ProtobufCMessage *message;
};

enum { HTTP_RPC_DETAILS_MAX = 2 };

/*
 * The details of the call's problem (there must be one): depot.rpc.v1.ErrorInfo, and what the
 * service added. Returns how many there are; they live in the call's arena. ErrorInfo is missing
 * when the arena's cap is reached.
 */
size_t http_rpc_details(const struct call *call,
                        struct http_rpc_detail out[static HTTP_RPC_DETAILS_MAX]);

#endif
