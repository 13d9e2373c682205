/* Which reasons methods can give. */
#include <criterion/criterion.h>
#include <string.h>

#include "applies.h"
#include "contract.h"

static struct contract contract;

static void
setup(void)
{
    cr_assert(contract_load(&contract, DEPOT_BUILD_FOLDER "/gen/contract.pb"));
}

static void
teardown(void)
{
    contract_free(&contract);
}

TestSuite(applies, .init = setup, .fini = teardown);

static bool
applies_in(const char *file_name, const char *rpc, const char *reason)
{
    const struct def_file *file = contract_file(&contract, file_name);
    const struct def_service *service = &file->services[0];
    const struct def_reason *found = contract_reason(&contract, reason);

    cr_assert_not_null(found, "%s", reason);
    for (size_t i = 0; i < service->n_methods; i++) {
        if (strcmp(service->methods[i].name, rpc) == 0) {
            return reason_applies(found, &service->methods[i]);
        }
    }
    cr_assert_fail("no rpc %s", rpc);
    return false;
}

static bool
applies(const char *rpc, const char *reason)
{
    return applies_in("depot/inventory/v1/inventory.proto", rpc, reason);
}

static bool
applies_in_accounts(const char *rpc, const char *reason)
{
    return applies_in("depot/accounts/v1/accounts.proto", rpc, reason);
}

/* The table of what a reason needs must not name one that is gone. */
Test(applies, every_name_in_the_table_is_a_reason)
{
    size_t n = 0;

    for (; reason_known(n) != NULL; n++) {
        cr_assert_not_null(contract_reason(&contract, reason_known(n)), "%s", reason_known(n));
    }
    cr_assert_gt(n, 10);
}

Test(applies, listed_ones_only_where_they_are_listed)
{
    cr_assert(applies("CreateAllocation", "ALLOCATION_OVERLAP"));
    cr_assert_not(applies("DeleteAllocation", "ALLOCATION_OVERLAP"));
    cr_assert(applies("GetResource", "RESOURCE_NOT_FOUND"));
    cr_assert_not(applies("CreateResource", "RESOURCE_NOT_FOUND"));
    cr_assert(applies("ListResources", "BAD_PAGE_TOKEN"));
    cr_assert_not(applies("GetResource", "BAD_PAGE_TOKEN"));
}

Test(applies, general_ones_follow_from_the_method)
{
    cr_assert(applies("CreateResource", "MALFORMED_JSON"));
    cr_assert_not(applies("GetResource", "MALFORMED_JSON"));
    cr_assert(applies("GetResource", "BODY_NOT_ALLOWED"));
    cr_assert_not(applies("CreateResource", "BODY_NOT_ALLOWED"));
    cr_assert(applies("CreateAllocation", "PERIOD_MISSING"));
    cr_assert_not(applies("ListAllocations", "PERIOD_MISSING"));
    cr_assert(applies("ListAllocations", "PERIOD_REVERSED"));
    cr_assert_not(applies("CreateResource", "PERIOD_REVERSED"));
    cr_assert(applies("ListResources", "OUT_OF_RANGE"));
    cr_assert_not(applies("GetResource", "OUT_OF_RANGE"));
    cr_assert(applies("DeleteResource", "OUTCOME_UNKNOWN"));
    cr_assert_not(applies("GetResource", "OUTCOME_UNKNOWN"));
    cr_assert(applies("GetResource", "INTERNAL_ERROR"));
    cr_assert_not(applies("GetResource", "ROUTE_UNKNOWN"));
    cr_assert_not(applies("GetResource", "MALFORMED_MESSAGE"));
}

/* The unknown type is told instead of the usual complaint: the field has a reason of its own. */
Test(applies, a_reason_of_the_field_stands_for_the_usual_one)
{
    cr_assert_not(applies("GetResource", "UNKNOWN_VALUE"));
    cr_assert(applies("CreateAllocation", "UNKNOWN_VALUE"));
    cr_assert_not(applies("ListPxcodes", "TOO_LONG"));
    cr_assert(applies("CreateResource", "TOO_LONG"));
}

/* Credentials are looked at where the rule asks for somebody. */
Test(applies, credentials_follow_from_access)
{
    cr_assert_not(applies_in_accounts("Login", "TOKEN_INVALID"));
    cr_assert_not(applies_in_accounts("Login", "ACCESS_UNKNOWN"));
    cr_assert(applies_in_accounts("GetMe", "TOKEN_INVALID"));
    cr_assert(applies_in_accounts("GetMe", "ACCESS_UNKNOWN"));
    cr_assert_not(applies_in_accounts("Login", "TOKEN_MISSING"));
    cr_assert_not(applies_in_accounts("Login", "NOT_ALLOWED"));
    cr_assert(applies_in_accounts("GetMe", "TOKEN_MISSING"));
    cr_assert(applies_in_accounts("GetMe", "NOT_ALLOWED"));
    cr_assert(applies("ListResources", "TOKEN_MISSING"));
}

/* `validateOnly` is a query parameter that only some have. */
Test(applies, what_cannot_be_tried_has_no_parameter)
{
    cr_assert(applies_in_accounts("CreateUser", "DUPLICATE_PARAMETER"));
    cr_assert_not(applies_in_accounts("Login", "DUPLICATE_PARAMETER"));
}
