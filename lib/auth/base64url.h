/*
 * base64url without padding (RFC 4648, section 5), as RFC 7515 writes bytes. Each text stands for
 * other bytes: whatever could be said in a second way is refused. (pb/base64.h takes both
 * alphabets, with padding or without, as proto3 JSON asks.)
 */
#ifndef DEPOT_AUTH_BASE64URL_H
#define DEPOT_AUTH_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* False if the text is not base64url, or more than `room_bytes`; `out` may then hold some bytes. */
bool base64url_decode(const char *text, size_t bytes, void *out, size_t room_bytes,
                      size_t *out_bytes);

void base64url_put(struct buf *out, const void *data, size_t bytes);

#endif
