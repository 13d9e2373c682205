/*
 * gRPC-Web: frames within HTTP bodies, and the trailers that are one of them. Bytes in, bytes out.
 *
 * Source: PROTOCOL-WEB.md and PROTOCOL-HTTP2.md of the gRPC project.
 */
#ifndef DEPOT_HTTP_GRPC_WEB_H
#define DEPOT_HTTP_GRPC_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/call.h"

enum { HTTP_GRPC_WEB_HEAD_BYTES = 5 };

/*
 * Finds the message in a body that is exactly one frame of data, not compressed. Returns NULL, or
 * what is wrong, for people.
 */
const char *http_grpc_web_read(const char *body, size_t body_bytes, const char **message,
                               size_t *message_bytes);

/*
 * Undoes the base64 of the `-text` form: pieces one behind the other, each of which may end with
 * padding. `out` has room for pb_base64_decoded_max(bytes). False if it is not that.
 */
bool http_grpc_web_text_decode(const char *text, size_t bytes, char *out, size_t *out_bytes);

/* Makes the whole content of a buffer base64. */
void http_grpc_web_text_encode(struct buf *content);

/* Appends room for a frame's head, and returns where; http_grpc_web_end fills it in. */
size_t http_grpc_web_begin(struct buf *out);
void http_grpc_web_end(struct buf *out, size_t frame);

/*
 * Appends the frame of trailers: grpc-status, and for a call with a problem grpc-message and
 * grpc-status-details-bin, a packed google.rpc.Status.
 */
void http_grpc_web_trailers_write(struct buf *out, const struct call *call);

/* Appends a message as grpc-message wants it: percent-encoded but for printable ASCII. */
void http_grpc_message_write(struct buf *out, const char *text);

#endif
