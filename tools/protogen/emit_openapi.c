/* The OpenAPI documents, 3.1 and 3.0.3: the contract's routes and the gateway's own paths. */
#include "applies.h"
#include "emit.h"
#include "openapi.h"

static struct openapi_routes
routes_gather(const struct contract *contract)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct openapi_routes routes = {NULL, 0};

    /* First counted, then gathered. */
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0;

        for (size_t i = 0; i < contract->n_files; i++) {
            for (size_t j = 0; j < contract->files[i].n_services; j++) {
                const struct def_service *service = &contract->files[i].services[j];

                for (size_t k = 0; k < service->n_methods; k++) {
                    for (size_t l = 0; l < service->methods[k].n_routes; l++, n++) {
                        if (pass == 1) {
                            routes.list[n] = &service->methods[k].routes[l];
                        }
                    }
                }
            }
        }
        if (pass == 0) {
            routes.list = arena_zalloc(arena, (n + 1) * sizeof *routes.list);
            routes.n = n;
        }
    }
    return routes;
}

bool
openapi_uses_reason(const struct contract *contract, const struct def_reason *reason)
{
    struct openapi_routes routes = routes_gather(contract);

    for (size_t i = 0; i < routes.n; i++) {
        if (reason_applies(reason, routes.list[i]->method)) {
            return true;
        }
    }
    return openapi_own_reason(reason);
}

static void
put_info(struct doc *doc, const char *version)
{
    doc_object(doc, "info");
    doc_string(doc, "title", "Depot");
    doc_string(doc, "version", version);
    doc_string(doc, "description",
               "Inventory and booking.\n\n"
               "Failures are problem documents (RFC 9457); decide by `reason`, which never "
               "changes. `Request-Timeout` (seconds) says how long the client will wait, "
               "`X-Request-Id` how it calls the request, `traceparent` what it belongs to; every "
               "operation takes them. `HEAD` is answered where `GET` is, without the content; "
               "`OPTIONS` lists the verbs of a path.");
    doc_object(doc, "license");
    doc_string(doc, "name", "MIT");
    if (doc->openapi_30) {
        doc_string(doc, "url", "https://opensource.org/license/mit");
    } else {
        doc_string(doc, "identifier", "MIT");
    }
    doc_end(doc);
    doc_end(doc);
}

/* Where the document came from: nothing in it depends on the host. */
static void
put_servers(struct doc *doc)
{
    doc_array(doc, "servers");
    doc_object(doc, NULL);
    doc_string(doc, "url", "/");
    doc_end(doc);
    doc_end(doc);
}

static void
put_tag(struct doc *doc, const char *name, const char *description)
{
    doc_object(doc, NULL);
    doc_string(doc, "name", name);
    doc_string(doc, "description", description);
    doc_end(doc);
}

static void
put_tags(struct doc *doc, const struct openapi_routes *routes)
{
    const struct def_service *last = NULL;

    doc_array(doc, "tags");
    for (size_t i = 0; i < routes->n; i++) {
        if (routes->list[i]->method->service != last) {
            last = routes->list[i]->method->service;
            put_tag(doc, openapi_tag(routes, last), last->comment);
        }
    }
    put_tag(doc, "Gateway", "The gateway itself.");
    doc_end(doc);
}

static void
put_components(struct doc *doc, const struct contract *contract,
               const struct openapi_routes *routes)
{
    doc_object(doc, "components");
    openapi_security_schemes(doc);
    openapi_schemas(doc, contract);
    openapi_header_parameters(doc, routes);
    openapi_headers(doc);
    openapi_problem_examples(doc, contract);
    doc_end(doc);
}

void
emit_openapi(const struct contract *contract, const char *version, bool openapi_30, struct buf *out)
{
    struct openapi_routes routes = routes_gather(contract);
    struct doc doc = {.out = out, .openapi_30 = openapi_30};

    doc_object(&doc, NULL);
    doc_string(&doc, "openapi", openapi_30 ? "3.0.3" : "3.1.0");
    put_info(&doc, version);
    put_servers(&doc);
    put_tags(&doc, &routes);
    doc_object(&doc, "paths");
    openapi_paths(&doc, contract, &routes);
    openapi_own_paths(&doc, contract);
    doc_end(&doc);
    put_components(&doc, contract, &routes);
    doc_end(&doc);
}
