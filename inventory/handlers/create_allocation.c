#include "inventory/inventory.h"

enum { STATEMENT_MAKE, STATEMENT_CONFLICTS, STATEMENT_NEXT };

static enum status
ask(struct call *call, const Depot__Inventory__V1__CreateAllocationRequest *request,
    struct db_params *params)
{
    const Depot__Inventory__V1__Allocation *allocation = request->allocation;

    db_set_fields(params, &depot__inventory__v1__allocation__schema, &allocation->base);
    db_set_new_id(params, "id");
    if (allocation->kind == DEPOT__INVENTORY__V1__ALLOCATION__KIND__KIND_UNSPECIFIED) {
        db_set_text(params, "kind", "BOOKING");
    }
    db_lock(params, INVENTORY_LOCK_RESOURCE, request->resource_id);
    return inventory_may_take(call, allocation->kind);
}

/* Names what is in the way. Nothing is when it went away in the meantime: then once more. */
static enum status
overlap(struct call *call, const struct db_rows *rows)
{
    if (db_row_count(rows, STATEMENT_CONFLICTS) == 0) {
        return service_again(call);
    }
    return inventory_overlap(call, rows, STATEMENT_CONFLICTS, STATEMENT_NEXT);
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__CreateAllocationRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Allocation *reply)
{
    if (db_row_count(rows, STATEMENT_MAKE) == 0) {
        return inventory_no_resource(call, request->type, request->resource_id);
    }
    if (db_is_null(rows, STATEMENT_MAKE, 0, "id")) {
        return overlap(call, rows);
    }
    return db_read(call, rows, STATEMENT_MAKE, 0, &depot__inventory__v1__allocation__schema,
                   &reply->base);
}

const struct inventory_create_allocation_handler inventory_create_allocation = {
    .ask = ask,
    .answer = answer,
};
