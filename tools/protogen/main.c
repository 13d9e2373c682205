/*
 * protogen: from a descriptor set to everything that is derived from the contract.
 *
 *     protogen check SET                            refuse what is wrong, naming the place
 *     protogen schema SET FOLDER FILE...            <stem>.schema.[ch] of each .proto FILE
 *
 * Exit code 1: the contract is refused or a file cannot be written; 2: wrong use.
 */
#include <stdio.h>
#include <string.h>

#include "contract.h"
#include "emit.h"

static int
usage(void)
{
    fputs("usage: protogen check SET\n"
          "       protogen schema SET FOLDER FILE...\n",
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
    code = run(&contract, argc, argv);
    contract_free(&contract);
    return code;
}
