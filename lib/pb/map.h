/*
 * Maps in messages, which are lists of entries to protobuf-c: here they are sorted by key and have
 * each key once, whoever made the message.
 */
#ifndef DEPOT_PB_MAP_H
#define DEPOT_PB_MAP_H

#include <stdbool.h>

#include "base/arena.h"
#include "pb/schema.h"

/* Moves the last of `n` entries, all others sorted, to its place; false if its key is there. */
bool pb_map_insert(const struct pb_field *map, ProtobufCMessage **entries, size_t n);

/*
 * Puts all maps in a message, at all levels, into that form. Of entries with one key the last
 * counts, as the encoding of protobuf says. False when the arena's cap is reached.
 */
bool pb_maps_settle(struct arena *arena, const struct pb_message *schema,
                    ProtobufCMessage *message) MUST_CHECK;

#endif
