/*
 * Who is asking? What a process knows of the authority (its keys, what was revoked), and the tokens
 * that it has checked already. A token's signature is verified once; after that a lookup, and a
 * comparison of its time, is all it costs, until something was revoked or keys have changed: then
 * what is remembered is held against that once more, without the signature.
 *
 * Knowledge grows old: it is good for `max_age_ms` after it was last confirmed; then nobody is let
 * in by it (ACCESS_UNKNOWN). Any thread may call any function.
 */
#ifndef DEPOT_AUTH_VERIFIER_H
#define DEPOT_AUTH_VERIFIER_H

#include "auth/token.h"
#include "base/call.h"
#include "depot/auth/v1/authority.pb-c.h"

struct auth_verifier;

/* `max_age_ms`: REVOCATION_MAX_AGE. */
struct auth_verifier *auth_verifier_new(int64_t max_age_ms);
void auth_verifier_free(struct auth_verifier *self);

/*
 * Takes in an answer of the authority that was asked for at `asked_us` (on clock_us()): an answer
 * says what was true then. Of another epoch than before, all that was known before is forgotten.
 * False: the answer makes no sense (a key that is none); nothing of it was taken.
 */
bool auth_verifier_learn(struct auth_verifier *self,
                         const Depot__Auth__V1__PullAuthorityResponse *news, int64_t asked_us);

/* What to ask for next: the epoch (copied into `epoch`, at least 37 bytes) and the number. */
int32_t auth_verifier_known(struct auth_verifier *self, char epoch[static 37]);

/* Whether its knowledge is young enough to let somebody in; if not, `why` gets a constant text. */
bool auth_verifier_ready(struct auth_verifier *self, const char **why);

/*
 * Finds out who the caller is. With STATUS_OK call->caller and call->principal are set, in the
 * call's arena. Else the call has its problem: TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED,
 * ACCESS_UNKNOWN (with retry_after_ms): knowledge is too old, or it is older than
 * LIMIT_AUTH_FRESH_MS and the token's key may be newer, or the token is not good yet, since the
 * clocks differ. Which check failed is for the log of the process only, never for the client.
 */
enum status auth_verifier_check(struct auth_verifier *self, struct call *call, const char *token,
                                size_t token_bytes) MUST_CHECK;

/* The present keys as a JWK Set; false before the first were learnt. */
bool auth_verifier_write_jwks(struct auth_verifier *self, struct buf *out);

/* For /metrics: verified signatures, answers from memory, refusals, revocations known, age of
 * knowledge in ms. */
struct auth_verifier_counts {
    uint64_t verified, remembered, refused;
    size_t n_tokens, n_keys, n_revocations;
    int64_t age_ms; /* -1: nothing was ever learnt */
};
void auth_verifier_counts(struct auth_verifier *self, struct auth_verifier_counts *out);

#endif
