#include "inventory/inventory.h"

static enum status
answer(struct call *call, const Depot__Inventory__V1__GetAllocationRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Allocation *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return inventory_no_allocation(call, request->resource_id, request->id);
    }
    return db_read(call, rows, 0, 0, &depot__inventory__v1__allocation__schema, &reply->base);
}

const struct inventory_get_allocation_handler inventory_get_allocation = {
    .answer = answer,
};
