/*
 * protogen: from a descriptor set to everything that is derived from the contract.
 *
 *     protogen check SET                            refuse what is wrong, naming the place
 *     protogen schema SET FOLDER FILE...            <stem>.schema.[ch] of each .proto FILE
 *     protogen handlers SET FOLDER FILE...          <stem>.handlers.[ch] of the first
 *     protogen queries SET FOLDER FILE... QUERIES SQL...   <stem>.queries.[ch] of the first
 *     protogen routes SET FOLDER VERSION            routes.c and what it holds, as files
 *     protogen errors SET FOLDER                    errors.md
 *
 * Every command checks the contract first. Exit code 1: it is refused, or a file cannot be written;
 * 2: wrong use.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contract.h"
#include "emit.h"
#include "out.h"

static int
usage(void)
{
    fputs("usage: protogen check SET\n"
          "       protogen schema SET FOLDER FILE...\n"
          "       protogen handlers SET FOLDER FILE...\n"
          "       protogen queries SET FOLDER FILE... QUERIES SQL...\n"
          "       protogen routes SET FOLDER VERSION\n"
          "       protogen errors SET FOLDER\n",
          stderr);
    return 2;
}

/* Applies `emit` to each named file of the contract. */
static int
each_file(const struct contract *contract, const char *folder, char *const *names, int n_names,
          bool (*emit)(const struct contract *contract, const struct def_file *file,
                       const char *folder))
{
    for (int i = 0; i < n_names; i++) {
        const struct def_file *file = contract_file(contract, names[i]);

        if (file == NULL) {
            fprintf(stderr, "protogen: the set holds no %s\n", names[i]);
            return 1;
        }
        if (!emit(contract, file, folder)) {
            return 1;
        }
    }
    return 0;
}

enum { SERVICE_FILES_MAX = 8 };

static bool
is_proto(const char *name)
{
    size_t bytes = strlen(name);

    return bytes >= 6 && strcmp(name + bytes - 6, ".proto") == 0;
}

/* The contract files among the arguments, up to the first that does not end in .proto; 0 if there
 * is none, or one is not in the set. */
static size_t
find_files(const struct contract *contract, int argc, char **argv,
           const struct def_file *files[static SERVICE_FILES_MAX])
{
    size_t n = 0;

    for (int i = 0; i < argc && is_proto(argv[i]); i++) {
        if (n == SERVICE_FILES_MAX) {
            fprintf(stderr, "protogen: a service has at most %d contracts\n", SERVICE_FILES_MAX);
            return 0;
        }
        files[n] = contract_file(contract, argv[i]);
        if (files[n] == NULL) {
            fprintf(stderr, "protogen: the set holds no %s\n", argv[i]);
            return 0;
        }
        n++;
    }
    return n;
}

static int
handlers(const struct contract *contract, int argc, char **argv)
{
    const struct def_file *files[SERVICE_FILES_MAX];
    size_t n = find_files(contract, argc - 4, argv + 4, files);

    if (!is_proto(argv[4]) || (n > 0 && n != (size_t)argc - 4)) {
        return usage();
    }
    return n > 0 && emit_handlers(contract, files, n, argv[3]) ? 0 : 1;
}

static int
queries(const struct contract *contract, int argc, char **argv)
{
    const struct def_file *files[SERVICE_FILES_MAX];
    size_t n = find_files(contract, argc - 4, argv + 4, files);
    int at = 4 + (int)n;

    if (!is_proto(argv[4]) || at >= argc) {
        return usage();
    }
    return n > 0 && emit_queries(contract, files, n, argv[3], argv[at], argv + at + 1,
                                 (size_t)(argc - at) - 1)
               ? 0
               : 1;
}

static int
routes(const struct contract *contract, const char *folder, const char *version)
{
    struct buf openapi = BUF_INIT;
    struct buf openapi_30 = BUF_INIT;
    struct buf descriptor = BUF_INIT;
    bool good;

    emit_openapi(contract, version, false, &openapi);
    emit_openapi(contract, version, true, &openapi_30);
    emit_descriptor(contract, &descriptor);
    good = emit_routes(contract, &openapi, &openapi_30, &descriptor, folder) &&
           out_write(folder, "openapi.json", &openapi) &&
           out_write(folder, "openapi-3.0.json", &openapi_30) &&
           out_write(folder, "descriptor.binpb", &descriptor);
    buf_fini(&openapi);
    buf_fini(&openapi_30);
    buf_fini(&descriptor);
    return good ? 0 : 1;
}

static int
errors(const struct contract *contract, const char *folder)
{
    struct buf text = BUF_INIT;
    bool good;

    emit_errors(contract, &text);
    good = out_write(folder, "errors.md", &text);
    buf_fini(&text);
    return good ? 0 : 1;
}

static int
run(const struct contract *contract, int argc, char **argv)
{
    const char *command = argv[1];

    if (strcmp(command, "check") == 0) {
        return 0;
    }
    if (strcmp(command, "schema") == 0 && argc >= 4) {
        return each_file(contract, argv[3], argv + 4, argc - 4, emit_schema);
    }
    if (strcmp(command, "handlers") == 0 && argc >= 5) {
        return handlers(contract, argc, argv);
    }
    if (strcmp(command, "queries") == 0 && argc >= 6) {
        return queries(contract, argc, argv);
    }
    if (strcmp(command, "routes") == 0 && argc == 5) {
        return routes(contract, argv[3], argv[4]);
    }
    if (strcmp(command, "errors") == 0 && argc == 4) {
        return errors(contract, argv[3]);
    }
    return usage();
}

int
main(int argc, char **argv)
{
    struct contract contract;
    int code;

    if (argc < 3) {
        return usage();
    }
    if (!contract_load(&contract, argv[2])) {
        return 1;
    }
    code = contract_check(&contract, stderr) == 0 ? run(&contract, argc, argv) : 1;
    contract_free(&contract);
    return code;
}
