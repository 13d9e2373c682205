#include "inventory/inventory.h"

static enum status
answer(struct call *call, const Depot__Inventory__V1__GetPxcodeRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Pxcode *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return call_fail(call, &reason_resource_not_found, "There is no procedure code %s.",
                         request->pxcode);
    }
    return db_read(call, rows, 0, 0, &depot__inventory__v1__pxcode__schema, &reply->base);
}

const struct inventory_get_pxcode_handler inventory_get_pxcode = {
    .answer = answer,
};
