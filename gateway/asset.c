#include "asset.h"

#include <stdlib.h>

#include "base/assert.h"

struct asset *
assets_get(struct asset **list, const char *content, size_t content_bytes)
{
    struct asset *self = *list;

    while (self != NULL && self->content != content) {
        self = self->next;
    }
    if (self != NULL) {
        return self;
    }
    self = calloc(1, sizeof(*self));
    ASSERT(self != NULL);
    self->content = content;
    self->content_bytes = content_bytes;
    self->etag = http_etag_of_content(content, content_bytes, self->tag);
    self->next = *list;
    *list = self;
    return self;
}

const struct buf *
asset_packed(struct asset *self, struct http_gzip *gzip)
{
    if (self->packed.length_bytes == 0) {
        http_gzip_write(gzip, &self->packed, self->content, self->content_bytes);
    }
    return &self->packed;
}

void
assets_free(struct asset *list)
{
    while (list != NULL) {
        struct asset *next = list->next;

        buf_fini(&list->packed);
        free(list);
        list = next;
    }
}
