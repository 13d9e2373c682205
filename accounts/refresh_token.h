/*
 * Refresh tokens: `dpr_` and, in base64url, the session's id (16 bytes), the token's number (4) and
 * a secret (32). The first secret of a session is random; each next one follows from the one before
 * by a MAC whose key is not in the database. So whoever knows a token, and only the service, knows
 * what comes after it: an answer that was lost can be given again without being kept, and from an
 * old token the chain leads to the newest, whose hash is kept, if it was ever a true one.
 */
#ifndef DEPOT_ACCOUNTS_REFRESH_TOKEN_H
#define DEPOT_ACCOUNTS_REFRESH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    REFRESH_TOKEN_SESSION_BYTES = 16,
    REFRESH_TOKEN_SECRET_BYTES = 32,
    REFRESH_TOKEN_HASH_BYTES = 32,

    /* How far back a token is known as a true one: ten days of a session that is renewed every
     * minute and a half; the chain is followed in some milliseconds. Of older ones nothing is
     * known, so nothing happens. */
    REFRESH_TOKEN_CHAIN_MAX = 10000,
};

struct refresh_token {
    unsigned char session[REFRESH_TOKEN_SESSION_BYTES];
    uint32_t number; /* 0 of the first; up to INT32_MAX */
    unsigned char secret[REFRESH_TOKEN_SECRET_BYTES];
};

/* The first of the session with this UUID. */
void refresh_token_first(const char *session_id, struct refresh_token *first);

/* False: the text has not the form of a token, or nothing can come after it. */
bool refresh_token_read(const char *text, struct refresh_token *token);

/* The one that comes after it; not of number INT32_MAX. */
void refresh_token_next(const struct refresh_token *self, struct refresh_token *next);

/* Whether the token of that number and hash comes after it, or is it. False also if it is more than
 * REFRESH_TOKEN_CHAIN_MAX away. The hashes are compared in constant time. */
bool refresh_token_leads_to(const struct refresh_token *self, int64_t number,
                            const unsigned char hash[static REFRESH_TOKEN_HASH_BYTES]);

/* Its text; the UUID of its session; its SHA-256 as a parameter `:'name'::bytea`. NULL: the arena
 * is at its cap. */
const char *refresh_token_text(struct arena *arena, const struct refresh_token *self);
const char *refresh_token_session(struct arena *arena, const struct refresh_token *self);
const char *refresh_token_hash(struct arena *arena, const struct refresh_token *self);

#endif
