/*
 * The types of a service's handlers and the table through which the platform calls them. The table
 * names every handler and every query by a strong symbol: a missing handler is a link error.
 */
#include "emit.h"
#include "out.h"

static void
put_struct(struct buf *out, const struct def_method *method)
{
    const char *name = method->service->short_name;

    buf_printf(out, "/* %s */\n", method->path);
    buf_printf(out, "struct %s_%s_handler {\n", name, method->snake);
    buf_printf(out, "    enum status (*ask)(struct call *call, const %s *request,\n",
               method->request->c_type);
    buf_puts(out, "                       struct db_params *params);\n");
    buf_printf(out, "    enum status (*answer)(struct call *call, const %s *request,\n",
               method->request->c_type);
    buf_printf(out, "                          const struct db_rows *rows, %s *reply);\n};\n",
               method->reply->c_type);
    buf_printf(out, "extern const struct %s_%s_handler %s_%s;\n\n", name, method->snake, name,
               method->snake);
}

static bool
write_header(const struct contract *contract, const struct def_file *file, const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const char *name = arena_printf(arena, "%s.handlers.h", file->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    out_guard(&out, name);
    buf_printf(&out, "#include \"%s.pb-c.h\"\n#include \"service/handler.h\"\n\n", file->stem);
    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            put_struct(&out, &file->services[i].methods[j]);
        }
    }
    buf_printf(&out, "extern const struct service %s_service;\n\n#endif\n", file->short_name);
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

/* Functions of the untyped kind that call the typed ones. */
static void
put_thunks(struct buf *out, const struct def_method *method)
{
    const char *name = method->service->short_name;

    buf_printf(out, "static enum status\n%s_ask(struct call *call, ", method->snake);
    buf_puts(out, "const ProtobufCMessage *request, struct db_params *params)\n{\n");
    buf_printf(out, "    if (%s_%s.ask == NULL) {\n        return STATUS_OK;\n    }\n", name,
               method->snake);
    buf_printf(out, "    return %s_%s.ask(call, (const %s *)request, params);\n}\n\n", name,
               method->snake, method->request->c_type);
    buf_printf(out, "static enum status\n%s_answer(struct call *call, ", method->snake);
    buf_puts(out, "const ProtobufCMessage *request,\n    const struct db_rows *rows, "
                  "ProtobufCMessage *reply)\n{\n");
    buf_printf(out, "    return %s_%s.answer(call, (const %s *)request, rows, (%s *)reply);\n}\n\n",
               name, method->snake, method->request->c_type, method->reply->c_type);
}

static void
put_table(struct buf *out, const struct def_file *file)
{
    size_t n = 0;

    buf_puts(out, "static const struct service_handler handlers[] = {\n");
    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            const struct def_method *method = &file->services[i].methods[j];

            buf_printf(out, "    {&%s__method, &%s_query_%s, %s_ask, %s_answer},\n", method->symbol,
                       file->short_name, method->snake, method->snake, method->snake);
            n++;
        }
    }
    buf_puts(out, "};\n\nstatic const struct pb_service *const services[] = {\n");
    for (size_t i = 0; i < file->n_services; i++) {
        buf_printf(out, "    &%s__service,\n", file->services[i].symbol);
    }
    buf_printf(out, "    NULL};\n\nconst struct service %s_service = {\n", file->short_name);
    buf_printf(out, "    .name = \"%s\",\n    .services = services,\n", file->short_name);
    buf_printf(out, "    .handlers = handlers,\n    .n_handlers = %zu,\n};\n", n);
}

bool
emit_handlers(const struct contract *contract, const struct def_file *file, const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    buf_printf(&out, "#include \"%s.handlers.h\"\n\n", file->stem);
    buf_printf(&out, "#include \"%s.queries.h\"\n#include \"%s.schema.h\"\n\n", file->stem,
               file->stem);
    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            put_thunks(&out, &file->services[i].methods[j]);
        }
    }
    put_table(&out, file);
    good = out_write(folder, arena_printf(arena, "%s.handlers.c", file->stem), &out);
    buf_fini(&out);
    return good && write_header(contract, file, folder);
}
