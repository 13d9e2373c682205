/* A verifier for a test, the authority's answer that it learns from, and the call that it checks.
 */
#ifndef UNIT_AUTH_VERIFIER_CASE_H
#define UNIT_AUTH_VERIFIER_CASE_H

#include "fixture.h"

enum { MAX_AGE_MS = 60000 };

extern struct auth_verifier *verifier;
extern struct call call;     /* of the last check */
extern struct answer answer; /* with the keys 0 and 1 */

void verifier_open(void);
void verifier_close(void);

/* The verifier learns the answer, which is one of now. */
void learn(void);

/* Checks a token; the reason why it is refused, or NULL: it is good. */
void expect_reason(const struct text *token, const struct reason *reason);

void expect_ready(bool wanted);
struct auth_verifier_counts counts(void);

/* A token of now, by the n-th key. */
struct text token_now(unsigned n);

#endif
