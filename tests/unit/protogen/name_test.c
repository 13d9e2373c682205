/* Names as protobuf-c makes them: generated code refers to them. */
#include <criterion/criterion.h>

#include "name.h"

static struct arena arena;

static void
setup(void)
{
    arena_init(&arena, 1024, 0);
}

static void
teardown(void)
{
    arena_fini(&arena);
}

TestSuite(name, .init = setup, .fini = teardown);

Test(name, symbols_are_protobuf_c_s)
{
    cr_assert_str_eq(name_symbol(&arena, "depot.inventory.v1.GetResourceRequest"),
                     "depot__inventory__v1__get_resource_request");
    cr_assert_str_eq(name_symbol(&arena, "google.protobuf.UInt32Value"),
                     "google__protobuf__uint32_value");
    cr_assert_str_eq(name_symbol(&arena, "depot.v1.HTTPRule"), "depot__v1__httprule");
    cr_assert_str_eq(name_symbol(&arena, "Bare"), "bare");
}

Test(name, types_are_protobuf_c_s)
{
    cr_assert_str_eq(name_c_type(&arena, "depot.inventory.v1.Resource.AttributesEntry"),
                     "Depot__Inventory__V1__Resource__AttributesEntry");
    cr_assert_str_eq(name_c_type(&arena, "depot.my_own.v1.Thing"), "Depot__MyOwn__V1__Thing");
}

Test(name, of_a_method_s_files)
{
    cr_assert_str_eq(name_snake(&arena, "GetResource"), "get_resource");
    cr_assert_str_eq(name_snake(&arena, "GetABC"), "get_abc");
    cr_assert_str_eq(name_snake(&arena, "List2Things"), "list2_things");
}

Test(name, of_a_service)
{
    cr_assert_str_eq(name_short(&arena, "depot.inventory.v1"), "inventory");
    cr_assert_str_eq(name_short(&arena, "depot.inventory.v1beta2"), "inventory");
    cr_assert_str_eq(name_short(&arena, "depot.inventory"), "inventory");
    cr_assert_str_eq(name_short(&arena, "depot.vehicle"), "vehicle");
    cr_assert_str_eq(name_short(&arena, "inventory"), "inventory");
}

Test(name, of_a_detail)
{
    cr_assert_str_eq(name_upper_snake(&arena, "AllocationOverlap"), "ALLOCATION_OVERLAP");
    cr_assert_str_eq(name_lower(&arena, "NAME_TAKEN"), "name_taken");
}
