#include "http/rpc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "depot/rpc/v1/envelope.schema.h"
#include "depot/rpc/v1/error.pb-c.h"
#include "depot/rpc/v1/error.schema.h"
#include "google/protobuf/duration.schema.h"
#include "http/field.h"

/* --- forms --- */

static const struct http_rpc_form forms[] = {
    {HTTP_RPC_CONNECT, false, false, "application/json"},
    {HTTP_RPC_CONNECT, true, false, "application/proto"},
    {HTTP_RPC_GRPC_WEB, true, false, "application/grpc-web+proto"},
    {HTTP_RPC_GRPC_WEB, true, false, "application/grpc-web"},
    {HTTP_RPC_GRPC_WEB, false, false, "application/grpc-web+json"},
    {HTTP_RPC_GRPC_WEB, true, true, "application/grpc-web-text+proto"},
    {HTTP_RPC_GRPC_WEB, true, true, "application/grpc-web-text"},
};

const char http_rpc_content_types[] =
    "application/json, application/proto, application/grpc-web+proto, application/grpc-web, "
    "application/grpc-web+json, application/grpc-web-text+proto, application/grpc-web-text";

bool
http_rpc_form_find(const struct http_message *message, struct http_rpc_form *out)
{
    size_t bytes, n;
    const char *type = http_message_field(message, "content-type", &bytes, &n);

    if (n != 1) {
        return false;
    }
    if (http_content_is_json(message)) {
        *out = forms[0];
        return true;
    }
    for (size_t i = 1; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (bytes == strlen(forms[i].content_type) &&
            strncasecmp(type, forms[i].content_type, bytes) == 0) {
            *out = forms[i];
            return true;
        }
    }
    return false;
}

bool
http_rpc_form_certain(const struct http_message *message, struct http_rpc_form *out)
{
    struct http_rpc_form form;
    size_t bytes;

    if (!http_rpc_form_find(message, &form) ||
        (form.protocol == HTTP_RPC_CONNECT &&
         http_message_field(message, "connect-protocol-version", &bytes, NULL) == NULL)) {
        return false;
    }
    *out = form;
    return true;
}

/* --- routes --- */

struct http_rpc_table {
    const struct pb_service *const *services;
    struct http_route *routes; /* sorted by path */
    size_t n_routes;
};

static int
compare_routes(const void *left, const void *right)
{
    return strcmp(((const struct http_route *)left)->method->path,
                  ((const struct http_route *)right)->method->path);
}

struct http_rpc_table *
http_rpc_table_new(const struct pb_service *const *services)
{
    struct http_rpc_table *self = calloc(1, sizeof(*self));
    size_t n = 0;

    for (size_t i = 0; services[i] != NULL; i++) {
        n += services[i]->n_methods;
    }
    ASSERT(self != NULL);
    self->services = services;
    self->routes = calloc(n + 1, sizeof(*self->routes));
    ASSERT(self->routes != NULL);
    for (size_t i = 0; services[i] != NULL; i++) {
        for (size_t j = 0; j < services[i]->n_methods; j++) {
            self->routes[self->n_routes++] = (struct http_route){
                .verb = "POST",
                .pattern = services[i]->methods[j]->path,
                .body = HTTP_BODY_WHOLE,
                .method = services[i]->methods[j],
                .success_status = 200,
            };
        }
    }
    qsort(self->routes, self->n_routes, sizeof(*self->routes), compare_routes);
    return self;
}

void
http_rpc_table_free(struct http_rpc_table *self)
{
    if (self != NULL) {
        free(self->routes);
        free(self);
    }
}

struct key {
    const char *path;
    size_t bytes;
};

static int
compare_key(const void *left, const void *right)
{
    const struct key *key = left;
    const char *path = ((const struct http_route *)right)->method->path;
    int order = strncmp(key->path, path, key->bytes);

    return order != 0 ? order : -(path[key->bytes] != '\0');
}

const struct http_route *
http_rpc_table_find(const struct http_rpc_table *self, const char *path, size_t path_bytes)
{
    const struct key key = {path, path_bytes};

    return bsearch(&key, self->routes, self->n_routes, sizeof(*self->routes), compare_key);
}

bool
http_rpc_table_serves(const struct http_rpc_table *self, const char *path, size_t path_bytes)
{
    for (size_t i = 0; self->services[i] != NULL; i++) {
        const char *name = self->services[i]->full_name;
        size_t bytes = strlen(name);

        if (path_bytes > bytes + 2 && memcmp(path + 1, name, bytes) == 0 &&
            path[bytes + 1] == '/' &&
            memchr(path + bytes + 2, '/', path_bytes - bytes - 2) == NULL) {
            return true;
        }
    }
    return false;
}

/* --- details --- */

static Depot__Rpc__V1__Violation *
new_violation(struct arena *arena, const struct violation *violation)
{
    Depot__Rpc__V1__Violation *self =
        (Depot__Rpc__V1__Violation *)pb_new(arena, &depot__rpc__v1__violation__schema);

    if (self != NULL) {
        self->field = (char *)(uintptr_t)violation->field;
        self->reason = (char *)(uintptr_t)violation->reason->name;
        self->detail = (char *)(uintptr_t)violation->detail;
    }
    return self;
}

/* Those that there is memory for. */
static void
add_violations(struct arena *arena, const struct problem *problem, Depot__Rpc__V1__ErrorInfo *info)
{
    info->violations = arena_alloc(arena, problem->n_violations * sizeof(*info->violations));
    for (const struct violation *v = problem->violations; v != NULL && info->violations != NULL;
         v = v->next) {
        Depot__Rpc__V1__Violation *violation = new_violation(arena, v);

        if (violation == NULL) {
            return;
        }
        info->violations[info->n_violations++] = violation;
    }
}

static const ProtobufCMessage *
new_info(const struct call *call)
{
    const struct problem *problem = &call->problem;
    Depot__Rpc__V1__ErrorInfo *info =
        (Depot__Rpc__V1__ErrorInfo *)pb_new(call->arena, &depot__rpc__v1__error_info__schema);

    if (info == NULL) {
        return NULL;
    }
    info->reason = (char *)(uintptr_t)problem->reason->name;
    info->request_id = (char *)(uintptr_t)call->request_id;
    add_violations(call->arena, problem, info);
    if (problem->retry_after_ms != 0) {
        info->retry_delay =
            (Google__Protobuf__Duration *)pb_new(call->arena, &google__protobuf__duration__schema);
    }
    if (info->retry_delay != NULL) {
        info->retry_delay->seconds = problem->retry_after_ms / 1000;
        info->retry_delay->nanos = (int32_t)(problem->retry_after_ms % 1000) * 1000000;
    }
    return &info->base;
}

size_t
http_rpc_details(const struct call *call, struct http_rpc_detail out[static HTTP_RPC_DETAILS_MAX])
{
    const ProtobufCMessage *info = new_info(call);
    size_t n = 0;

    ASSERT(call->problem.reason != NULL);
    if (info != NULL) {
        out[n++] = (struct http_rpc_detail){&depot__rpc__v1__error_info__schema, info};
    }
    if (call->problem.extra != NULL) {
        out[n++] = (struct http_rpc_detail){call->problem.extra_schema, call->problem.extra};
    }
    return n;
}
