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

enum status
inventory_name_taken(struct call *call, const char *type, const char *name)
{
    return call_fail(call, &reason_name_taken, "Another of the %s has the name \"%s\".", type,
                     name);
}

enum status
inventory_stale(struct call *call)
{
    return call_fail(call, &reason_etag_mismatch,
                     "It has none of the versions that If-Match lists: get it again first.");
}

enum status
inventory_not_own(struct call *call)
{
    return call_fail(call, &reason_not_allowed, "The allocation is somebody else's.");
}

/* What the workshop takes nobody can book: that is for those who keep the fleet. */
enum status
inventory_may_take(struct call *call, Depot__Inventory__V1__Allocation__Kind kind)
{
    if (kind == DEPOT__INVENTORY__V1__ALLOCATION__KIND__MAINTENANCE &&
        call->caller.role < PB_ROLE_MANAGER) {
        return call_fail(call, &reason_not_allowed,
                         "Only managers take a vehicle into the workshop.");
    }
    return STATUS_OK;
}

enum status
inventory_overlap(struct call *call, const struct db_rows *rows, size_t conflicts, size_t next)
{
    const struct pb_message *schema = &depot__inventory__v1__allocation_overlap__schema;
    Depot__Inventory__V1__AllocationOverlap *extra =
        (Depot__Inventory__V1__AllocationOverlap *)pb_new(call->arena, schema);
    size_t n = db_row_count(rows, conflicts);
    ProtobufCMessage **periods;
    enum status status;

    if (extra == NULL) {
        return service_no_memory(call);
    }
    status =
        db_read_list(call, rows, conflicts, n, &depot__inventory__v1__period__schema, &periods);
    if (status == STATUS_OK && db_row_count(rows, next) != 0) {
        status = db_read(call, rows, next, 0, schema, &extra->base);
    }
    if (status != STATUS_OK) {
        return status;
    }
    extra->n_conflicts = n;
    extra->conflicts = (Depot__Inventory__V1__Period **)periods;
    call_extra(call, schema, extra);
    return call_fail(call, &reason_allocation_overlap,
                     "The vehicle is taken for at least a part of the period.");
}
