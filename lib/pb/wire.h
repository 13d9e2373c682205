/*
 * Packed messages from peers, unpacked without trust: protobuf-c itself checks neither depth nor
 * counts nor UTF-8 nor enum values.
 */
#ifndef DEPOT_PB_WIRE_H
#define DEPOT_PB_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "pb/schema.h"

/*
 * Unpacks into the arena. STATUS_INVALID_ARGUMENT if the bytes are not such a message, nest deeper
 * than LIMIT_MESSAGE_DEPTH, have more than LIMIT_MESSAGE_FIELDS fields, hold a string that is not
 * UTF-8 or has a NUL character; STATUS_RESOURCE_EXHAUSTED if the arena's cap is reached. Strings
 * and bytes are copies: `data` may go. Maps are sorted by key and have each key once (the last).
 */
enum status pb_unpack(struct arena *arena, const struct pb_message *schema, const uint8_t *data,
                      size_t bytes, ProtobufCMessage **message) MUST_CHECK;

/* The packed message in the arena; NULL when the arena's cap is reached. */
uint8_t *pb_pack(struct arena *arena, const ProtobufCMessage *message, size_t *bytes);

#endif
