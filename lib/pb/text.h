/* Sets a message's fields from text: path variables and query parameters. */
#ifndef DEPOT_PB_TEXT_H
#define DEPOT_PB_TEXT_H

#include "base/call.h"
#include "pb/schema.h"

/*
 * Sets the scalar, enum, Timestamp, Duration, FieldMask or wrapper field from decoded text (valid
 * UTF-8, not NUL-terminated). A repeated scalar field gets one more element. What does not fit is a
 * violation (WRONG_TYPE, OUT_OF_RANGE, BAD_TIMESTAMP, UNKNOWN_VALUE, BAD_FORMAT) at "/<jsonName>".
 * Booleans are `true` and `false`. STATUS_OK also with a violation; RESOURCE_EXHAUSTED when the
 * arena's cap is reached.
 */
enum status pb_text_set(struct call *call, const struct pb_field *field, ProtobufCMessage *message,
                        const char *text, size_t bytes) MUST_CHECK;

#endif
