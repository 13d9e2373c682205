/*
 * What was taken back before its time: sessions (and API keys), and for accounts the least
 * generation of tokens that is still good. Private to lib/auth; not for several threads.
 *
 * Memory is bounded, and nothing that was taken back is ever good again because of it: when there
 * are more than LIMIT_AUTH_REVOCATIONS at one time, all tokens of before that moment are revoked
 * instead. Their owners get new ones, unless they were among the revoked.
 */
#ifndef DEPOT_AUTH_REVOCATIONS_H
#define DEPOT_AUTH_REVOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A UUID as bytes, or as two numbers to compare. */
struct auth_id {
    uint64_t words[2];
};

/* False if the text is no UUID. */
bool auth_id_parse(const char *text, struct auth_id *id);

/* The present, twice: what was taken back must not be forgotten because somebody sets the clock. */
struct revocations_now {
    int64_t steady_s; /* on a clock that nobody sets */
    int64_t wall_s;   /* as tokens have it */
};

struct revocation;

struct revocations {
    struct revocation *slots; /* open addressing; NULL while there is none */
    size_t n_slots, n_used;   /* n_slots is a power of two or 0 */
    int64_t all_before_s;     /* on the wall clock: tokens of before are revoked; 0: none are */
    int64_t pruned_s;         /* on the steady clock */
};

#define REVOCATIONS_INIT ((struct revocations){0})

void revocations_fini(struct revocations *self);

/* Forgets all of them. */
void revocations_clear(struct revocations *self);

/*
 * Tokens of the session are revoked, until `until_s` on the steady clock: no token of it lives
 * longer.
 */
void revocations_add_session(struct revocations *self, const struct auth_id *session,
                             const struct revocations_now *now, int64_t until_s);

/* The same for tokens of the account of a generation before `generation`. */
void revocations_add_account(struct revocations *self, const struct auth_id *account,
                             uint32_t generation, const struct revocations_now *now,
                             int64_t until_s);

/* Whether a token is revoked; its `not_before_s` is its `nbf`. */
bool revocations_hit(const struct revocations *self, const struct auth_id *session,
                     const struct auth_id *account, uint32_t generation, int64_t not_before_s);

/* Drops what no longer matters, at most once a minute: call it now and then, by the steady clock.
 */
void revocations_prune(struct revocations *self, int64_t steady_s);

#endif
