/*
 * Requests that change a part of a thing. The request has the thing with its new values in one
 * field and in `update_mask` the names of the thing's fields that are to have them; all others stay
 * as they are. A field that is named and has no value gets the empty value of its type; a map or a
 * list that is named is replaced as a whole. An empty mask names nothing. Without a mask the fields
 * that have values are meant.
 *
 * Paths name fields of the thing, not what is inside of them.
 *
 * Source: google.protobuf.FieldMask; AIP-134 for the absent mask.
 */
#ifndef DEPOT_PB_UPDATE_H
#define DEPOT_PB_UPDATE_H

#include <google/protobuf/field_mask.pb-c.h>
#include <stdbool.h>

#include "pb/schema.h"

/* The mask of a request whose schema has `update`; NULL: it has none. */
const Google__Protobuf__FieldMask *pb_update_mask(const struct pb_message *schema,
                                                  const ProtobufCMessage *request);

/* The schema of what is changed, and the thing with its new values; NULL: there is none. */
const struct pb_message *pb_update_target_schema(const struct pb_message *schema);
const ProtobufCMessage *pb_update_target(const struct pb_message *schema,
                                         const ProtobufCMessage *request);

/* Whether the request, which has a target, changes this field of it. */
bool pb_update_names(const struct pb_message *schema, const ProtobufCMessage *request,
                     const struct pb_field *field);

enum { PB_PATH_TEXT_BYTES = 128 };

/* Writes a path as JSON has it, with a NUL, cut if it is long: startTime for start_time. */
void pb_update_path_write(const char *path, char out[static PB_PATH_TEXT_BYTES]);

#endif
