/* Points in time as text (RFC 3339) and from microseconds since 1970-01-01T00:00:00Z. */
#ifndef DEPOT_PB_TIME_H
#define DEPOT_PB_TIME_H

#include <google/protobuf/timestamp.pb-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PB_TIME_TEXT_BYTES = 36 };

/*
 * Reads RFC 3339 with an offset (`T` and `Z` also in lower case), years 1 to 9999 in UTC, at most
 * six fractional digits, no leap second. False if it is not that; `out` is then untouched.
 */
bool pb_time_parse(const char *text, size_t bytes, Google__Protobuf__Timestamp *out);

/*
 * Writes `2026-03-01T09:00:00Z` with 0, 3, 6 or 9 fractional digits and a NUL; returns the length.
 * A moment outside of the years 1 to 9999 is written as the nearest second inside.
 */
size_t pb_time_format(const Google__Protobuf__Timestamp *time, char out[static PB_TIME_TEXT_BYTES]);

/* Whether it lies in the years 1 to 9999 and has whole microseconds. */
bool pb_time_valid(const Google__Protobuf__Timestamp *time);

/* From microseconds. */
void pb_time_from_us(int64_t us, Google__Protobuf__Timestamp *out);

#endif
