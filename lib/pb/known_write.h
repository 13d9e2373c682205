/* The JSON of well-known messages that is a string, inside the library. */
#ifndef DEPOT_PB_KNOWN_WRITE_H
#define DEPOT_PB_KNOWN_WRITE_H

#include "base/buf.h"
#include "pb/schema.h"

/* A google.protobuf.Timestamp. */
void pb_known_write_time(struct buf *out, const ProtobufCMessage *message);

/* A google.protobuf.Duration. */
void pb_known_write_duration(struct buf *out, const struct pb_message *schema,
                             const ProtobufCMessage *message);

/* A google.protobuf.FieldMask. */
void pb_known_write_mask(struct buf *out, const struct pb_message *schema,
                         const ProtobufCMessage *message);

#endif
