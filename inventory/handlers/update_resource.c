#include "inventory/inventory.h"

enum { STATEMENT_LOCK, STATEMENT_CHANGE };

static const struct pb_message *const request_schema =
    &depot__inventory__v1__update_resource_request__schema;

static enum status
ask(struct call *call, const Depot__Inventory__V1__UpdateResourceRequest *request,
    struct db_params *params)
{
    db_set_update(params, request_schema, &request->base);
    db_lock(params, INVENTORY_LOCK_RESOURCE, request->id);
    if (db_update_sets(request_schema, &request->base, "name")) {
        db_lock(params, INVENTORY_LOCK_NAME,
                arena_printf(call->arena, "%s/%s", request->type, request->resource->name));
    }
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__UpdateResourceRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Resource *reply)
{
    if (db_row_count(rows, STATEMENT_LOCK) == 0) {
        return inventory_no_resource(call, request->type, request->id);
    }
    if (!db_bool(rows, STATEMENT_LOCK, 0, "matches")) {
        return inventory_stale(call);
    }
    if (db_row_count(rows, STATEMENT_CHANGE) == 0) {
        return inventory_name_taken(call, request->type, request->resource->name);
    }
    return db_read(call, rows, STATEMENT_CHANGE, 0, &depot__inventory__v1__resource__schema,
                   &reply->base);
}

const struct inventory_update_resource_handler inventory_update_resource = {
    .ask = ask,
    .answer = answer,
};
