/* What the authority's answers say, read without trust. Private to lib/auth. */
#ifndef DEPOT_AUTH_AUTHORITY_H
#define DEPOT_AUTH_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/token.h"
#include "base/limits.h"
#include "depot/auth/v1/authority.pb-c.h"

/* What tokens are held against, but for revocations. */
struct authority {
    char epoch[TOKEN_ID_BYTES + 1]; /* "": nothing was learnt yet */
    char issuer[TOKEN_ISSUER_BYTES + 1], audience[TOKEN_ISSUER_BYTES + 1];
    struct token_key keys[LIMIT_AUTH_KEYS];
    uint64_t numbers[LIMIT_AUTH_KEYS]; /* of the keys; none is ever used again */
    size_t n_keys;
};

/*
 * False if the answer makes no sense: an epoch, issuer, audience, key or revocation that is none, a
 * kid that stands twice, more than LIMIT_AUTH_KEYS keys. The keys have no numbers yet.
 */
bool authority_read(const Depot__Auth__V1__PullAuthorityResponse *news, struct authority *out);

/* Gives the keys that `before` has their numbers, and to others new ones. */
void authority_number_keys(struct authority *self, const struct authority *before,
                           uint64_t *last_number);

/* Whether both have the same keys; the numbers are there. */
bool authority_same_keys(const struct authority *self, const struct authority *other);

bool authority_has_key(const struct authority *self, uint64_t number);

/* The number of the key with this kid, which is there. */
uint64_t authority_key_number(const struct authority *self, const char *kid);

#endif
