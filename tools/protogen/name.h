/*
 * Names: protobuf-c's, which generated code refers to, and ours, which join the files of a method.
 * All results live in the arena.
 */
#ifndef DEPOT_PROTOGEN_NAME_H
#define DEPOT_PROTOGEN_NAME_H

#include "base/arena.h"

/* depot.inventory.v1.GetResource -> depot__inventory__v1__get_resource, as protobuf-c does it. */
const char *name_symbol(struct arena *arena, const char *full_name);

/* depot.inventory.v1.GetResource -> Depot__Inventory__V1__GetResource, as protobuf-c does it. */
const char *name_c_type(struct arena *arena, const char *full_name);

/* GetResource -> get_resource: the name of a method's files. */
const char *name_snake(struct arena *arena, const char *camel);

/* NAME_TAKEN -> name_taken. */
const char *name_lower(struct arena *arena, const char *text);

/* depot.inventory.v1 -> inventory; the last part when there is no version. */
const char *name_short(struct arena *arena, const char *package);

/* AllocationOverlap -> ALLOCATION_OVERLAP. */
const char *name_upper_snake(struct arena *arena, const char *camel);

#endif
