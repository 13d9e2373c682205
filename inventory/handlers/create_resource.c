#include "inventory/inventory.h"

static enum status
ask(struct call *call, const Depot__Inventory__V1__CreateResourceRequest *request,
    struct db_params *params)
{
    const char *name = request->resource->name;

    db_set_fields(params, &depot__inventory__v1__resource__schema, &request->resource->base);
    db_set_new_id(params, "id");
    db_lock(params, INVENTORY_LOCK_NAME, arena_printf(call->arena, "%s/%s", request->type, name));
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__CreateResourceRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Resource *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return inventory_name_taken(call, request->type, request->resource->name);
    }
    return db_read(call, rows, 0, 0, &depot__inventory__v1__resource__schema, &reply->base);
}

const struct inventory_create_resource_handler inventory_create_resource = {
    .ask = ask,
    .answer = answer,
};
