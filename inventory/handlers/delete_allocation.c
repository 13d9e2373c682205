#include "inventory/inventory.h"

static enum status
ask(struct call *call, const Depot__Inventory__V1__DeleteAllocationRequest *request,
    struct db_params *params)
{
    (void)call;
    db_lock(params, INVENTORY_LOCK_RESOURCE, request->resource_id);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__DeleteAllocationRequest *request,
       const struct db_rows *rows, Google__Protobuf__Empty *reply)
{
    (void)reply;
    if (db_row_count(rows, 0) == 0) {
        return inventory_no_allocation(call, request->resource_id, request->id);
    }
    if (!db_bool(rows, 0, 0, "is_own")) {
        return inventory_not_own(call);
    }
    if (!db_bool(rows, 0, 0, "matches")) {
        return inventory_stale(call);
    }
    return STATUS_OK;
}

const struct inventory_delete_allocation_handler inventory_delete_allocation = {
    .ask = ask,
    .answer = answer,
};
