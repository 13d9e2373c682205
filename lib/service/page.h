/*
 * Page tokens: opaque to clients, bound to the query that made them. A token is base64url over a
 * version, a digest of the query's method and arguments, and the position (a few short strings).
 * It holds no secret and grants nothing: a forged one can only name another position in the same
 * list, so the digest is a checksum, not a MAC.
 */
#ifndef DEPOT_SERVICE_PAGE_H
#define DEPOT_SERVICE_PAGE_H

#include <stdint.h>

#include "base/call.h"

enum { PAGE_POSITION_MAX = 4, PAGE_SIZE_DEFAULT = 50, PAGE_SIZE_MAX = 500 };

/* The size in force: the default for 0, at most the maximum. Negative ones are refused before. */
int32_t page_size(int32_t requested);

/*
 * Makes a token in the arena. `scope` is everything that the list depends on except page size and
 * token, ended by NULL ("ListResources", "cars"); `position` likewise.
 */
const char *page_token_make(struct call *call, const char *const *scope,
                            const char *const *position);

/*
 * Reads a token made for this scope; `position` gets `n` strings in the arena, all "" when the
 * token is empty. Otherwise BAD_PAGE_TOKEN at "/pageToken" becomes the call's problem.
 */
enum status page_token_read(struct call *call, const char *const *scope, const char *token,
                            const char **position, size_t n) MUST_CHECK;

#endif
