/*
 * Documents that never change while the process lives: each is hashed and compressed once, when it
 * is first asked for.
 */
#ifndef DEPOT_GATEWAY_ASSET_H
#define DEPOT_GATEWAY_ASSET_H

#include <stddef.h>

#include "base/buf.h"
#include "http/etag.h"
#include "http/gzip.h"

struct asset {
    const char *content;
    size_t content_bytes;
    char tag[HTTP_CONTENT_TAG_BYTES];
    struct http_etag etag;
    struct buf packed; /* empty until asset_packed */
    struct asset *next;
};

/* The asset with this content, which must live as long as the list. */
struct asset *assets_get(struct asset **list, const char *content, size_t content_bytes);

/* Its compressed content. */
const struct buf *asset_packed(struct asset *self, struct http_gzip *gzip);

void assets_free(struct asset *list);

#endif
