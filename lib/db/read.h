/* How db_read fills fields; for this folder. */
#ifndef DEPOT_DB_READ_H
#define DEPOT_DB_READ_H

#include "base/arena.h"
#include "db/value.h"
#include "pb/schema.h"

/*
 * A jsonb object of strings as the entries of a map field, sorted by key. Numbers and other values
 * stand as their JSON text. False when the arena's cap is reached.
 */
bool db_read_map(struct arena *arena, const struct pb_field *field, const struct db_value *value,
                 ProtobufCMessage *message);

/* A jsonb array of strings as a repeated string. False when the arena's cap is reached. */
bool db_read_strings(struct arena *arena, const struct pb_field *field,
                     const struct db_value *value, ProtobufCMessage *message);

#endif
