/*
 * A growing buffer of bytes on the heap. It never fails: the process ends when the system has no
 * memory, so what is put into one must be bounded by its user.
 */
#ifndef DEPOT_BASE_BUF_H
#define DEPOT_BASE_BUF_H

#include <stddef.h>
#include <string.h>

struct buf {
    char *data; /* not NUL-terminated; NULL while nothing was put in */
    size_t length_bytes;
    size_t size_bytes;
};

#define BUF_INIT ((struct buf){0})

/* Gives the memory back; the buffer is empty and may be used again. */
void buf_fini(struct buf *self);

/* Empties the buffer and keeps its memory, unless it grew beyond `keep_bytes`. */
void buf_clear(struct buf *self, size_t keep_bytes);

/* Makes room for `bytes` more bytes when there is not enough. Used by buf_reserve. */
void buf_grow(struct buf *self, size_t bytes);

/* Room for `bytes` more bytes behind the content; buf_grown says how many were written there. */
static inline char *
buf_reserve(struct buf *self, size_t bytes)
{
    if (bytes > self->size_bytes - self->length_bytes) {
        buf_grow(self, bytes);
    }
    return self->data + self->length_bytes;
}

void buf_grown(struct buf *self, size_t bytes);

static inline void
buf_append(struct buf *self, const void *data, size_t bytes)
{
    if (bytes != 0) {
        memcpy(buf_reserve(self, bytes), data, bytes);
        self->length_bytes += bytes;
    }
}

static inline void
buf_puts(struct buf *self, const char *text)
{
    buf_append(self, text, strlen(text));
}

static inline void
buf_putc(struct buf *self, char c)
{
    *buf_reserve(self, 1) = c;
    self->length_bytes++;
}

void buf_printf(struct buf *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text in double quotes, escaped as RFC 8259 asks; invalid UTF-8 becomes U+FFFD. */
void buf_put_json_string(struct buf *self, const char *text, size_t bytes);

/* Drops the first `bytes` bytes. */
void buf_consume(struct buf *self, size_t bytes);

#endif
