#include "admin.h"

#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "docs.h"
#include "gateway.h"
#include "home.h"

static enum status
serve_livez(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    static const char text[] = "{\"status\":\"ok\"}";

    (void)gateway;
    (void)call;
    *content = text;
    *bytes = sizeof(text) - 1;
    return STATUS_OK;
}

static enum status
serve_readyz(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    const struct pb_service *missing = backends_not_serving(&gateway->backends);

    const char *why;

    if (gateway->phase != GATEWAY_SERVING) {
        return call_fail(call, &reason_not_ready, "The gateway is draining.");
    }
    if (missing != NULL) {
        return call_fail(call, &reason_not_ready, "The service `%s` is not serving.",
                         missing->short_name);
    }
    if (!access_ready(&gateway->access, &why)) {
        return call_fail(call, &reason_not_ready, "%s", why);
    }
    return serve_livez(gateway, call, content, bytes);
}

static bool
is_ready(const struct gateway *gateway)
{
    const char *why;

    return gateway->phase == GATEWAY_SERVING && backends_not_serving(&gateway->backends) == NULL &&
           access_ready(&gateway->access, &why);
}

static void
write_connections(const struct gateway *gateway, struct buf *out)
{
    buf_printf(out,
               "# HELP depot_http_connections Open connections.\n"
               "# TYPE depot_http_connections gauge\n"
               "depot_http_connections %zu\n"
               "# HELP depot_ready Whether /readyz says 200.\n"
               "# TYPE depot_ready gauge\n"
               "depot_ready %d\n",
               gateway->n_connections, is_ready(gateway));
}

static enum status
serve_metrics(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    struct buf *out = &gateway->body;

    (void)call;
    buf_clear(out, SIZE_MAX);
    metrics_write(&gateway->metrics, out);
    write_connections(gateway, out);
    backends_write_metrics(&gateway->backends, out);
    access_write_metrics(&gateway->access, out);
    *content = out->data;
    *bytes = out->length_bytes;
    return STATUS_OK;
}

static enum status
serve_openapi(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    (void)call;
    *content = gateway->contract->openapi_json;
    *bytes = gateway->contract->openapi_json_bytes;
    return STATUS_OK;
}

static enum status
serve_openapi_30(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    (void)call;
    *content = gateway->contract->openapi_30_json;
    *bytes = gateway->contract->openapi_30_json_bytes;
    return STATUS_OK;
}

static enum status
serve_descriptor(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    (void)call;
    *content = gateway->contract->descriptor_set;
    *bytes = gateway->contract->descriptor_set_bytes;
    return STATUS_OK;
}

static enum status
serve_home(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    (void)call;
    *content = gateway->home.data;
    *bytes = gateway->home.length_bytes;
    return STATUS_OK;
}

/* Whoever has a token may check it without asking. Keys come and go: nobody may keep them. */
static enum status
serve_jwks(struct gateway *gateway, struct call *call, const char **content, size_t *bytes)
{
    struct buf *out = &gateway->body;

    buf_clear(out, SIZE_MAX);
    if (!access_write_jwks(&gateway->access, out)) {
        return call_fail(call, &reason_not_ready, "The accounts service was not reached yet.");
    }
    *content = out->data;
    *bytes = out->length_bytes;
    return STATUS_OK;
}

static const struct admin_path paths[] = {
    {.path = "/livez",
     .name = "livez",
     .content_type = "application/json",
     .for_operators = true,
     .serve = serve_livez},
    {.path = "/readyz",
     .name = "readyz",
     .content_type = "application/json",
     .for_operators = true,
     .serve = serve_readyz},
    {.path = "/metrics",
     .name = "metrics",
     .content_type = "text/plain; version=0.0.4; charset=utf-8",
     .for_operators = true,
     .serve = serve_metrics},
    {.path = "/openapi.json",
     .name = "openapi",
     .content_type = "application/json",
     .serve = serve_openapi},
    {.path = "/openapi-3.0.json",
     .name = "openapi-3.0",
     .content_type = "application/json",
     .serve = serve_openapi_30},
    {.path = "/descriptor.binpb",
     .name = "descriptor",
     .content_type = "application/x-protobuf",
     .serve = serve_descriptor},
    {.path = "/.well-known/jwks.json",
     .name = "jwks",
     .content_type = "application/jwk-set+json",
     .serve = serve_jwks,
     .changes = true,
     .cache_control = "public, max-age=60"},
    {.path = "/",
     .name = "home",
     .content_type = "text/html; charset=utf-8",
     .serve = serve_home,
     .is_page = true,
     .content_policy = home_policy},
};

const char *const admin_names[] = {"livez",      "readyz", "metrics", "openapi", "openapi-3.0",
                                   "descriptor", "jwks",   "home",    "docs",    NULL};

const struct admin_path *
admin_known(size_t n)
{
    return n < sizeof(paths) / sizeof(paths[0]) ? &paths[n] : NULL;
}

const struct admin_path *
admin_find(struct gateway *gateway, bool admin_port, const char *path, size_t path_bytes)
{
    bool has_admin_port = gateway->config->admin_port != 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        bool here = paths[i].for_operators ? admin_port == has_admin_port : !admin_port;

        if (here && strlen(paths[i].path) == path_bytes &&
            memcmp(paths[i].path, path, path_bytes) == 0) {
            return &paths[i];
        }
    }
    return admin_port ? NULL : docs_find(gateway, path, path_bytes);
}
