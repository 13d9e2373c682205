/*
 * A service's queries as constants: `inventory_query_get_resource` (lib/db/query.h) from
 * queries/get_resource.sql. Each rpc has a query and each query an rpc.
 */
#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "listed.h"
#include "name.h"
#include "out.h"
#include "sql.h"

/* get_resource of .../queries/get_resource.sql. */
static const char *
query_name(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t bytes = strlen(name);

    if (bytes > 4 && strcmp(name + bytes - 4, ".sql") == 0) {
        bytes -= 4;
    }
    return arena_copy(arena, name, bytes);
}

static const char *
file_text(struct arena *arena, const char *path)
{
    FILE *in = fopen(path, "rb");
    struct buf text = BUF_INIT;
    const char *copy = NULL;
    size_t n;

    if (in == NULL) {
        fprintf(stderr, "protogen: cannot open %s\n", path);
        return NULL;
    }
    do {
        n = fread(buf_reserve(&text, 4096), 1, 4096, in);
        buf_grown(&text, n);
    } while (n != 0);
    if (!ferror(in)) {
        copy = arena_copy(arena, text.data, text.length_bytes);
    }
    fclose(in);
    buf_fini(&text);
    return copy;
}

static const char then_ending[] = "_then";

/* The method of a query; `bytes` of its name. */
static const struct def_method *
find_named(const struct def_file *const *files, size_t n_files, const char *name, size_t bytes)
{
    for (size_t k = 0; k < n_files; k++) {
        for (size_t i = 0; i < files[k]->n_services; i++) {
            for (size_t j = 0; j < files[k]->services[i].n_methods; j++) {
                const struct def_method *method = &files[k]->services[i].methods[j];

                if (strlen(method->snake) == bytes && strncmp(method->snake, name, bytes) == 0) {
                    return method;
                }
            }
        }
    }
    return NULL;
}

/* `*is_then`: it is the second one of the method. */
static const struct def_method *
find_method(const struct def_file *const *files, size_t n_files, const char *name, bool *is_then)
{
    size_t bytes = strlen(name), ending = sizeof(then_ending) - 1;
    const struct def_method *method = find_named(files, n_files, name, bytes);

    *is_then = method == NULL && bytes > ending && strcmp(name + bytes - ending, then_ending) == 0;
    return *is_then ? find_named(files, n_files, name, bytes - ending) : method;
}

static bool
has_query(struct arena *arena, const char *name, char *const *paths, int n_paths)
{
    for (int i = 0; i < n_paths; i++) {
        if (strcmp(query_name(arena, paths[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

/* Says which rpc has no query. */
static bool
check_complete(struct arena *arena, const struct def_file *file, const char *queries,
               char *const *paths, int n_paths)
{
    bool good = true;

    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            const struct def_method *method = &file->services[i].methods[j];

            if (!has_query(arena, method->snake, paths, n_paths)) {
                fprintf(stderr, "%s:%d:%d: rpc %s has no query: %s/%s.sql is missing\n",
                        method->place.file, method->place.line, method->place.column, method->name,
                        queries, method->snake);
                good = false;
            }
        }
    }
    return good;
}

/* --- lists --- */

/* How many statements have the slot. */
static size_t
count_slot(const struct sql_file *sql, enum sql_slot slot)
{
    size_t n = 0;

    for (const struct sql_statement *s = sql->statements; s != NULL; s = s->next) {
        n += s->slots[slot];
    }
    return n;
}

/* A list's one statement has the slots that its request needs; no other has any. */
static bool
check_slots(const char *path, const struct def_method *method, const struct sql_file *sql)
{
    static const char *const names[SQL_SLOTS] = {"filter", "after", "order"};
    bool wants_order = listed_order(method) != NULL;
    const bool wanted[SQL_SLOTS] = {listed_filter(method) != NULL, wants_order, wants_order};
    bool good = true;

    for (unsigned i = 0; i < SQL_SLOTS; i++) {
        if (count_slot(sql, i) != wanted[i]) {
            fprintf(stderr, "%s:1:1: %s slot \"%s\" for `filter` or `order_by` of %s\n", path,
                    wanted[i] ? "there must be one" : "there must be no", names[i],
                    method->request->name);
            good = false;
        }
    }
    for (const struct sql_statement *s = sql->statements; good && s != NULL; s = s->next) {
        if (s->slots[SQL_SLOT_AFTER] != s->slots[SQL_SLOT_ORDER] ||
            (s->slots[SQL_SLOT_FILTER] != s->slots[SQL_SLOT_ORDER] && wanted[SQL_SLOT_FILTER] &&
             wants_order)) {
            fprintf(stderr, "%s:1:1: all slots must be of one statement\n", path);
            good = false;
        }
    }
    return good;
}

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
put_statements(struct buf *out, const char *prefix, const char *name, const struct sql_file *sql,
               bool is_list, bool has_then)
{
    size_t n = 0;

    for (const struct sql_statement *s = sql->statements; s != NULL; s = s->next, n++) {
        buf_printf(out, "static const uint8_t %s_params_%zu[] = {", name, n);
        for (size_t i = 0; i < s->n_params; i++) {
            buf_printf(out, "%u, ", s->params[i]);
        }
        buf_puts(out, "255};\n"); /* an array may not be empty; never read */
    }
    n = 0;
    buf_printf(out, "static const struct db_statement %s_statements[] = {\n", name);
    for (const struct sql_statement *s = sql->statements; s != NULL; s = s->next, n++) {
        buf_printf(out, "    {.name = \"%s_%zu\",\n     .sql = ", name, n);
        out_c_string(out, s->text);
        buf_printf(out, ",\n     .params = %s_params_%zu,\n     .n_params = %zu},\n", name, n,
                   s->n_params);
    }
    buf_printf(out, "};\nstatic const char *const %s_params[] = {", name);
    for (size_t i = 0; i < sql->n_params; i++) {
        buf_printf(out, "\"%s\", ", sql->params[i]);
    }
    buf_printf(out, "NULL};\nconst struct db_query %s_query_%s = {\n    .name = \"%s\",\n", prefix,
               name, name);
    buf_printf(out, "    .params = %s_params,\n    .n_params = %zu,\n", name, sql->n_params);
    buf_printf(out, "    .statements = %s_statements,\n    .n_statements = %zu,\n", name,
               sql->n_statements);
    if (is_list) {
        buf_printf(out, "    .list = &%s_list,\n", name);
    }
    if (has_then) {
        buf_printf(out, "    .then = &%s_query_%s%s,\n", prefix, name, then_ending);
    }
    buf_puts(out, "};\n\n");
}

static bool
put_query(struct arena *arena, const struct def_file *const *files, size_t n_files,
          const char *path, bool has_then, struct buf *out)
{
    const char *name = query_name(arena, path);
    const char *text = file_text(arena, path);
    struct sql_file sql;
    struct sql_fault fault;
    bool is_list, is_then;
    const struct def_method *method = find_method(files, n_files, name, &is_then);

    if (text == NULL) {
        return false;
    }
    if (method == NULL) {
        fprintf(stderr, "%s:1:1: no rpc of %s is called by this query's name\n", path,
                files[0]->name);
        return false;
    }
    if (!sql_parse(arena, text, &sql, &fault)) {
        fprintf(stderr, "%s:%d:%d: %s\n", path, fault.line, fault.column, fault.text);
        return false;
    }
    if (has_then && method->rule->idempotency_key) {
        fprintf(stderr, "%s:1:1: rpc %s takes an idempotency key, and cannot have a second query\n",
                path, method->name);
        return false;
    }
    if (!is_then && !check_slots(path, method, &sql)) {
        return false;
    }
    is_list = !is_then && (listed_filter(method) != NULL || listed_order(method) != NULL);
    if (is_list) {
        put_list(out, name, listed_message(method), &sql);
    }
    put_statements(out, files[0]->short_name, name, &sql, is_list, has_then);
    return true;
}

static bool
write_header(struct arena *arena, const struct def_file *const *files, const char *folder,
             char *const *paths, int n_paths)
{
    const char *name = arena_printf(arena, "%s.queries.h", files[0]->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, files[0]->name);
    out_guard(&out, name);
    buf_puts(&out, "#include \"db/query.h\"\n\n");
    for (int i = 0; i < n_paths; i++) {
        buf_printf(&out, "extern const struct db_query %s_query_%s;\n", files[0]->short_name,
                   query_name(arena, paths[i]));
    }
    buf_puts(&out, "\n#endif\n");
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

bool
emit_queries(const struct contract *contract, const struct def_file *const *files, size_t n_files,
             const char *folder, const char *queries, char *const *paths, int n_paths)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct buf out = BUF_INIT;
    bool good = true;

    out_head(&out, queries);
    buf_printf(&out, "#include \"%s.queries.h\"\n\n#include \"db/shape.h\"\n", files[0]->stem);
    for (size_t i = 0; i < n_files; i++) {
        good = check_complete(arena, files[i], queries, paths, n_paths) && good;
        buf_printf(&out, "#include \"%s.schema.h\"\n", files[i]->stem);
    }
    buf_putc(&out, '\n');
    for (int i = 0; i < n_paths; i++) {
        const char *then = arena_printf(arena, "%s%s", query_name(arena, paths[i]), then_ending);

        good = put_query(arena, files, n_files, paths[i], has_query(arena, then, paths, n_paths),
                         &out) &&
               good;
    }
    good = good && out_write(folder, arena_printf(arena, "%s.queries.c", files[0]->stem), &out) &&
           write_header(arena, files, folder, paths, n_paths);
    buf_fini(&out);
    return good;
}
