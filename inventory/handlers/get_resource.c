#include "inventory/inventory.h"

static enum status
answer(struct call *call, const Depot__Inventory__V1__GetResourceRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Resource *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return inventory_no_resource(call, request->type, request->id);
    }
    return db_read(call, rows, 0, 0, &depot__inventory__v1__resource__schema, &reply->base);
}

const struct inventory_get_resource_handler inventory_get_resource = {
    .answer = answer,
};
