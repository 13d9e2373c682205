/* An authority for the tests of this folder: keys, tokens of it, and forgeries. */
#ifndef UNIT_AUTH_FIXTURE_H
#define UNIT_AUTH_FIXTURE_H

#include "auth/policy.h"
#include "auth/verifier.h"

#define ISSUER   "https://depot.example"
#define AUDIENCE "depot"
#define ANNA     "0195a3c0-7c00-7000-8000-000000000001"
#define SESSION  "0195a3c0-7c00-7000-8000-0000000000aa"
#define EPOCH    "0195a3c0-7c00-7000-8000-00000000e0c1"

enum { NOW_S = 1800000000 };

struct pair {
    struct token_key key;
    unsigned char secret[TOKEN_SECRET_BYTES];
};

/* The n-th key pair: always the same. */
struct pair pair_of(unsigned n);

/* Anna's, from NOW_S on for 300 s, by the n-th key. */
struct token_claims claims_of(unsigned n);

/* A token as text, with a NUL byte behind it. */
struct text {
    char text[8192];
    size_t bytes;
};

struct text write_token(const struct token_claims *claims, unsigned n);

/* base64url without padding. */
struct text base64(const void *data, size_t bytes);

/* Signs whatever header and claims with the n-th key. */
struct text forge(const char *header, const char *claims, unsigned n);

/* The header and the claims of claims_of(n), as JSON. */
struct text header_json(unsigned n);
struct text claims_json(unsigned n);

/* The text with the first `from` in it replaced, which must be there. */
struct text replace(const struct text *text, const char *from, const char *to);

/* Reads with the keys 0 and 1 at NOW_S. */
enum token_verdict read_text(const struct text *token, struct token_claims *claims);

/* Reads it like that from memory that ends with it; `what` says in a failure which it is. */
void expect_verdict(const struct text *token, enum token_verdict wanted, const char *what);

/* What an authority answers: the keys `first` to `first + n - 1`, in EPOCH, without revocations. */
struct answer {
    Depot__Auth__V1__PullAuthorityResponse message;
    Depot__Auth__V1__VerificationKey keys[20], *key_pointers[20];
    struct text public_keys[20];
    struct pair pairs[20];
    Depot__Auth__V1__Revocation revocations[8], *revocation_pointers[8];
};

void answer_init(struct answer *self, unsigned first, size_t n);
void answer_revoke_session(struct answer *self, const char *session);
void answer_revoke_user(struct answer *self, const char *user, int32_t generation);

/* A token of now, by the n-th key: for verifiers, who look at the clock. */
struct token_claims claims_now(unsigned n);

#endif
