/* What single header fields mean (RFC 9110): bytes in, answers out. */
#ifndef DEPOT_HTTP_FIELD_H
#define DEPOT_HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/message.h"

/*
 * Whether the request's Accept fields admit application/json or application/problem+json: the most
 * specific range that matches decides, q=0 refuses. Without Accept everything is admitted.
 */
bool http_accepts_json(const struct http_message *message);

/* The same for one other type: `text/html`. */
bool http_accepts(const struct http_message *message, const char *type);

/* Whether Content-Type is there once and application/json, with no parameter but charset=utf-8. */
bool http_content_is_json(const struct http_message *message);

/* Whether the text is 1 to `max_bytes` printable ASCII characters (the space is one). */
bool http_printable(const char *text, size_t bytes, size_t max_bytes);

/* Whether the text is a traceparent of W3C Trace Context that may be passed on. */
bool http_traceparent_valid(const char *text, size_t bytes);

/* Reads seconds with up to three decimals ("5", "0.25"), at most a day; false if it is not that. */
bool http_seconds_parse(const char *text, size_t bytes, int32_t *out_ms);

#endif
