/* What the handlers of inventory share: the contract's messages and the two ways in which something
 * is not there. */
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

/* Both end the call with RESOURCE_NOT_FOUND and return its code. */
enum status inventory_no_resource(struct call *call, const char *type, const char *id);
enum status inventory_no_allocation(struct call *call, const char *resource_id, const char *id);

#endif
