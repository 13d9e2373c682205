/*
 * The tables of lib/pb/schema.h. protobuf-c keeps the field descriptors of a message to its own
 * file, so the tables' file includes that one and is compiled in its place.
 */
#include "emit.h"
#include "out.h"
#include "tables.h"

/* --- the header --- */

static bool
write_header(const struct contract *contract, const struct def_file *file, const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    const char *name = arena_printf(arena, "%s.schema.h", file->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    out_guard(&out, name);
    buf_puts(&out, "#include \"pb/schema.h\"\n\n");
    for (size_t i = 0; i < file->n_messages; i++) {
        buf_printf(&out, "extern const struct pb_message %s__schema;\n", file->messages[i].symbol);
    }
    for (size_t i = 0; i < file->n_enums; i++) {
        buf_printf(&out, "extern const struct pb_enum %s__schema;\n", file->enums[i].symbol);
    }
    for (size_t i = 0; i < file->n_services; i++) {
        const struct def_service *service = &file->services[i];

        buf_printf(&out, "extern const struct pb_service %s__service;\n", service->symbol);
        for (size_t j = 0; j < service->n_methods; j++) {
            buf_printf(&out, "extern const struct pb_method %s__method;\n",
                       service->methods[j].symbol);
        }
    }
    for (size_t i = 0; i < file->n_reasons; i++) {
        buf_printf(&out, "extern const struct reason %s;\n", file->reasons[i].constant);
    }
    buf_puts(&out, "\n#endif\n");
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

/* --- the whole --- */

static void
put_reason(struct buf *out, const struct def_reason *reason)
{
    buf_printf(out, "const struct reason %s = {\n    .name = \"%s\",\n", reason->constant,
               reason->name);
    buf_printf(out,
               "    .code = (enum status)%u,\n    .http_status = %u,\n    .title = ", reason->code,
               reason->http);
    out_c_string(out, reason->title);
    buf_puts(out, ",\n    .text = ");
    out_c_string(out, reason->comment != NULL ? reason->comment : "");
    buf_puts(out, ",\n};\n\n");
}

static void
put_includes(struct buf *out, const struct contract *contract, const struct def_file *file)
{
    buf_printf(out, "#include \"%s.schema.h\"\n\n", file->stem);
    buf_printf(out, "#include \"%s.pb-c.c\" /* its field descriptors are static */\n\n",
               file->stem);
    for (size_t i = 0; i < file->n_imports; i++) {
        const struct def_file *import = contract_file(contract, file->imports[i]);

        if (file_has_tables(import)) {
            buf_printf(out, "#include \"%s.schema.h\"\n", import->stem);
        }
    }
    buf_putc(out, '\n');
}

bool
emit_schema(const struct contract *contract, const struct def_file *file, const char *folder)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    put_includes(&out, contract, file);
    for (size_t i = 0; i < file->n_reasons; i++) {
        put_reason(&out, &file->reasons[i]);
    }
    for (size_t i = 0; i < file->n_enums; i++) {
        buf_printf(&out, "const struct pb_enum %s__schema = {\"%s\", &%s__descriptor};\n\n",
                   file->enums[i].symbol, file->enums[i].full_name, file->enums[i].symbol);
    }
    for (size_t i = 0; i < file->n_messages; i++) {
        tables_put_message(&out, contract, &file->messages[i]);
    }
    for (size_t i = 0; i < file->n_services; i++) {
        tables_put_service(&out, contract, &file->services[i]);
    }
    good = out_write(folder, arena_printf(arena, "%s.schema.c", file->stem), &out);
    buf_fini(&out);
    return good && write_header(contract, file, folder);
}
