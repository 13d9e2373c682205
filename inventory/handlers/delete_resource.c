#include "inventory/inventory.h"

static enum status
ask(struct call *call, const Depot__Inventory__V1__DeleteResourceRequest *request,
    struct db_params *params)
{
    (void)call;
    db_lock(params, INVENTORY_LOCK_RESOURCE, request->id);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__DeleteResourceRequest *request,
       const struct db_rows *rows, Google__Protobuf__Empty *reply)
{
    (void)reply;
    if (db_row_count(rows, 0) == 0) {
        return inventory_no_resource(call, request->type, request->id);
    }
    if (!db_bool(rows, 0, 0, "matches")) {
        return inventory_stale(call);
    }
    if (db_row_count(rows, 1) == 0) {
        return call_fail(call, &reason_resource_in_use,
                         "Allocations of the vehicle %s end in the future; `force` removes it "
                         "all the same.",
                         request->id);
    }
    return STATUS_OK;
}

const struct inventory_delete_resource_handler inventory_delete_resource = {
    .ask = ask,
    .answer = answer,
};
