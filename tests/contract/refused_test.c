/*
 * Contracts that must not pass. Each file of refused/ is wrong and says at its end, in lines
 * `// refused: LINE:COLUMN: text`, all that the build tool must say about it, and nothing else.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define FOLDER DEPOT_SOURCE_FOLDER "/tests/contract/refused"

struct fixture {
    char name[64];
};

ParameterizedTestParameters(refused, contract)
{
    static struct fixture fixtures[64];
    glob_t found;
    size_t n = 0;

    if (glob(FOLDER "/*.proto", 0, NULL, &found) == 0) {
        for (; n < found.gl_pathc && n < 64; n++) {
            snprintf(fixtures[n].name, sizeof fixtures[n].name, "%s",
                     strrchr(found.gl_pathv[n], '/') + 1);
        }
        globfree(&found);
    }
    return cr_make_param_array(struct fixture, fixtures, n);
}

/* The lines that the fixture asks for, with its name before each. */
static void
expectation(const char *name, char *out, size_t size)
{
    static const char mark[] = "// refused: ";
    char path[256];
    char *text;
    size_t n = 0;

    snprintf(path, sizeof path, FOLDER "/%s", name);
    text = run_read(path);
    out[0] = '\0';
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, mark, sizeof mark - 1) == 0) {
            n += (size_t)snprintf(out + n, size - n, "%s:%s\n", name, line + sizeof mark - 1);
            cr_assert_lt(n, size);
        }
    }
    free(text);
}

ParameterizedTest(struct fixture *fixture, refused, contract)
{
    char folder[64], output[RUN_OUTPUT_BYTES], expected[8192];

    expectation(fixture->name, expected, sizeof expected);
    cr_assert_neq(expected[0], '\0', "%s asks for nothing", fixture->name);
    run_enter(folder);
    cr_assert_eq(run(output,
                     "protoc -I" FOLDER " -I" DEPOT_SOURCE_FOLDER "/proto --include_imports "
                     "--include_source_info --descriptor_set_out=%s/set %s",
                     folder, fixture->name),
                 0, "%s", output);
    cr_assert_eq(run(output, PROTOGEN " check %s/set", folder), 1);
    cr_assert_str_eq(output, expected);
    /* Nothing else is made of it either. */
    cr_assert_eq(run(output, PROTOGEN " routes %s/set %s 1.0.0", folder, folder), 1);
    cr_assert_str_eq(output, expected);
    cr_assert_eq(run(output, "test -e %s/routes.c", folder), 1);
    run_leave(folder);
}

/* A folder that is empty or was moved would make the tests above pass without a word. */
Test(refused, has_its_fixtures)
{
    glob_t found;

    cr_assert_eq(glob(FOLDER "/*.proto", 0, NULL, &found), 0);
    cr_assert_geq(found.gl_pathc, 22);
    globfree(&found);
}

Test(refused, what_is_no_descriptor_set)
{
    char folder[64], output[RUN_OUTPUT_BYTES];

    run_enter(folder);
    run_write(folder, "set", "no descriptor set \xff\xff");
    cr_assert_eq(run(output, PROTOGEN " check %s/set", folder), 1);
    cr_assert_not_null(strstr(output, "is not a descriptor set"), "%s", output);
    cr_assert_eq(run(output, PROTOGEN " check %s/nothing", folder), 1);
    cr_assert_not_null(strstr(output, "cannot open"), "%s", output);
    run_leave(folder);
}

Test(refused, wrong_use)
{
    char output[RUN_OUTPUT_BYTES];

    cr_assert_eq(run(output, PROTOGEN), 2);
    cr_assert_eq(run(output, PROTOGEN " dance " CONTRACT_SET), 2);
    cr_assert_eq(run(output, PROTOGEN " routes " CONTRACT_SET), 2);
    cr_assert_eq(run(output, PROTOGEN " schema " CONTRACT_SET " /tmp no/such.proto"), 1);
    cr_assert_not_null(strstr(output, "no no/such.proto"), "%s", output);
}

Test(accepted, our_own_contract)
{
    char output[RUN_OUTPUT_BYTES];

    cr_assert_eq(run(output, PROTOGEN " check " CONTRACT_SET), 0, "%s", output);
    cr_assert_str_empty(output);
}
