/*
 * A new method is four files, and what the scaffold makes of them builds. And every method has its
 * test: the name is the join key.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "depot/auth/v1/authority.schema.h"
#include "http/route.h"
#include "run.h"

static char folder[64], output[RUN_OUTPUT_BYTES];

static void
setup(void)
{
    run_enter(folder);
    cr_assert_eq(run(output,
                     "cd " DEPOT_SOURCE_FOLDER " && mkdir -p %s/tests %s/tools %s/before && "
                     "cp -r proto inventory %s && cp -r tests/inventory %s/tests && "
                     "cp tools/new_rpc.sh %s/tools && cp .clang-format %s && "
                     "cp -r %s/proto %s/inventory %s/tests %s/before",
                     folder, folder, folder, folder, folder, folder, folder, folder, folder, folder,
                     folder),
                 0, "%s", output);
}

static void
teardown(void)
{
    run_leave(folder);
}

TestSuite(new_rpc, .init = setup, .fini = teardown);

static int
new_rpc(const char *name)
{
    return run(output, "%s/tools/new_rpc.sh %s", folder, name);
}

static int
differences(void)
{
    return run(output,
               "cd %s && for f in proto inventory tests; do diff -rq before/$f $f; done | wc -l",
               folder);
}

Test(new_rpc, four_files_change)
{
    cr_assert_eq(new_rpc("GetLongNamedThing"), 0, "%s", output);
    cr_assert_eq(differences(), 0);
    cr_assert_str_eq(output, "4\n");
    cr_assert_eq(run(output,
                     "cd %s && test -s inventory/handlers/get_long_named_thing.c && "
                     "test -s inventory/queries/get_long_named_thing.sql && "
                     "test -s tests/inventory/get_long_named_thing_test.c && "
                     "grep -q '^  rpc GetLongNamedThing(GetLongNamedThingRequest)' "
                     "proto/depot/inventory/v1/inventory.proto",
                     folder),
                 0, "%s", output);
    /* Nothing that was there is gone. */
    cr_assert_eq(run(output,
                     "cd %s && diff before/proto/depot/inventory/v1/inventory.proto "
                     "proto/depot/inventory/v1/inventory.proto | grep -c '^<'",
                     folder),
                 1, "%s", output);
}

Test(new_rpc, what_it_makes_builds)
{
    cr_assert_eq(new_rpc("GetThing"), 0, "%s", output);
    cr_assert_eq(run(output,
                     "cd %s && protoc -Iproto --include_imports --include_source_info "
                     "--descriptor_set_out=set depot/rpc/v1/reasons.proto "
                     "depot/inventory/v1/inventory.proto",
                     folder),
                 0, "%s", output);
    cr_assert_eq(run(output,
                     "cd %s && " PROTOGEN " schema set gen depot/inventory/v1/inventory.proto && "
                     "protoc-c -Iproto --c_out=gen depot/inventory/v1/inventory.proto",
                     folder),
                 0, "%s", output);
    cr_assert_eq(run(output,
                     "cd %s && for made in handlers 'queries'; do " PROTOGEN
                     " $made set gen depot/inventory/v1/inventory.proto "
                     "$([ $made = handlers ] || echo inventory/queries inventory/queries/*.sql) "
                     "|| exit 1; done",
                     folder),
                 0, "%s", output);
    cr_assert_eq(run(output,
                     "cd %s && cc -std=c17 -Wall -Wextra -Werror -fsyntax-only -Igen -I. "
                     "-I" DEPOT_SOURCE_FOLDER "/lib -I" DEPOT_BUILD_FOLDER
                     "/gen -I" DEPOT_SOURCE_FOLDER
                     "/tests inventory/handlers/get_thing.c tests/inventory/get_thing_test.c "
                     "gen/depot/inventory/v1/inventory.handlers.c",
                     folder),
                 0, "%s", output);
}

Test(new_rpc, what_it_makes_fails_its_test)
{
    cr_assert_eq(new_rpc("GetThing"), 0, "%s", output);
    cr_assert_eq(run(output, "grep -c 'say.*here what is expected' %s/tests/inventory/*", folder),
                 0, "%s", output);
}

Test(new_rpc, wrong_names_change_nothing)
{
    static const char *const names[] = {"",          "thing",  "Thing",       "getThing",
                                        "get_thing", "GetABC", "'Get Thing'", "GetResource",
                                        "../../Get"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_assert_eq(new_rpc(names[i]), 1, "%s", names[i]);
        cr_assert_not_null(strstr(output, "new-rpc: "), "%s", output);
        cr_assert_eq(differences(), 0);
        cr_assert_str_eq(output, "0\n", "%s", names[i]);
    }
}

Test(new_rpc, twice_is_refused)
{
    cr_assert_eq(new_rpc("GetThing"), 0, "%s", output);
    cr_assert_eq(new_rpc("GetThing"), 1);
    cr_assert_not_null(strstr(output, "has GetThing, GetThingRequest or GetThingResponse already"),
                       "%s", output);
}

/* --- the test of each method --- */

static void
snake(const char *name, char *out)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (isupper((unsigned char)*c) && c != name) {
            *out++ = '_';
        }
        *out++ = (char)tolower((unsigned char)*c);
    }
    *out = '\0';
}

/* The folder of the service whose handler it is: some fulfil a contract of another name, too. */
static void
service_folder(const char *name, char *out, size_t size)
{
    char pattern[512];
    const char *path;
    glob_t found;

    snprintf(pattern, sizeof pattern, DEPOT_SOURCE_FOLDER "/*/handlers/%s.c", name);
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0, "%s is nowhere", pattern);
    cr_assert_eq(found.gl_pathc, 1, "%s is in two services", name);
    path = found.gl_pathv[0] + sizeof(DEPOT_SOURCE_FOLDER);
    snprintf(out, size, "%.*s", (int)strcspn(path, "/"), path);
    globfree(&found);
}

/* Returns how many methods the service has. */
static size_t
check_tests_of(const struct pb_service *service)
{
    for (size_t i = 0; i < service->n_methods; i++) {
        char path[512], name[128], folder_name[64];

        snake(service->methods[i]->name, name);
        service_folder(name, folder_name, sizeof folder_name);
        snprintf(path, sizeof path, DEPOT_SOURCE_FOLDER "/tests/%s/%s_test.c", folder_name, name);
        cr_expect_eq(access(path, R_OK), 0, "%s has no test: %s is missing",
                     service->methods[i]->name, path);
    }
    return service->n_methods;
}

Test(methods, every_one_has_its_test)
{
    size_t n = check_tests_of(&depot__auth__v1__authority__service);

    for (size_t i = 0; http_contract.services[i] != NULL; i++) {
        n += check_tests_of(http_contract.services[i]);
    }
    cr_assert_geq(n, 30);
}
