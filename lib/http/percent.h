/*
 * Percent-encoding (RFC 3986, section 2.1) inside the library; http_percent_decode, which others
 * use too, is declared in transcode.h.
 */
#ifndef DEPOT_HTTP_PERCENT_H
#define DEPOT_HTTP_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* Whether the encoded text means exactly `plain`. False also when an escape is bad. */
bool http_percent_equals(const char *encoded, size_t bytes, const char *plain, size_t plain_bytes);

/* As http_percent_decode, for what need not be text: the result may be any bytes. */
bool http_percent_decode_bytes(struct arena *arena, const char *text, size_t bytes,
                               bool plus_is_space, const char **out, size_t *out_bytes);

/* Appends the text as one path segment: everything but unreserved characters is escaped. */
void http_percent_encode(struct buf *out, const char *text, size_t bytes);

#endif
