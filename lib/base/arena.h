/*
 * The memory of one request: allocated piece by piece, given back all at once.
 *
 * An arena is a list of blocks. It never gives single pieces back and never moves them. One
 * thread uses an arena at a time.
 */
#ifndef DEPOT_BASE_ARENA_H
#define DEPOT_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block; /* the newest, from which memory is taken */
    size_t block_bytes;        /* the size of an ordinary block */
    size_t used_bytes;         /* handed out since the last reset */
    size_t cap_bytes;          /* 0: no limit */
    bool exhausted;            /* memory was refused since the last reset */
};

/*
 * Takes caller's storage; allocates nothing yet. `block_bytes` is the size of the blocks, of which
 * the first is kept over a reset; `cap_bytes` bounds what is handed out between resets (0: no
 * bound).
 */
void arena_init(struct arena *self, size_t block_bytes, size_t cap_bytes);

/* Gives all memory back. The arena may be used again as after arena_init. */
void arena_fini(struct arena *self);

/* Ends the life of everything allocated; keeps one block. */
void arena_reset(struct arena *self);

/*
 * `bytes` of uninitialised memory, aligned for any type, alive until the next reset. NULL only
 * when the arena has a cap that would be passed; an arena without a cap never fails (the process
 * ends when the system has no memory). `bytes` may be 0. A refusal is noted in `exhausted`, so that
 * whoever owns the arena sees it even where the one who asked went on without.
 */
void *arena_alloc(struct arena *self, size_t bytes);

/* As arena_alloc, filled with zero bytes. */
void *arena_zalloc(struct arena *self, size_t bytes);

/* A copy of `bytes` bytes with a NUL byte behind them. NULL as arena_alloc. */
char *arena_copy(struct arena *self, const void *data, size_t bytes);

/* A copy of a string. NULL as arena_alloc. */
char *arena_strdup(struct arena *self, const char *text);

/* A formatted string. NULL as arena_alloc. */
char *arena_printf(struct arena *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *self, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
