/*
 * Access tokens: JSON Web Tokens (RFC 7519) as RFC 9068 profiles them, in JWS compact form (RFC
 * 7515), signed with Ed25519 (RFC 8037) by libsodium. There is one algorithm; whatever a token says
 * of another one, or of where its key could be found (`jku`, `x5u`, `jwk`, `x5c`, `crit`), is a
 * reason to refuse it. Keys are found by `kid` among those that the authority gives out, nowhere
 * else. There are no clients in the sense of OAuth, hence no `client_id`.
 *
 * Pure functions over bytes; no clock, no network. Any thread.
 */
#ifndef DEPOT_AUTH_TOKEN_H
#define DEPOT_AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    TOKEN_KID_BYTES = 16,    /* characters of a kid; base64url of 12 random bytes */
    TOKEN_PUBLIC_BYTES = 32, /* an Ed25519 public key */
    TOKEN_SECRET_BYTES = 64, /* an Ed25519 secret key as libsodium has it */
    TOKEN_ID_BYTES = 36,     /* a UUID, in small letters */
    TOKEN_NAME_BYTES = 64,
    TOKEN_SCOPE_BYTES = 527,     /* 16 scopes of 32 characters, with a space between */
    TOKEN_ISSUER_BYTES = 64,     /* the audience, too */
    TOKEN_TEXT_MAX_BYTES = 2048, /* with the longest of all of these */
    TOKEN_LIFE_MAX_S =
        600,           /* from `nbf` to `exp`: nobody gives out longer ones, nobody takes them */
    TOKEN_SKEW_S = 30, /* how far two clocks may be apart */
};

struct token_key {
    char kid[TOKEN_KID_BYTES + 1];
    unsigned char public_key[TOKEN_PUBLIC_BYTES];
};

/* What a token says. */
struct token_claims {
    char kid[TOKEN_KID_BYTES + 1];     /* of the key that it is signed with */
    char subject[TOKEN_ID_BYTES + 1];  /* `sub`: the account's id */
    char session[TOKEN_ID_BYTES + 1];  /* `sid`: of the session, or of the API key */
    char id[TOKEN_ID_BYTES + 1];       /* `jti` */
    char name[TOKEN_NAME_BYTES + 1];   /* `preferred_username` */
    char scope[TOKEN_SCOPE_BYTES + 1]; /* `scope`; "": no bounds */
    unsigned role;       /* `role`: enum pb_role, MEMBER to ADMIN, by its name in lower case */
    bool is_program;     /* `amr`: "key" of an API key, "pwd" of a password */
    uint32_t generation; /* `gen`: the account's, one that was revoked ends all before it */
    int64_t not_before_s, expires_s; /* `nbf` (and `iat`), `exp`; seconds since 1970 */
};

enum token_verdict {
    TOKEN_GOOD,
    TOKEN_MALFORMED,   /* not a token of ours: form, header, algorithm, claims, issuer, audience */
    TOKEN_UNKNOWN_KEY, /* signed with a key that is not, or no longer, given out */
    TOKEN_FORGED,      /* the signature does not fit */
    TOKEN_OVER,        /* its time is over */
    TOKEN_EARLY,       /* its time has not begun */
};

/*
 * Appends the token's text; `secret` is the key whose kid is claims->kid. The issuer and the
 * audience are as token_issuer_fits asks. The claims must be such that token_read takes the token.
 */
void token_write(struct buf *out, const struct token_claims *claims, const char *issuer,
                 const char *audience, const unsigned char secret[static TOKEN_SECRET_BYTES]);

/* Whether it can be an issuer or an audience: 1 to TOKEN_ISSUER_BYTES printable characters of
 * ASCII, none of them a quote or a backslash. */
bool token_issuer_fits(const char *text);

/*
 * Reads a token and checks all of it but revocation. `claims` is filled for TOKEN_GOOD and
 * TOKEN_OVER, untouched else. The signature is checked before anything that it covers is believed.
 */
enum token_verdict token_read(const char *text, size_t bytes, const struct token_key *keys,
                              size_t n_keys, const char *issuer, const char *audience,
                              int64_t now_s, struct token_claims *claims);

/* The keys as a JWK Set (RFC 7517, RFC 8037): what `/.well-known/jwks.json` serves. */
void token_write_jwks(struct buf *out, const struct token_key *keys, size_t n_keys);

#endif
