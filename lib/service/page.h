/*
 * Lists in pages. A page token is opaque to clients and bound to the query that made it: base64url
 * over a version, a digest of the request without its page fields, and the position that the
 * handler chose. It holds no secret and grants nothing, so the digest is a checksum and not a MAC;
 * a handler checks the form of a position before it uses it.
 *
 * A request that is paged has the fields `page_size` (int32) and `page_token` (string).
 */
#ifndef DEPOT_SERVICE_PAGE_H
#define DEPOT_SERVICE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "db/query.h"
#include "pb/schema.h"

enum {
    PAGE_SIZE_DEFAULT = 50,
    PAGE_SIZE_MAX = 500,
    PAGE_BYTES_MAX = 512 * 1024, /* packed; a page that would be larger ends early */
};

/* The size in force: the default for 0, at most the maximum. Negative ones are refused before. */
int32_t page_size(int32_t requested);

/* Makes the token that goes on behind `position`; it lives in the call's arena. */
const char *page_token_make(struct call *call, const struct pb_message *schema,
                            const ProtobufCMessage *request, const char *position);

/*
 * Finds the position in the request's token: "" when it has none. A token that was not made for
 * this query is BAD_PAGE_TOKEN at "/pageToken". Positions in an order of the caller's (`order_by`)
 * are no handler's business: they, too, are "".
 */
enum status page_token_read(struct call *call, const struct pb_message *schema,
                            const ProtobufCMessage *request, const char **position) MUST_CHECK;

/* As page_token_read, for any order. */
enum status page_token_position(struct call *call, const struct pb_message *schema,
                                const ProtobufCMessage *request, const char **position) MUST_CHECK;

/* Ends the call with BAD_PAGE_TOKEN: for a position that has not the handler's form. */
enum status page_token_refuse(struct call *call);

/* What page_read found; the messages live in the call's arena. */
struct page {
    const struct pb_message *schema; /* of the messages */
    size_t n_messages;
    ProtobufCMessage **messages;
    bool more;
};

/*
 * The token of the page that follows, "" if none does. `position` is that of the last message in
 * the list's own order; in one of the caller's the message itself has all that is needed.
 */
const char *page_token_next(struct call *call, const struct pb_message *schema,
                            const ProtobufCMessage *request, const struct page *page,
                            const char *position);

/*
 * Reads up to `size` rows (the query asks for one more, which tells whether there is more), fewer
 * if they would be larger than PAGE_BYTES_MAX, at least one.
 */
enum status page_read(struct call *call, const struct db_rows *rows, size_t statement, int32_t size,
                      const struct pb_message *schema, struct page *page) MUST_CHECK;

#endif
