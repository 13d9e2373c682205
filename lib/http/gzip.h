/* Compressed content (RFC 1952): when a client takes it, and making it. */
#ifndef DEPOT_HTTP_GZIP_H
#define DEPOT_HTTP_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "http/message.h"

/*
 * Whether Accept-Encoding admits gzip, by its own name or by `*`, and does not prefer what is not
 * compressed. Without the field it does not.
 */
bool http_gzip_accepted(const struct http_message *message);

/* Whether content of this type gets smaller: JSON, text and their kind. */
bool http_gzip_worth(const char *content_type);

/* Makes one after another; a quarter of a megabyte, taken with the first. One thread. */
struct http_gzip;

struct http_gzip *http_gzip_new(void);
void http_gzip_free(struct http_gzip *self);

/*
 * Appends the content, compressed. For speed, not for size: what is made of one list goes to one
 * client. Equal content gives equal bytes.
 */
void http_gzip_write(struct http_gzip *self, struct buf *out, const char *content, size_t bytes);

#endif
