/*
 * Everybody who may ask something of a stack, with their tokens; some of the tokens are signed by
 * the test itself, with a key that it has put into the database as one of the authority's.
 */
#ifndef DEPOT_TESTS_SUPPORT_IDENTITY_H
#define DEPOT_TESTS_SUPPORT_IDENTITY_H

#include "auth/token.h"
#include "support/stack.h"

enum identity {
    IDENTITY_ANONYMOUS,
    IDENTITY_MEMBER, /* who owns what the test has made */
    IDENTITY_OTHER,  /* another member */
    IDENTITY_MANAGER,
    IDENTITY_ADMIN,
    IDENTITY_EXPIRED, /* a token of the member whose time is over */
    IDENTITY_REVOKED, /* one of a session that has been logged out of */
    IDENTITY_FORGED,  /* the member's, with the role turned into ADMIN */
    IDENTITY_API_KEY, /* of the member, for inventory.read only */
    IDENTITIES
};

extern const char *const identity_names[IDENTITIES];

struct identities {
    char token[IDENTITIES][STACK_TOKEN_BYTES]; /* for Authorization: Bearer; "" of nobody */
    char api_key_token[STACK_TOKEN_BYTES]; /* an access token that the API key was exchanged for */
    char member_id[37], other_id[37];
    struct token_key key; /* the test's own, known to every process */
    unsigned char secret[TOKEN_SECRET_BYTES];
};

/* Makes all of them; waits until what was revoked and the test's key are known everywhere. */
void identities_make(struct identities *self, const struct stack *stack);

/* Signs claims that are good for the member now, after `change` (may be NULL) has had them. */
void identities_sign(const struct identities *self, void (*change)(struct token_claims *claims),
                     char token[static STACK_TOKEN_BYTES]);

#endif
