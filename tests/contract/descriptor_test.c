/* The descriptor set that clients get is whole: protoc needs nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/route.h"
#include "run.h"

#define DESCRIPTOR DEPOT_BUILD_FOLDER "/gen/descriptor.binpb"

Test(descriptor, the_gateway_serves_the_file)
{
    FILE *in = fopen(DESCRIPTOR, "rb");
    size_t size = http_contract.descriptor_set_bytes;
    char *data = malloc(size + 1);

    cr_assert_not_null(in);
    cr_assert_eq(fread(data, 1, size + 1, in), size);
    cr_assert_eq(memcmp(data, http_contract.descriptor_set, size), 0);
    fclose(in);
    free(data);
}

Test(descriptor, a_client_can_be_made_of_it_alone)
{
    char folder[64], output[RUN_OUTPUT_BYTES], path[256];
    char *header;

    run_enter(folder);
    cr_assert_eq(run(output,
                     "protoc --descriptor_set_in=" DESCRIPTOR
                     " --cpp_out=%s depot/inventory/v1/inventory.proto depot/rpc/v1/error.proto",
                     folder),
                 0, "%s", output);
    snprintf(path, sizeof path, "%s/depot/inventory/v1/inventory.pb.h", folder);
    header = run_read(path);
    cr_assert_not_null(strstr(header, "class CreateAllocationRequest"));
    free(header);
    run_leave(folder);
}

Test(descriptor, it_says_what_the_contract_says)
{
    static const char *const parts[] = {
        "json_name: \"resourceId\"", /* for dynamic clients */
        "idempotency_level: NO_SIDE_EFFECTS",
        "leading_comments: \" Vehicles and when they are taken",
        "leading_comments: \" Allocates a vehicle for a period.",
    };
    char *output = malloc(1 << 20);
    FILE *pipe = popen("protoc --decode=google.protobuf.FileDescriptorSet"
                       " google/protobuf/descriptor.proto <" DESCRIPTOR,
                       "r");
    size_t length = 0;

    cr_assert_not_null(pipe);
    for (size_t n = 1; n > 0; length += n) {
        n = fread(output + length, 1, (1 << 20) - 1 - length, pipe);
    }
    cr_assert_eq(pclose(pipe), 0);
    output[length] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        cr_assert_not_null(strstr(output, parts[i]), "%s", parts[i]);
    }
    free(output);
}
