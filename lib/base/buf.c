#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/utf8.h"

void
buf_fini(struct buf *self)
{
    free(self->data);
    *self = BUF_INIT;
}

void
buf_clear(struct buf *self, size_t keep_bytes)
{
    if (self->size_bytes > keep_bytes) {
        buf_fini(self);
    }
    self->length_bytes = 0;
}

void
buf_grow(struct buf *self, size_t bytes)
{
    size_t size = self->size_bytes == 0 ? 256 : self->size_bytes;
    char *data;

    ASSERT(bytes <= SIZE_MAX / 4 && size <= SIZE_MAX / 4);
    while (size - self->length_bytes < bytes) {
        size *= 2;
    }
    data = realloc(self->data, size);
    ASSERT(data != NULL);
    self->data = data;
    self->size_bytes = size;
}

void
buf_grown(struct buf *self, size_t bytes)
{
    ASSERT(bytes <= self->size_bytes - self->length_bytes);
    self->length_bytes += bytes;
}

void
buf_printf(struct buf *self, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(length >= 0);
    buf_reserve(self, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(self->data + self->length_bytes, (size_t)length + 1, format, args);
    va_end(args);
    self->length_bytes += (size_t)length;
}

static void
buf_put_escape(struct buf *self, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *short_forms = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (const char *form = short_forms; *form != '\0'; form += 2) {
        if ((unsigned char)form[0] == c) {
            buf_putc(self, '\\');
            buf_putc(self, form[1]);
            return;
        }
    }
    buf_append(self, "\\u00", 4);
    buf_putc(self, hex[c >> 4]);
    buf_putc(self, hex[c & 15]);
}

void
buf_put_json_string(struct buf *self, const char *text, size_t bytes)
{
    const char *end = bytes == 0 ? text : text + bytes; /* which may be NULL then */

    buf_reserve(self, bytes + 2);
    buf_putc(self, '"');
    while (text < end) {
        size_t width = utf8_plain_run(text, (size_t)(end - text));

        buf_append(self, text, width);
        text += width;
        if (text == end) {
            break;
        }
        width = utf8_sequence(text, (size_t)(end - text));
        if (width > 1) {
            buf_append(self, text, width);
        } else if (width == 1) {
            buf_put_escape(self, (unsigned char)*text);
        } else {
            buf_append(self, "\xef\xbf\xbd", 3);
            width = 1;
        }
        text += width;
    }
    buf_putc(self, '"');
}

void
buf_consume(struct buf *self, size_t bytes)
{
    ASSERT(bytes <= self->length_bytes);
    self->length_bytes -= bytes;
    if (bytes != 0 && self->length_bytes != 0) {
        memmove(self->data, self->data + bytes, self->length_bytes);
    }
}
