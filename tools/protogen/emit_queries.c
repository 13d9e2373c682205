/*
 * A service's queries as constants: `inventory_query_get_resource` (lib/db/query.h) from
 * queries/get_resource.sql. Each rpc has a query and each query an rpc.
 */
#include "emit.h"
#include "listed.h"
#include "out.h"
#include "queries.h"

static void
put_piece(struct buf *out, const struct sql_piece *piece)
{
    static const char *const slots[SQL_SLOTS] = {"DB_SLOT_FILTER", "DB_SLOT_AFTER",
                                                 "DB_SLOT_ORDER"};

    if (piece->kind == SQL_PIECE_TEXT) {
        buf_puts(out, "    {DB_PIECE_TEXT, 0, ");
        out_c_string(out, piece->text);
        buf_puts(out, "},\n");
    } else if (piece->kind == SQL_PIECE_PARAM) {
        buf_printf(out, "    {DB_PIECE_PARAM, %u, NULL},\n", piece->index);
    } else {
        buf_printf(out, "    {DB_PIECE_SLOT%s, %s, NULL},\n",
                   piece->kind == SQL_PIECE_SLOT_END ? "_END" : "", slots[piece->index]);
    }
}

static void
put_list(struct buf *out, const char *name, const struct def_message *message,
         const struct sql_file *sql)
{
    size_t number = 0;
    size_t n_columns = 0;
    const struct sql_statement *s = sql->statements;

    while (!s->slots[SQL_SLOT_FILTER] && !s->slots[SQL_SLOT_ORDER]) {
        s = s->next;
        number++;
    }
    listed_put_columns(out, name, message);
    for (size_t i = 0; i < message->n_fields; i++) {
        n_columns += message->fields[i].rule->filterable || message->fields[i].rule->sortable;
    }
    buf_printf(out, "static const struct db_piece %s_pieces[] = {\n", name);
    for (const struct sql_piece *piece = s->pieces; piece != NULL; piece = piece->next) {
        put_piece(out, piece);
    }
    buf_printf(out, "};\nstatic const struct db_list %s_list = {\n    .schema = &%s__schema,\n",
               name, message->symbol);
    buf_printf(out, "    .statement = %zu,\n    .pieces = %s_pieces,\n", number, name);
    buf_printf(out, "    .n_pieces = sizeof %s_pieces / sizeof %s_pieces[0],\n", name, name);
    buf_printf(out, "    .columns = %s_columns,\n    .n_columns = %zu,\n};\n", name, n_columns);
}

static void
put_params(struct buf *out, const struct query *query)
{
    size_t n = 0;

    for (const struct sql_statement *s = query->sql.statements; s != NULL; s = s->next, n++) {
        buf_printf(out, "static const uint8_t %s_params_%zu[] = {", query->name, n);
        for (size_t i = 0; i < s->n_params; i++) {
            buf_printf(out, "%u, ", s->params[i]);
        }
        buf_puts(out, "255};\n"); /* an array may not be empty; never read */
    }
    buf_printf(out, "static const char *const %s_params[] = {", query->name);
    for (size_t i = 0; i < query->sql.n_params; i++) {
        buf_printf(out, "\"%s\", ", query->sql.params[i]);
    }
    buf_puts(out, "NULL};\n");
}

static void
put_statements(struct buf *out, const struct query *query)
{
    const char *name = query->name;
    size_t n = 0;

    buf_printf(out, "static const struct db_statement %s_statements[] = {\n", name);
    for (const struct sql_statement *s = query->sql.statements; s != NULL; s = s->next, n++) {
        buf_printf(out, "    {.name = \"%s_%zu\",\n     .sql = ", name, n);
        out_c_string(out, s->text);
        buf_printf(out, ",\n     .params = %s_params_%zu,\n     .n_params = %zu},\n", name, n,
                   s->n_params);
    }
    buf_puts(out, "};\n");
}

static void
put_query(struct buf *out, const char *prefix, const struct query *query)
{
    const char *name = query->name;

    if (query_is_list(query)) {
        put_list(out, name, listed_message(query->method), &query->sql);
    }
    put_params(out, query);
    put_statements(out, query);
    buf_printf(out, "const struct db_query %s_query_%s = {\n    .name = \"%s\",\n", prefix, name,
               name);
    buf_printf(out, "    .params = %s_params,\n    .n_params = %zu,\n", name, query->sql.n_params);
    buf_printf(out, "    .statements = %s_statements,\n    .n_statements = %zu,\n", name,
               query->sql.n_statements);
    if (query_is_list(query)) {
        buf_printf(out, "    .list = &%s_list,\n", name);
    }
    if (query->then != NULL) {
        buf_printf(out, "    .then = &%s_query_%s,\n", prefix, query->then->name);
    }
    buf_puts(out, "};\n\n");
}

static bool
write_header(struct arena *arena, const struct def_file *file, const char *folder,
             const struct queries *queries)
{
    const char *name = arena_printf(arena, "%s.queries.h", file->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    out_guard(&out, name);
    buf_puts(&out, "#include \"db/query.h\"\n\n");
    for (size_t i = 0; i < queries->n; i++) {
        buf_printf(&out, "extern const struct db_query %s_query_%s;\n", file->short_name,
                   queries->list[i].name);
    }
    buf_puts(&out, "\n#endif\n");
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

static bool
write_source(struct arena *arena, const struct def_file *const *files, size_t n_files,
             const char *folder, const char *origin, const struct queries *queries)
{
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, origin);
    buf_printf(&out, "#include \"%s.queries.h\"\n\n#include \"db/shape.h\"\n", files[0]->stem);
    for (size_t i = 0; i < n_files; i++) {
        buf_printf(&out, "#include \"%s.schema.h\"\n", files[i]->stem);
    }
    buf_putc(&out, '\n');
    for (size_t i = 0; i < queries->n; i++) {
        put_query(&out, files[0]->short_name, &queries->list[i]);
    }
    good = out_write(folder, arena_printf(arena, "%s.queries.c", files[0]->stem), &out);
    buf_fini(&out);
    return good;
}

bool
emit_queries(const struct contract *contract, const struct def_file *const *files, size_t n_files,
             const char *folder, const char *queries_folder, char *const *paths, size_t n_paths)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct queries queries;

    return queries_load(arena, files, n_files, queries_folder, paths, n_paths, &queries) &&
           queries_check(&queries) &&
           write_source(arena, files, n_files, folder, queries_folder, &queries) &&
           write_header(arena, files[0], folder, &queries);
}
