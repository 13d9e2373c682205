/* The gateway's view of the contract: `http_contract` of lib/http/route.h. */
#include <string.h>

#include "emit.h"
#include "out.h"

static void
put_segments(struct buf *out, const struct def_route *route, size_t index)
{
    buf_printf(out, "static const struct http_segment segments_%zu[] = {\n", index);
    for (size_t i = 0; i < route->n_segments; i++) {
        if (route->segments[i].variable) {
            buf_printf(out, "    {NULL, %d},\n", route->segments[i].field);
        } else {
            buf_puts(out, "    {");
            out_c_string(out, route->segments[i].text);
            buf_puts(out, ", -1},\n");
        }
    }
    buf_puts(out, "};\n");
}

static void
put_location(struct buf *out, const struct def_method *method, size_t index)
{
    if (method->n_location == 0) {
        return;
    }
    buf_printf(out, "static const struct http_piece location_%zu[] = {\n", index);
    for (size_t i = 0; i < method->n_location; i++) {
        if (method->location[i].variable) {
            buf_printf(out, "    {NULL, %d},\n", method->location[i].field);
        } else {
            buf_puts(out, "    {");
            out_c_string(out, method->location[i].text);
            buf_puts(out, ", -1},\n");
        }
    }
    buf_puts(out, "};\n");
}

static void
put_route(struct buf *out, const struct def_route *route, size_t index)
{
    const struct def_method *method = route->method;

    buf_printf(out, "    {.verb = \"%s\",\n     .pattern = ", route->verb);
    out_c_string(out, route->pattern);
    buf_printf(out, ",\n     .segments = segments_%zu,\n     .n_segments = %zu,\n", index,
               route->n_segments);
    buf_printf(out, "     .body = %d,\n     .method = &%s__method,\n", route->body_field,
               method->symbol);
    buf_printf(out, "     .success_status = %d,\n", method_success(method));
    if (method->n_location != 0) {
        buf_printf(out, "     .location = location_%zu,\n", index);
    }
    buf_printf(out, "     .n_location = %zu},\n", method->n_location);
}

/* Calls `put` for every route of the contract with its running number; returns how many. */
static size_t
each_route(const struct contract *contract, struct buf *out,
           void (*put)(struct buf *out, const struct def_route *route, size_t index))
{
    size_t n = 0;

    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_services; j++) {
            const struct def_service *service = &contract->files[i].services[j];

            for (size_t k = 0; k < service->n_methods; k++) {
                for (size_t l = 0; l < service->methods[k].n_routes; l++) {
                    put(out, &service->methods[k].routes[l], n++);
                }
            }
        }
    }
    return n;
}

static void
put_route_parts(struct buf *out, const struct def_route *route, size_t index)
{
    put_segments(out, route, index);
    put_location(out, route->method, index);
}

static bool
service_routed(const struct def_service *service)
{
    for (size_t i = 0; i < service->n_methods; i++) {
        if (service->methods[i].n_routes != 0) {
            return true;
        }
    }
    return false;
}

static void
put_lists(struct buf *out, const struct contract *contract)
{
    buf_puts(out, "static const struct pb_service *const services[] = {\n");
    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_services; j++) {
            if (service_routed(&contract->files[i].services[j])) {
                buf_printf(out, "    &%s__service,\n", contract->files[i].services[j].symbol);
            }
        }
    }
    buf_puts(out, "    NULL};\n\nstatic const struct reason *const reasons[] = {\n");
    for (size_t i = 0; i < contract->n_files; i++) {
        for (size_t j = 0; j < contract->files[i].n_reasons; j++) {
            buf_printf(out, "    &%s,\n", contract->files[i].reasons[j].constant);
        }
    }
    buf_puts(out, "    NULL};\n\nstatic const struct pb_message *const messages[] = {\n");
    for (size_t i = 0; i < contract->n_files; i++) {
        const struct def_file *file = &contract->files[i];

        for (size_t j = 0; file_has_tables(file) && j < file->n_messages; j++) {
            if (!file->messages[j].map_entry) {
                buf_printf(out, "    &%s__schema,\n", file->messages[j].symbol);
            }
        }
    }
    buf_puts(out, "    NULL};\n\n");
}

/* One literal per line of the document. */
static void
put_document(struct buf *out, const char *name, const struct buf *document)
{
    size_t at = 0;

    buf_printf(out, "static const char %s[] =", name);
    while (at < document->length_bytes) {
        char line[8192];
        size_t n = 0;

        do {
            line[n++] = document->data[at++];
        } while (at < document->length_bytes && n < sizeof line - 1 && line[n - 1] != '\n');
        line[n] = '\0';
        buf_puts(out, "\n    ");
        out_c_string(out, line);
    }
    buf_puts(out, ";\n\n");
}

/* One literal for each few bytes; octal escapes end after three digits, hexadecimal ones would not.
 */
static void
put_bytes(struct buf *out, const char *name, const struct buf *bytes)
{
    buf_printf(out, "static const char %s[] =", name);
    for (size_t i = 0; i < bytes->length_bytes; i++) {
        buf_puts(out, i % 20 == 0 ? (i == 0 ? "\n    \"" : "\"\n    \"") : "");
        buf_printf(out, "\\%03o", (unsigned char)bytes->data[i]);
    }
    buf_puts(out, "\";\n\n");
}

bool
emit_routes(const struct contract *contract, const struct buf *openapi,
            const struct buf *openapi_30, const struct buf *descriptor, const char *folder)
{
    struct buf out = BUF_INIT;
    size_t n;
    bool good;

    out_head(&out, "the contract");
    buf_puts(&out, "#include \"http/route.h\"\n\n");
    for (size_t i = 0; i < contract->n_files; i++) {
        if (file_has_tables(&contract->files[i])) {
            buf_printf(&out, "#include \"%s.schema.h\"\n", contract->files[i].stem);
        }
    }
    buf_putc(&out, '\n');
    each_route(contract, &out, put_route_parts);
    buf_puts(&out, "\nstatic const struct http_route routes[] = {\n");
    n = each_route(contract, &out, put_route);
    buf_puts(&out, "};\n\n");
    put_lists(&out, contract);
    put_document(&out, "openapi_json", openapi);
    put_document(&out, "openapi_30_json", openapi_30);
    put_bytes(&out, "descriptor_set", descriptor);
    buf_puts(&out, "const struct http_contract http_contract = {\n    .routes = routes,\n");
    buf_printf(&out, "    .n_routes = %zu,\n    .services = services,\n", n);
    buf_puts(&out, "    .reasons = reasons,\n    .messages = messages,\n"
                   "    .openapi_json = openapi_json,\n"
                   "    .openapi_json_bytes = sizeof openapi_json - 1,\n"
                   "    .openapi_30_json = openapi_30_json,\n"
                   "    .openapi_30_json_bytes = sizeof openapi_30_json - 1,\n"
                   "    .descriptor_set = descriptor_set,\n"
                   "    .descriptor_set_bytes = sizeof descriptor_set - 1,\n};\n");
    good = out_write(folder, "routes.c", &out);
    buf_fini(&out);
    return good;
}
