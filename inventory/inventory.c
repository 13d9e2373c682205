#include "inventory/inventory.h"

enum status
inventory_no_resource(struct call *call, const char *type, const char *id)
{
    return call_fail(call, &reason_resource_not_found, "There is no vehicle %s among the %s.", id,
                     type);
}

enum status
inventory_no_allocation(struct call *call, const char *resource_id, const char *id)
{
    return call_fail(call, &reason_resource_not_found, "The vehicle %s has no allocation %s.",
                     resource_id, id);
}
