#include "inventory/inventory.h"

enum { STATEMENT_RESOURCE, STATEMENT_FREE };

static enum status
answer(struct call *call, const Depot__Inventory__V1__ListFreePeriodsRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__ListFreePeriodsResponse *reply)
{
    if (db_row_count(rows, STATEMENT_RESOURCE) == 0) {
        return inventory_no_resource(call, request->type, request->resource_id);
    }
    reply->n_free_periods = db_row_count(rows, STATEMENT_FREE);
    return db_read_list(call, rows, STATEMENT_FREE, reply->n_free_periods,
                        &depot__inventory__v1__period__schema,
                        (ProtobufCMessage ***)&reply->free_periods);
}

const struct inventory_list_free_periods_handler inventory_list_free_periods = {
    .answer = answer,
};
