/* PATCH with the semantics of a merge: the body's members say what is to be changed. */
#ifndef DEPOT_HTTP_UPDATE_H
#define DEPOT_HTTP_UPDATE_H

#include "base/call.h"
#include "pb/schema.h"

/*
 * Makes the mask of a request whose schema has `update` from what the body names, as
 * pb_json_read_named says it. A read-only member is READ_ONLY at its place in the body, also with
 * `null`. RESOURCE_EXHAUSTED when the arena's cap is reached.
 */
enum status http_update_mask_derive(struct call *call, const struct pb_message *schema,
                                    ProtobufCMessage *request, const uint64_t *named) MUST_CHECK;

#endif
