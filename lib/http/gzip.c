#include "http/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/assert.h"
#include "http/text.h"

/* What a list says about one coding; -1: nothing. */
struct qualities {
    int gzip, identity, any;
};

static void
read_coding(struct http_text coding, struct qualities *out)
{
    struct http_text name = {0}, parameter, q, value;
    int quality = 1000;

    http_text_next(&coding, ';', &name);
    while (http_text_next(&coding, ';', &parameter)) {
        http_text_parameter(parameter, &q, &value);
        if (http_text_is(q, "q")) {
            quality = http_text_quality(value);
        }
    }
    if (quality < 0) { /* who cannot say how much, gets what everybody understands */
        quality = 0;
    }
    if (http_text_is(name, "gzip") || http_text_is(name, "x-gzip")) {
        out->gzip = quality;
    } else if (http_text_is(name, "identity")) {
        out->identity = quality;
    } else if (http_text_is(name, "*")) {
        out->any = quality;
    }
}

bool
http_gzip_accepted(const struct http_message *message)
{
    struct qualities qualities = {-1, -1, -1};
    struct http_text value, coding;

    for (size_t i = 0;
         (value.text = http_message_field_at(message, "accept-encoding", i, &value.bytes)) != NULL;
         i++) {
        while (http_text_next(&value, ',', &coding)) {
            read_coding(coding, &qualities);
        }
    }
    if (qualities.gzip < 0) {
        qualities.gzip = qualities.any;
    }
    return qualities.gzip > 0 && qualities.gzip >= qualities.identity;
}

bool
http_gzip_worth(const char *content_type)
{
    static const char *const kinds[] = {"application/json", "application/problem+json", "text/",
                                        "application/javascript", "image/svg+xml"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(content_type, kinds[i], strlen(kinds[i])) == 0) {
            return true;
        }
    }
    return false;
}

struct http_gzip {
    z_stream stream;
    bool open;
};

struct http_gzip *
http_gzip_new(void)
{
    struct http_gzip *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    return self;
}

void
http_gzip_free(struct http_gzip *self)
{
    if (self->open) {
        deflateEnd(&self->stream);
    }
    free(self);
}

static void
begin(struct http_gzip *self)
{
    enum { WITH_GZIP_HEAD = 16, MEMORY_LEVEL = 8 };

    if (self->open) {
        ASSERT(deflateReset(&self->stream) == Z_OK);
        return;
    }
    ASSERT(deflateInit2(&self->stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + WITH_GZIP_HEAD,
                        MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK);
    self->open = true;
}

void
http_gzip_write(struct http_gzip *self, struct buf *out, const char *content, size_t bytes)
{
    size_t bound;

    begin(self);
    bound = deflateBound(&self->stream, bytes);
    self->stream.next_in = (unsigned char *)(uintptr_t)content;
    self->stream.avail_in = (unsigned)bytes;
    self->stream.next_out = (unsigned char *)buf_reserve(out, bound);
    self->stream.avail_out = (unsigned)bound;
    ASSERT(deflate(&self->stream, Z_FINISH) == Z_STREAM_END);
    buf_grown(out, bound - self->stream.avail_out);
}
