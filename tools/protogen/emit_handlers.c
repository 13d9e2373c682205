/*
 * The types of a service's handlers and the table through which the platform calls them. The table
 * names every handler and every query by a strong symbol: a missing handler is a link error.
 */
#include "emit.h"
#include "out.h"

static void
put_struct(struct buf *out, const char *name, const struct def_method *method)
{
    buf_printf(out, "/* %s */\n", method->path);
    buf_printf(out, "struct %s_%s_handler {\n", name, method->snake);
    buf_printf(out, "    enum status (*ask)(struct call *call, const %s *request,\n",
               method->request->c_type);
    buf_puts(out, "                       struct db_params *params);\n");
    buf_printf(out, "    enum status (*answer)(struct call *call, const %s *request,\n",
               method->request->c_type);
    buf_printf(out, "                          const struct db_rows *rows, %s *reply);\n",
               method->reply->c_type);
    buf_printf(out, "    enum status (*then_ask)(struct call *call, const %s *request,\n",
               method->request->c_type);
    buf_puts(out, "                            struct db_params *params);\n");
    buf_printf(out, "    enum status (*then_answer)(struct call *call, const %s *request,\n",
               method->request->c_type);
    buf_printf(out, "                               const struct db_rows *rows, %s *reply);\n};\n",
               method->reply->c_type);
    buf_printf(out, "extern const struct %s_%s_handler %s_%s;\n\n", name, method->snake, name,
               method->snake);
}

/* Calls `put` for every method of the files. */
static void
each_method(struct buf *out, const struct def_file *const *files, size_t n_files,
            void (*put)(struct buf *out, const char *name, const struct def_method *method))
{
    for (size_t k = 0; k < n_files; k++) {
        for (size_t i = 0; i < files[k]->n_services; i++) {
            for (size_t j = 0; j < files[k]->services[i].n_methods; j++) {
                put(out, files[0]->short_name, &files[k]->services[i].methods[j]);
            }
        }
    }
}

static bool
write_header(const struct contract *contract, const struct def_file *const *files, size_t n_files,
             const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const char *name = arena_printf(arena, "%s.handlers.h", files[0]->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, files[0]->name);
    out_guard(&out, name);
    for (size_t i = 0; i < n_files; i++) {
        buf_printf(&out, "#include \"%s.pb-c.h\"\n", files[i]->stem);
    }
    buf_puts(&out, "#include \"service/handler.h\"\n\n");
    each_method(&out, files, n_files, put_struct);
    buf_printf(&out, "extern const struct service %s_service;\n\n#endif\n", files[0]->short_name);
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

/* A first half of the untyped kind that calls the typed one, if there is one. */
static void
put_ask(struct buf *out, const char *name, const struct def_method *method, const char *which)
{
    buf_printf(out, "static enum status\n%s_%s(struct call *call, ", method->snake, which);
    buf_puts(out, "const ProtobufCMessage *request, struct db_params *params)\n{\n");
    buf_printf(out, "    if (%s_%s.%s == NULL) {\n        return STATUS_OK;\n    }\n", name,
               method->snake, which);
    buf_printf(out, "    return %s_%s.%s(call, (const %s *)request, params);\n}\n\n", name,
               method->snake, which, method->request->c_type);
}

/* Likewise a second half. */
static void
put_answer(struct buf *out, const char *name, const struct def_method *method, const char *which)
{
    buf_printf(out, "static enum status\n%s_%s(struct call *call, ", method->snake, which);
    buf_puts(out, "const ProtobufCMessage *request,\n    const struct db_rows *rows, "
                  "ProtobufCMessage *reply)\n{\n");
    buf_printf(out, "    return %s_%s.%s(call, (const %s *)request, rows, (%s *)reply);\n}\n\n",
               name, method->snake, which, method->request->c_type, method->reply->c_type);
}

static void
put_thunks(struct buf *out, const char *name, const struct def_method *method)
{
    put_ask(out, name, method, "ask");
    put_answer(out, name, method, "answer");
    put_ask(out, name, method, "then_ask");
    put_answer(out, name, method, "then_answer");
}

static void
put_row(struct buf *out, const char *name, const struct def_method *method)
{
    const char *snake = method->snake;

    buf_printf(out, "    {&%s__method, &%s_query_%s, %s_ask, %s_answer,\n", method->symbol, name,
               snake, snake, snake);
    buf_printf(out, "     %s_then_ask, %s_then_answer},\n", snake, snake);
}

static void
put_table(struct buf *out, const struct def_file *const *files, size_t n_files)
{
    const char *name = files[0]->short_name;

    buf_puts(out, "static const struct service_handler handlers[] = {\n");
    each_method(out, files, n_files, put_row);
    buf_puts(out, "};\n\nstatic const struct pb_service *const services[] = {\n");
    for (size_t k = 0; k < n_files; k++) {
        for (size_t i = 0; i < files[k]->n_services; i++) {
            buf_printf(out, "    &%s__service,\n", files[k]->services[i].symbol);
        }
    }
    buf_printf(out, "    NULL};\n\nconst struct service %s_service = {\n", name);
    buf_printf(out, "    .name = \"%s\",\n    .services = services,\n", name);
    buf_puts(out, "    .handlers = handlers,\n"
                  "    .n_handlers = sizeof handlers / sizeof handlers[0],\n};\n");
}

bool
emit_handlers(const struct contract *contract, const struct def_file *const *files, size_t n_files,
              const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, files[0]->name);
    buf_printf(&out, "#include \"%s.handlers.h\"\n\n#include \"%s.queries.h\"\n", files[0]->stem,
               files[0]->stem);
    for (size_t i = 0; i < n_files; i++) {
        buf_printf(&out, "#include \"%s.schema.h\"\n", files[i]->stem);
    }
    buf_putc(&out, '\n');
    each_method(&out, files, n_files, put_thunks);
    put_table(&out, files, n_files);
    good = out_write(folder, arena_printf(arena, "%s.handlers.c", files[0]->stem), &out);
    buf_fini(&out);
    return good && write_header(contract, files, n_files, folder);
}
