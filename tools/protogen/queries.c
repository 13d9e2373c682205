#include "queries.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "method_names.h"

static const char then_ending[] = "_then";

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

/* --- methods --- */

/* Calls `visit` for every method of the files until it returns true; that method, or NULL. */
static const struct def_method *
find_method(const struct def_file *const *files, size_t n_files,
            bool (*visit)(const struct def_method *method, const void *closure),
            const void *closure)
{
    for (size_t k = 0; k < n_files; k++) {
        for (size_t i = 0; i < files[k]->n_services; i++) {
            for (size_t j = 0; j < files[k]->services[i].n_methods; j++) {
                if (visit(&files[k]->services[i].methods[j], closure)) {
                    return &files[k]->services[i].methods[j];
                }
            }
        }
    }
    return NULL;
}

static bool
is_named(const struct def_method *method, const void *name)
{
    return strcmp(method->snake, name) == 0;
}

/* The method of a query by its name, and whether it is the second one. */
static const struct def_method *
method_of(struct arena *arena, const struct def_file *const *files, size_t n_files,
          const char *name, bool *is_then)
{
    size_t bytes = strlen(name), ending = sizeof(then_ending) - 1;
    const struct def_method *method = find_method(files, n_files, is_named, name);

    *is_then = method == NULL && bytes > ending && strcmp(name + bytes - ending, then_ending) == 0;
    return *is_then ? find_method(files, n_files, is_named, arena_copy(arena, name, bytes - ending))
                    : method;
}

/* --- faults of names --- */

/* The method's first or second query, or NULL. */
static const struct query *
find_query(const struct queries *self, const struct def_method *method, bool is_then)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->list[i].method == method && self->list[i].is_then == is_then) {
            return &self->list[i];
        }
    }
    return NULL;
}

struct search {
    const struct queries *queries;
    const struct def_file *const *files;
    size_t n_files;
    const char *folder;
    const struct def_method *method;
    bool good;
};

/* The method itself, or one before it that does not go with it; those of one file are checked with
 * the contract. */
static bool
is_rival(const struct def_method *method, const void *closure)
{
    const struct search *search = closure;

    return method == search->method || (method->service->file != search->method->service->file &&
                                        methods_collide(method, search->method));
}

/* Says what is wrong with the method's names; goes on to the next. */
static bool
check_method_names(const struct def_method *method, const void *closure)
{
    struct search *search = (struct search *)closure;
    const struct def_method *rival;

    search->method = method;
    rival = find_method(search->files, search->n_files, is_rival, search);
    if (rival != method) {
        fprintf(stderr, "%s:%d:%d: rpcs %s and %s (%s:%d:%d) have one name in one service, %s\n",
                method->place.file, method->place.line, method->place.column, method->name,
                rival->name, rival->place.file, rival->place.line, rival->place.column,
                method->snake);
        search->good = false;
    } else if (find_query(search->queries, method, false) == NULL) {
        fprintf(stderr, "%s:%d:%d: rpc %s has no query: %s/%s.sql is missing\n", method->place.file,
                method->place.line, method->place.column, method->name, search->folder,
                method->snake);
        search->good = false;
    }
    return false;
}

static bool
check_names(const struct queries *self, const struct def_file *const *files, size_t n_files,
            const char *folder)
{
    struct search search = {self, files, n_files, folder, NULL, true};

    find_method(files, n_files, check_method_names, &search);
    return search.good;
}

/* --- reading --- */

static bool
query_load(struct arena *arena, const struct def_file *const *files, size_t n_files,
           const char *path, struct query *out)
{
    const char *text = file_text(arena, path);
    struct sql_fault fault;

    *out = (struct query){.path = path, .name = query_name(arena, path)};
    if (text == NULL) {
        return false;
    }
    out->method = method_of(arena, files, n_files, out->name, &out->is_then);
    if (out->method == NULL) {
        fprintf(stderr, "%s:1:1: no rpc of %s is called by this query's name\n", path,
                files[0]->name);
        return false;
    }
    if (!sql_parse(arena, text, &out->sql, &fault)) {
        fprintf(stderr, "%s:%d:%d: %s\n", path, fault.line, fault.column, fault.text);
        return false;
    }
    return true;
}

bool
queries_load(struct arena *arena, const struct def_file *const *files, size_t n_files,
             const char *folder, char *const *paths, size_t n_paths, struct queries *out)
{
    bool good = true;

    *out = (struct queries){arena_zalloc(arena, (n_paths + 1) * sizeof *out->list), n_paths};
    for (size_t i = 0; i < n_paths; i++) {
        good = query_load(arena, files, n_files, paths[i], &out->list[i]) && good;
    }
    good = check_names(out, files, n_files, folder) && good;
    for (size_t i = 0; good && i < n_paths; i++) {
        struct query *query = &out->list[i];

        query->then = query->is_then ? NULL : find_query(out, query->method, true);
    }
    return good;
}
