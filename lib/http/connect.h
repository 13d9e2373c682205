/*
 * The unary part of the Connect protocol: what it has beyond HTTP. Bytes in, bytes out.
 *
 * Source: the Connect Protocol Reference (connectrpc.com/docs/protocol).
 */
#ifndef DEPOT_HTTP_CONNECT_H
#define DEPOT_HTTP_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/call.h"

/* The message of a GET. */
struct http_connect_query {
    bool packed; /* protobuf, else JSON */
    const char *message;
    size_t message_bytes;
};

/*
 * Reads `?connect=v1&encoding=json&message=...&base64=1&compression=identity`; encoding and message
 * must be there. Otherwise the call's problem says what is wrong: MEDIA_TYPE for another encoding,
 * CONTENT_CODING for another compression, UNKNOWN_PARAMETER, DUPLICATE_PARAMETER, MALFORMED_REQUEST
 * for what is missing or has not its form; INTERNAL_ERROR when the arena's cap is reached. The
 * message lives in the call's arena or in the query.
 */
enum status http_connect_query_read(struct call *call, const char *query, size_t query_bytes,
                                    struct http_connect_query *out) MUST_CHECK;

/* The HTTP status of a code, and the code's name as Connect writes it: "already_exists". */
int http_connect_status(enum status code);
const char *http_connect_code(enum status code);

/*
 * Writes the call's problem (there must be one) as the JSON of an error: code, message, and details
 * with type, value and, for people, debug.
 */
void http_connect_error_write(struct buf *out, const struct call *call);

#endif
