/* Link fields (RFC 8288) of lists in pages: where the next page is, and the first. */
#ifndef DEPOT_HTTP_LINK_H
#define DEPOT_HTTP_LINK_H

#include "base/buf.h"
#include "http/message.h"
#include "http/route.h"

/*
 * Appends the value of Link for a page that `method` has answered; nothing if it does not answer
 * pages (a request with `page_token`, a reply with `next_page_token`). `prefix` stands before the
 * path. The query is the request's own, but for the token.
 */
void http_link_write(struct buf *out, const char *prefix, const struct http_message *message,
                     const struct pb_method *method, const ProtobufCMessage *reply);

#endif
