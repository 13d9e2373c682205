/* Compares JSON with an expectation that may hold placeholders. */
#ifndef DEPOT_TESTS_SUPPORT_MATCH_H
#define DEPOT_TESTS_SUPPORT_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether `actual` is JSON that equals `expected`, member for member, no more and no less. In
 * `expected` the string "<uuid>" stands for any UUID, "<time>" for any RFC 3339 time, "<text>" for
 * any non-empty string, "<any>" for anything. On a mismatch `why` (of `why_bytes`) says where and
 * what.
 */
bool match_json(const char *expected, const char *actual, char *why, size_t why_bytes);

#endif
