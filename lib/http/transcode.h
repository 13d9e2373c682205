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
 * route's method, and validates it. On STATUS_OK `message` is set; it lives in the call's arena and
 * may point into the path and the query. Otherwise the call's problem says why:
 *
 * - A path variable that can name nothing (a reason that is NOT_FOUND) wins over all else.
 * - MALFORMED_JSON comes alone: nothing is said of values while the syntax is wrong.
 * - INTERNAL_ERROR when the arena's cap is reached.
 * - Everything else is gathered into violations, whose places are pointers into the message:
 *   BAD_PATH for a variable that is not percent-encoded UTF-8, BODY_NOT_ALLOWED, and what
 *   pb_text_set, pb_json_read and pb_validate find.
 *
 * Query parameters are fields that neither path nor body fill, under either spelling, and that have
 * a textual form (no maps, no ordinary messages); others are UNKNOWN_PARAMETER, the second of one
 * that may stand once (under whichever spelling) is DUPLICATE_PARAMETER. The query is read as
 * application/x-www-form-urlencoded ('+' is a space); bad escapes, NUL or invalid UTF-8 in a value
 * are BAD_FORMAT. `validateOnly` is a parameter of every method that can be tried only (pb_method),
 * and sets the call's flag; others do not know it. An empty value is the empty string, and
 * WRONG_TYPE for what is no string. A member of the body that the path fills is UNKNOWN_FIELD.
 *
 * A request that changes a part of a thing (pb/update.h), and whose body is the thing, gets a mask
 * of the body's members, those that are `null` too, unless the query has one.
 */
enum status http_request_read(struct call *call, const struct http_match *match, const char *query,
                              size_t query_bytes, const char *body, size_t body_bytes,
                              ProtobufCMessage **message) MUST_CHECK;

/*
 * Percent-decodes. False, with `out` untouched, if an escape is bad, the result holds NUL or is not
 * UTF-8, or the arena's cap is reached. Where nothing is escaped `out` is `text` itself, else it is
 * in the arena; it does not end with NUL.
 */
bool http_percent_decode(struct arena *arena, const char *text, size_t bytes, bool plus_is_space,
                         const char **out, size_t *out_bytes);

/*
 * Writes the Location of what a route made, fields percent-encoded (a path; the caller puts
 * PUBLIC_URL before it). Nothing if the route makes nothing.
 */
void http_location_write(struct buf *out, const struct http_route *route,
                         const ProtobufCMessage *reply);

/*
 * Writes the call's problem (there must be one) as RFC 9457 JSON: type
 * (`urn:depot:problem:name-taken` for NAME_TAKEN), title, status, detail, instance, code, reason,
 * requestId; `errors` if there are violations; and the members of `extra`. An error has a `pointer`
 * into the body as it was sent (the empty pointer is the whole of it), or the name of a
 * `parameter` of path or query. `route` may be NULL (nothing was matched): then pointers are those
 * into the message. `instance` is the path as it came; what is not UTF-8 in it is mended.
 */
void http_problem_write(struct buf *out, const struct call *call, const struct http_route *route,
                        const char *instance, size_t instance_bytes);

/* The reason with this name among the contract's, or NULL. */
const struct reason *http_reason_find(const struct http_contract *contract, const char *name);

/* The message with this full name among the contract's, or NULL. */
const struct pb_message *http_message_find(const struct http_contract *contract, const char *name);

#endif
