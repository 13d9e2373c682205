/*
 * Page tokens. One is opaque to clients and bound to the query that made it: base64url over a
 * version, a digest of the request without its page fields, and a position, which is a text of the
 * list's own. It holds no secret and grants nothing, so the digest is a checksum and not a MAC:
 * whoever uses a position checks its form first.
 *
 * A request that is paged has the fields `page_size` (int32) and `page_token` (string).
 */
#ifndef DEPOT_SERVICE_PAGE_TOKEN_H
#define DEPOT_SERVICE_PAGE_TOKEN_H

#include "base/call.h"
#include "pb/schema.h"

/*
 * Makes the token that goes on behind `position`; it lives in the call's arena. NULL for a position
 * means that the arena is at its cap, as it does in what asks for one: the call is refused then,
 * and nobody sees the "" that comes back.
 */
const char *page_token_make(struct call *call, const struct pb_message *schema,
                            const ProtobufCMessage *request, const char *position);

/*
 * Finds the position in the request's token: "" when it has none. A token that was not made for
 * this query is BAD_PAGE_TOKEN at "/pageToken".
 */
enum status page_token_read(struct call *call, const struct pb_message *schema,
                            const ProtobufCMessage *request, const char **position) MUST_CHECK;

/* Ends the call with BAD_PAGE_TOKEN: for a position that has not the list's form. */
enum status page_token_refuse(struct call *call);

#endif
