/* POSIX extended regular expressions of the contract, compiled once. */
#ifndef DEPOT_PB_PATTERN_H
#define DEPOT_PB_PATTERN_H

#include <stdbool.h>

/*
 * Whether the text matches. `pattern` is a constant of the contract (kept by address, for the life
 * of the process); one that does not compile is a bug. Any thread.
 */
bool pb_pattern_matches(const char *pattern, const char *text);

#endif
