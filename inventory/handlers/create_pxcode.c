#include "inventory/inventory.h"

static enum status
ask(struct call *call, const Depot__Inventory__V1__CreatePxcodeRequest *request,
    struct db_params *params)
{
    (void)call;
    db_set_fields(params, &depot__inventory__v1__pxcode__schema, &request->pxcode->base);
    db_lock(params, INVENTORY_LOCK_PXCODE, request->pxcode->pxcode);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__CreatePxcodeRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Pxcode *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return call_fail(call, &reason_pxcode_taken, "There is a procedure code %s already.",
                         request->pxcode->pxcode);
    }
    return db_read(call, rows, 0, 0, &depot__inventory__v1__pxcode__schema, &reply->base);
}

const struct inventory_create_pxcode_handler inventory_create_pxcode = {
    .ask = ask,
    .answer = answer,
};
