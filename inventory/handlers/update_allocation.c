#include "inventory/inventory.h"

enum { STATEMENT_VEHICLE, STATEMENT_CHANGE, STATEMENT_NOW };

static bool
sets(const Depot__Inventory__V1__UpdateAllocationRequest *request, const char *name)
{
    return db_update_sets(&depot__inventory__v1__update_allocation_request__schema, &request->base,
                          name);
}

/* To be unbounded is to have neither end; not to speak of the period is to leave it as it is. */
static void
set_period(struct db_params *params, const Depot__Inventory__V1__UpdateAllocationRequest *request)
{
    bool starts = sets(request, "start_time");
    bool ends = sets(request, "end_time");
    bool unbounded = sets(request, "unbounded") && request->allocation->unbounded;

    db_set_bool(params, "set_start_time", starts || unbounded);
    db_set_bool(params, "set_end_time", ends || unbounded);
    db_set_bool(params, "unbounded", unbounded || !(starts || ends || sets(request, "unbounded")));
    if (unbounded) {
        db_set_time(params, "start_time", NULL);
        db_set_time(params, "end_time", NULL);
    }
}

static enum status
ask(struct call *call, const Depot__Inventory__V1__UpdateAllocationRequest *request,
    struct db_params *params)
{
    const Depot__Inventory__V1__Allocation *allocation = request->allocation;

    db_set_update(params, &depot__inventory__v1__update_allocation_request__schema, &request->base);
    set_period(params, request);
    if (allocation->kind == DEPOT__INVENTORY__V1__ALLOCATION__KIND__KIND_UNSPECIFIED) {
        db_set_text(params, "kind", "BOOKING");
    }
    db_lock(params, INVENTORY_LOCK_RESOURCE, request->resource_id);
    return sets(request, "kind") ? inventory_may_take(call, allocation->kind) : STATUS_OK;
}

/* The end that was sent and the one that stays are no period together. */
static enum status
refuse_period(struct call *call, const Depot__Inventory__V1__UpdateAllocationRequest *request,
              const struct db_rows *rows)
{
    const char *place = sets(request, "end_time") ? "/allocation/endTime" : "/allocation/startTime";

    if (db_is_null(rows, STATEMENT_CHANGE, 0, "wanted_start") ||
        db_is_null(rows, STATEMENT_CHANGE, 0, "wanted_end")) {
        call_violation(call, &reason_period_missing, "/allocation",
                       "Leave a start or an end, or say that it is unbounded.");
    } else if (db_time_us(rows, STATEMENT_CHANGE, 0, "wanted_start") ==
               db_time_us(rows, STATEMENT_CHANGE, 0, "wanted_end")) {
        call_violation(call, &reason_period_empty, place, "The end would be the start.");
    } else {
        call_violation(call, &reason_period_reversed, place, "The end would lie before the start.");
    }
    return call_invalid(call, &reason_validation_failed);
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__UpdateAllocationRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__Allocation *reply)
{
    if (db_row_count(rows, STATEMENT_VEHICLE) == 0) {
        return inventory_no_resource(call, request->type, request->resource_id);
    }
    if (db_row_count(rows, STATEMENT_CHANGE) == 0) {
        return inventory_no_allocation(call, request->resource_id, request->id);
    }
    if (!db_bool(rows, STATEMENT_CHANGE, 0, "is_own")) {
        return inventory_not_own(call);
    }
    if (!db_bool(rows, STATEMENT_CHANGE, 0, "matches")) {
        return inventory_stale(call);
    }
    if (!db_bool(rows, STATEMENT_CHANGE, 0, "is_period")) {
        return refuse_period(call, request, rows);
    }
    if (db_bool(rows, STATEMENT_CHANGE, 0, "is_conflict")) {
        return inventory_overlap(call, rows, STATEMENT_CHANGE, STATEMENT_CHANGE);
    }
    if (!db_bool(rows, STATEMENT_CHANGE, 0, "is_changed")) {
        return service_again(call); /* it went away between the two statements */
    }
    return db_read(call, rows, STATEMENT_NOW, 0, &depot__inventory__v1__allocation__schema,
                   &reply->base);
}

const struct inventory_update_allocation_handler inventory_update_allocation = {
    .ask = ask,
    .answer = answer,
};
