/*
 * A matched HTTP request to a message, and a message or a problem to a response body. No sockets,
 * no knowledge of services.
 */
#ifndef DEPOT_HTTP_TRANSCODE_H
#define DEPOT_HTTP_TRANSCODE_H

#include "base/buf.h"
#include "base/call.h"
#include "http/route.h"

/*
 * Reads path variables, then query parameters, then the body into a new request message of the
 * route's method, and validates it. Query parameters are fields that neither path nor body
 * fill, under either spelling; `application/x-www-form-urlencoded` decoding ('+' is a space),
 * invalid UTF-8 or percent-escapes are violations. All violations are gathered; a failure is the
 * call's problem, its status is returned. A path variable that can name nothing wins over all else.
 */
enum status http_request_read(struct call *call, const struct http_match *match, const char *query,
                              size_t query_bytes, const char *body, size_t body_bytes,
                              ProtobufCMessage **message) MUST_CHECK;

/* Percent-decodes into the arena; false if an escape is bad, NUL, or the result is not UTF-8. */
bool http_percent_decode(struct arena *arena, const char *text, size_t bytes, bool plus_is_space,
                         const char **out, size_t *out_bytes);

/* Writes the Location of what a route made (a path; the caller puts PUBLIC_URL before it). */
void http_location_write(struct buf *out, const struct http_route *route,
                         const ProtobufCMessage *reply);

/*
 * Writes the call's problem as RFC 9457 JSON: type, title, status, detail, instance, code, reason,
 * requestId, errors with pointer (into the body) or parameter (query, path), and the members of
 * `extra`. `route` may be NULL (nothing was matched); `instance` is the path as it came.
 */
void http_problem_write(struct buf *out, const struct call *call, const struct http_route *route,
                        const char *instance, size_t instance_bytes);

/* The reason with this name among the contract's, or NULL. */
const struct reason *http_reason_find(const struct http_contract *contract, const char *name);

/* The message with this full name among the contract's, or NULL. */
const struct pb_message *http_message_find(const struct http_contract *contract, const char *name);

#endif
