/*
 * A service's queries as constants: `inventory_query_get_resource` (lib/db/query.h) from
 * queries/get_resource.sql. Each rpc has a query and each query an rpc.
 */
#include <stdio.h>
#include <string.h>

#include "emit.h"
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

static bool
has_method(const struct def_file *file, const char *snake)
{
    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            if (strcmp(file->services[i].methods[j].snake, snake) == 0) {
                return true;
            }
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
            bool found = false;

            for (int k = 0; k < n_paths; k++) {
                found = found || strcmp(query_name(arena, paths[k]), method->snake) == 0;
            }
            if (!found) {
                fprintf(stderr, "%s:%d:%d: rpc %s has no query: %s/%s.sql is missing\n",
                        method->place.file, method->place.line, method->place.column, method->name,
                        queries, method->snake);
                good = false;
            }
        }
    }
    return good;
}

static void
put_statements(struct buf *out, const char *prefix, const char *name, const struct sql_file *sql)
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
    buf_printf(out, "    .statements = %s_statements,\n    .n_statements = %zu,\n};\n\n", name,
               sql->n_statements);
}

static bool
put_query(struct arena *arena, const struct def_file *file, const char *path, struct buf *out)
{
    const char *name = query_name(arena, path);
    const char *text = file_text(arena, path);
    struct sql_file sql;
    struct sql_fault fault;

    if (text == NULL) {
        return false;
    }
    if (!has_method(file, name)) {
        fprintf(stderr, "%s:1:1: no rpc of %s is called by this query's name\n", path, file->name);
        return false;
    }
    if (!sql_parse(arena, text, &sql, &fault)) {
        fprintf(stderr, "%s:%d:%d: %s\n", path, fault.line, fault.column, fault.text);
        return false;
    }
    put_statements(out, file->short_name, name, &sql);
    return true;
}

static bool
write_header(struct arena *arena, const struct def_file *file, const char *folder)
{
    const char *name = arena_printf(arena, "%s.queries.h", file->stem);
    struct buf out = BUF_INIT;
    bool good;

    out_head(&out, file->name);
    out_guard(&out, name);
    buf_puts(&out, "#include \"db/query.h\"\n\n");
    for (size_t i = 0; i < file->n_services; i++) {
        for (size_t j = 0; j < file->services[i].n_methods; j++) {
            buf_printf(&out, "extern const struct db_query %s_query_%s;\n", file->short_name,
                       file->services[i].methods[j].snake);
        }
    }
    buf_puts(&out, "\n#endif\n");
    good = out_write(folder, name, &out);
    buf_fini(&out);
    return good;
}

bool
emit_queries(const struct contract *contract, const struct def_file *file, const char *folder,
             const char *queries, char *const *paths, int n_paths)
{
    struct arena *arena = (struct arena *)&contract->arena;
    struct buf out = BUF_INIT;
    bool good = check_complete(arena, file, queries, paths, n_paths);

    out_head(&out, queries);
    buf_printf(&out, "#include \"%s.queries.h\"\n\n", file->stem);
    for (int i = 0; i < n_paths; i++) {
        good = put_query(arena, file, paths[i], &out) && good;
    }
    good = good && out_write(folder, arena_printf(arena, "%s.queries.c", file->stem), &out) &&
           write_header(arena, file, folder);
    buf_fini(&out);
    return good;
}
