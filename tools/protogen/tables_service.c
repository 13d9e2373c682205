/* struct pb_service and struct pb_method. */
#include "out.h"
#include "tables.h"

static const char *
class_name(Depot__Rpc__V1__Class class)
{
    switch (class) {
    case DEPOT__RPC__V1__CLASS__LIST:
        return "PB_CLASS_LIST";
    case DEPOT__RPC__V1__CLASS__WRITE:
        return "PB_CLASS_WRITE";
    case DEPOT__RPC__V1__CLASS__LONG:
        return "PB_CLASS_LONG";
    default:
        return "PB_CLASS_POINT";
    }
}

static const char *
role_name(Depot__Rpc__V1__Role role)
{
    switch (role) {
    case DEPOT__RPC__V1__ROLE__MEMBER:
        return "PB_ROLE_MEMBER";
    case DEPOT__RPC__V1__ROLE__MANAGER:
        return "PB_ROLE_MANAGER";
    case DEPOT__RPC__V1__ROLE__OPERATOR:
        return "PB_ROLE_OPERATOR";
    case DEPOT__RPC__V1__ROLE__ADMIN:
        return "PB_ROLE_ADMIN";
    default:
        return "PB_ROLE_ANONYMOUS";
    }
}

/* The path variables of the first binding, and the reasons, each as a list. */
static void
put_method_lists(struct buf *out, const struct contract *contract, const struct def_method *method)
{
    buf_printf(out, "static const int16_t %s__scope[] = {", method->symbol);
    for (size_t i = 0; method->n_routes != 0 && i < method->routes[0].n_segments; i++) {
        if (method->routes[0].segments[i].variable) {
            buf_printf(out, "%d, ", method->routes[0].segments[i].field);
        }
    }
    buf_puts(out, "-1};\n");
    for (size_t i = 0; i < method->rule->n_reasons; i++) {
        buf_printf(out, "extern const struct reason %s;\n",
                   contract_reason(contract, method->rule->reasons[i])->constant);
    }
    buf_printf(out, "static const struct reason *const %s__reasons[] = {", method->symbol);
    for (size_t i = 0; i < method->rule->n_reasons; i++) {
        buf_printf(out, "&%s, ", contract_reason(contract, method->rule->reasons[i])->constant);
    }
    buf_puts(out, "NULL};\n");
}

static void
put_method(struct buf *out, const struct contract *contract, const struct def_method *method,
           size_t index)
{
    put_method_lists(out, contract, method);
    buf_printf(out, "const struct pb_method %s__method = {\n    .path = \"%s\",\n", method->symbol,
               method->path);
    buf_printf(out, "    .name = \"%s\",\n    .text = ", method->name);
    out_c_string(out, method->comment);
    buf_printf(out, ",\n    .service = &%s__service,\n    .index = %zu,\n", method->service->symbol,
               index);
    buf_printf(out, "    .request = &%s__schema,\n    .reply = &%s__schema,\n",
               method->request->symbol, method->reply->symbol);
    buf_printf(out, "    .class = %s,\n    .access = %s,\n", class_name(method->rule->class_),
               role_name(method->rule->access));
    buf_printf(out, "    .others = %s,\n    .public_read = %s,\n    .session_only = %s,\n",
               role_name(method->rule->others), out_c_bool(method->rule->public_read),
               out_c_bool(method->rule->session_only));
    buf_printf(out, "    .every_ms = %u,\n", method->rule->every_ms);
    buf_printf(out, "    .no_side_effects = %s,\n    .idempotent = %s,\n",
               out_c_bool(method->no_side_effects), out_c_bool(method->idempotent));
    buf_printf(out, "    .idempotency_key = %s,\n    .affinity = %d,\n",
               out_c_bool(method->rule->idempotency_key), method->affinity);
    buf_printf(out, "    .validate_only = %s,\n", out_c_bool(method->validate_only));
    buf_printf(out, "    .cost = %u,\n    .max_body_bytes = %u,\n",
               method->rule->cost == 0 ? 1 : method->rule->cost, method->rule->max_body_bytes);
    buf_printf(out, "    .scope = %s__scope,\n    .reasons = %s__reasons,\n};\n\n", method->symbol,
               method->symbol);
}

void
tables_put_service(struct buf *out, const struct contract *contract,
                   const struct def_service *service)
{
    for (size_t i = 0; i < service->n_methods; i++) {
        put_method(out, contract, &service->methods[i], i);
    }
    buf_printf(out, "static const struct pb_method *const %s__methods[] = {\n", service->symbol);
    for (size_t i = 0; i < service->n_methods; i++) {
        buf_printf(out, "    &%s__method,\n", service->methods[i].symbol);
    }
    buf_puts(out, "    NULL};\n");
    buf_printf(out, "const struct pb_service %s__service = {\n    .full_name = \"%s\",\n",
               service->symbol, service->full_name);
    buf_printf(out, "    .short_name = \"%s\",\n    .descriptor = &%s__descriptor,\n",
               service->short_name, service->symbol);
    buf_printf(out, "    .methods = %s__methods,\n    .n_methods = %zu,\n};\n\n", service->symbol,
               service->n_methods);
}
