/*
 * The text of an API key: `dpk_` and 32 random bytes in base64url. It is shown once; kept is only
 * its SHA-256, which is enough for what nobody can guess.
 */
#ifndef DEPOT_ACCOUNTS_API_KEY_H
#define DEPOT_ACCOUNTS_API_KEY_H

#include <stdbool.h>

#include "base/arena.h"

enum {
    API_KEY_TEXT_BYTES = 4 + 43 + 1,
    API_KEY_PREFIX_BYTES = 8, /* of the text, shown to tell it from others */
};

/* A new one. */
void api_key_make(char text[static API_KEY_TEXT_BYTES]);

/* Whether a text has the form of one. */
bool api_key_valid(const char *text);

/* The hash of a text as a parameter `:'key_hash'::bytea`. NULL: the arena is at its cap. */
const char *api_key_hash(struct arena *arena, const char *text);

#endif
