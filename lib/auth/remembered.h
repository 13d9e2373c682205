/*
 * Tokens whose signature was found good, so that it need not be checked again: a table of a fixed
 * number of places, in which new tokens take those of expired ones, or of the ones longest unused
 * among the few that they compete with. Private to lib/auth; not for several threads.
 *
 * Places are found by a keyed hash, so that nobody can fill one corner of the table, and the whole
 * text is compared. That the comparison takes longer the more is alike tells nobody anything: it
 * begins only when a keyed hash of the signature is the same.
 */
#ifndef DEPOT_AUTH_REMEMBERED_H
#define DEPOT_AUTH_REMEMBERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/revocations.h"
#include "auth/token.h"
#include "base/limits.h"

/* The longest texts of a caller: id, session, name and scope, with their NUL bytes. */
enum {
    REMEMBERED_TEXTS_BYTES = 2 * (TOKEN_ID_BYTES + 1) + TOKEN_NAME_BYTES + 1 + TOKEN_SCOPE_BYTES + 1
};

struct remembered {
    struct auth_id session, account;
    int64_t not_before_s, expires_s;
    uint64_t key;  /* the number of the key that it is signed with */
    uint64_t news; /* what it was last held against; 0: nothing yet */
    uint64_t used; /* the turn in which it was last asked for */
    uint32_t generation;
    uint16_t token_bytes, texts_bytes;
    uint16_t session_at, name_at, scope_at; /* in the texts; the account's id is at 0 */
    uint8_t role;
    bool is_program, revoked;
    char data[]; /* the texts, then the token */
};

enum { REMEMBERED_WAYS = 16, REMEMBERED_SETS = LIMIT_AUTH_TOKENS / REMEMBERED_WAYS };

struct remembered_tokens {
    unsigned char key[16];
    uint64_t turn;
    size_t n_tokens;
    uint64_t hashes[REMEMBERED_SETS][REMEMBERED_WAYS];
    struct remembered *tokens[REMEMBERED_SETS][REMEMBERED_WAYS]; /* NULL: free */
};

/* Fills caller's storage, of which there is much. */
void remembered_init(struct remembered_tokens *self);

/* Forgets all tokens. */
void remembered_clear(struct remembered_tokens *self);

/* The hash that the following functions ask for. Needs no lock: its key never changes. */
uint64_t remembered_hash(const struct remembered_tokens *self, const char *token, size_t bytes);

/* The token, or NULL; it stays until the next remembered_put or remembered_clear. */
struct remembered *remembered_find(struct remembered_tokens *self, uint64_t hash, const char *token,
                                   size_t bytes);

/* Makes an entry out of what token_read has found, on the heap. */
struct remembered *remembered_new(const struct token_claims *claims, uint64_t key,
                                  const char *token, size_t bytes);

/* Takes over an entry. */
void remembered_put(struct remembered_tokens *self, uint64_t hash, struct remembered *token,
                    int64_t now_s);

#endif
