/* The text forms of google.protobuf.Duration and FieldMask. */
#ifndef DEPOT_PB_KNOWN_H
#define DEPOT_PB_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { PB_DURATION_TEXT_BYTES = 40 };

enum pb_duration {
    PB_DURATION_OK,
    PB_DURATION_MALFORMED,
    PB_DURATION_TOO_LONG, /* beyond 10,000 years either way */
};

/* Reads `1.5s`: at most nine fractional digits. Seconds and nanoseconds have the same sign. */
enum pb_duration pb_duration_parse(const char *text, size_t bytes, int64_t *seconds,
                                   int32_t *nanos);

/* Whether it lies within 10,000 years and both parts have the same sign. */
bool pb_duration_valid(int64_t seconds, int32_t nanos);

/* Writes `1.500s` with 0, 3, 6 or 9 fractional digits, without a NUL; returns the length. */
size_t pb_duration_write(int64_t seconds, int32_t nanos, char out[static PB_DURATION_TEXT_BYTES]);

enum pb_mask {
    PB_MASK_OK,
    PB_MASK_MALFORMED,
    PB_MASK_EXHAUSTED, /* the arena's cap is reached */
};

/*
 * Reads `name,startTime.nanos` to the paths `name` and `start_time.nanos`; at most
 * LIMIT_JSON_MEMBERS of them.
 */
enum pb_mask pb_mask_parse(struct arena *arena, const char *text, size_t bytes, char ***paths,
                           size_t *n_paths);

#endif
