/* What the handlers of inventory share: the contract's messages and the usual failures. */
#ifndef DEPOT_INVENTORY_INVENTORY_H
#define DEPOT_INVENTORY_INVENTORY_H

#include "base/call.h"
#include "db/query.h"
#include "depot/inventory/v1/inventory.handlers.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "service/handler.h"

/* The kinds of locks (db_lock): every write takes those of what it changes. */
#define INVENTORY_LOCK_RESOURCE "inventory.resource"
#define INVENTORY_LOCK_NAME     "inventory.resource.name"
#define INVENTORY_LOCK_PXCODE   "inventory.pxcode"

/* These end the call with a failure and return its code: RESOURCE_NOT_FOUND, */
enum status inventory_no_resource(struct call *call, const char *type, const char *id);
enum status inventory_no_allocation(struct call *call, const char *resource_id, const char *id);

/* NAME_TAKEN, ETAG_MISMATCH, */
enum status inventory_name_taken(struct call *call, const char *type, const char *name);
enum status inventory_stale(struct call *call);

/* NOT_ALLOWED, */
enum status inventory_not_own(struct call *call);

/* also, unless who calls may take a vehicle for that: OK if so, */
enum status inventory_may_take(struct call *call,
                               Depot__Inventory__V1__Allocation__Kind kind) MUST_CHECK;

/*
 * and ALLOCATION_OVERLAP: with the rows of one statement as what is in the way, at least one, and
 * `next_available` in the first row of another one, if it has any.
 */
enum status inventory_overlap(struct call *call, const struct db_rows *rows, size_t conflicts,
                              size_t next);

#endif
