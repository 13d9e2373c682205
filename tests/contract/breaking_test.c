/* A change that would break a client of the last release is refused, and others are not. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "run.h"

/* What sed does to inventory.proto, and what must be said; NULL: nothing. */
struct change {
    char edit[96];
    char complaint[96];
};

ParameterizedTestParameters(breaking, change)
{
    static struct change changes[] = {
        {"", ""},
        {"s/^  string name = 3/  string more = 77;\\n&/", ""},
        {"/^  string description = 4/d", "Previously present field \"4\""},
        {"s/attributes = 5$/attributes = 55/", "Previously present field \"5\""},
        {"s/ int32 page_size = 2/ int64 page_size = 2/",
         "changed type from \"int32\" to \"int64\""},
        {"s/string next_page_token = 2/string next = 2/", "changed name"},
        {"s/rpc GetResource(/rpc FetchResource(/", "Previously present RPC \"GetResource\""},
        {"/MAINTENANCE = 2;/d", "Previously present enum value \"2\""},
        {"s/^package depot.inventory.v1;/package depot.inventory.v2;/", "package"},
    };

    return cr_make_param_array(struct change, changes, sizeof changes / sizeof changes[0]);
}

ParameterizedTest(struct change *change, breaking, change)
{
    char folder[64], output[RUN_OUTPUT_BYTES];
    int code;

    run_enter(folder);
    cr_assert_eq(
        run(output, "cp -r " DEPOT_SOURCE_FOLDER "/proto %s && mkdir %s/gen", folder, folder), 0,
        "%s", output);
    cr_assert_eq(run(output, "sed -i '%s' %s/proto/depot/inventory/v1/inventory.proto",
                     change->edit, folder),
                 0, "%s", output);
    cr_assert_eq(run(output,
                     "cd %s/proto && protoc -I. -I/usr/include --include_imports "
                     "--include_source_info --descriptor_set_out=../gen/contract.pb "
                     "$(find depot grpc google -name '*.proto')",
                     folder),
                 0, "%s", output);
    code = run(output, DEPOT_SOURCE_FOLDER "/tests/contract/lint.sh %s breaking", folder);
    cr_assert_eq(code == 0, change->complaint[0] == '\0', "%s: %s", change->edit, output);
    cr_assert_not_null(strstr(output, change->complaint), "%s: %s", change->edit, output);
    run_leave(folder);
}
