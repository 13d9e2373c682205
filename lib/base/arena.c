#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

struct arena_block {
    struct arena_block *older;
    size_t size_bytes;
    size_t used_bytes;
    _Alignas(max_align_t) unsigned char data[];
};

void
arena_init(struct arena *self, size_t block_bytes, size_t cap_bytes)
{
    *self = (struct arena){.block_bytes = block_bytes, .cap_bytes = cap_bytes};
}

void
arena_fini(struct arena *self)
{
    while (self->block != NULL) {
        struct arena_block *older = self->block->older;

        free(self->block);
        self->block = older;
    }
    self->used_bytes = 0;
}

void
arena_reset(struct arena *self)
{
    while (self->block != NULL && self->block->older != NULL) {
        struct arena_block *older = self->block->older;

        free(self->block);
        self->block = older;
    }
    if (self->block != NULL && self->block->size_bytes > self->block_bytes) {
        free(self->block); /* an outsized first block is not worth keeping */
        self->block = NULL;
    }
    if (self->block != NULL) {
        self->block->used_bytes = 0;
    }
    self->used_bytes = 0;
    self->exhausted = false;
}

static void
arena_grow(struct arena *self, size_t bytes)
{
    size_t size = bytes > self->block_bytes ? bytes : self->block_bytes;
    struct arena_block *block = malloc(sizeof(*block) + size);

    ASSERT(block != NULL);
    block->older = self->block;
    block->size_bytes = size;
    block->used_bytes = 0;
    self->block = block;
}

static bool
has_room(const struct arena *self, size_t bytes)
{
    return self->cap_bytes == 0 ||
           (self->used_bytes <= self->cap_bytes && bytes <= self->cap_bytes - self->used_bytes);
}

void *
arena_alloc(struct arena *self, size_t bytes)
{
    const size_t align = _Alignof(max_align_t);
    size_t rounded_bytes = (bytes + align - 1) / align * align;
    void *memory;

    if (bytes > SIZE_MAX / 2 || !has_room(self, rounded_bytes)) {
        self->exhausted = true;
        return NULL;
    }
    bytes = rounded_bytes;
    if (self->block == NULL || bytes > self->block->size_bytes - self->block->used_bytes) {
        arena_grow(self, bytes);
    }
    memory = self->block->data + self->block->used_bytes;
    self->block->used_bytes += bytes;
    self->used_bytes += bytes;
    return memory;
}

void *
arena_zalloc(struct arena *self, size_t bytes)
{
    void *memory = arena_alloc(self, bytes);

    if (memory != NULL) {
        memset(memory, 0, bytes);
    }
    return memory;
}

char *
arena_copy(struct arena *self, const void *data, size_t bytes)
{
    char *copy = arena_alloc(self, bytes + 1);

    if (copy != NULL) {
        if (bytes != 0) {
            memcpy(copy, data, bytes);
        }
        copy[bytes] = '\0';
    }
    return copy;
}

char *
arena_strdup(struct arena *self, const char *text)
{
    return arena_copy(self, text, strlen(text));
}

char *
arena_vprintf(struct arena *self, const char *format, va_list args)
{
    va_list again;
    char *text;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ASSERT(length >= 0);
    text = arena_alloc(self, (size_t)length + 1);
    if (text != NULL) {
        vsnprintf(text, (size_t)length + 1, format, args);
    }
    return text;
}

char *
arena_printf(struct arena *self, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(self, format, args);
    va_end(args);
    return text;
}
