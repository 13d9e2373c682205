/* UUIDs (RFC 9562) as text. */
#ifndef DEPOT_BASE_UUID_H
#define DEPOT_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>

enum { UUID_TEXT_BYTES = 37 }; /* 36 characters and a NUL byte */

/* Less than every other UUID. */
#define UUID_NIL "00000000-0000-0000-0000-000000000000"

/* A new UUIDv7: milliseconds of the wall clock, then 74 random bits. Any thread may call it. */
void uuid_v7(char out[static UUID_TEXT_BYTES]);

/* Whether `text` is a UUID in the usual form of 8-4-4-4-12 hexadecimal digits, any case. */
bool uuid_valid(const char *text, size_t bytes);

/*
 * The one text of all that name the same UUID, with small letters, in `out`; `text` itself if it is
 * none. For whatever compares ids outside of the database, which does so by itself.
 */
const char *uuid_canonical(const char *text, char out[static UUID_TEXT_BYTES]);

#endif
