#include "auth/remembered.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

/* The end of a signature: as good as random, and shorter to hash than a token. */
enum { HASHED_BYTES = 48 };

_Static_assert(LIMIT_AUTH_TOKENS % REMEMBERED_WAYS == 0, "sets are full");
_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t) && crypto_shorthash_KEYBYTES == 16,
               "SipHash");

void
remembered_init(struct remembered_tokens *self)
{
    memset(self, 0, sizeof(*self));
    crypto_shorthash_keygen(self->key);
}

void
remembered_clear(struct remembered_tokens *self)
{
    for (size_t i = 0; i < LIMIT_AUTH_TOKENS; i++) {
        struct remembered **at = &self->tokens[i / REMEMBERED_WAYS][i % REMEMBERED_WAYS];

        free(*at);
        *at = NULL;
    }
    self->n_tokens = 0;
}

uint64_t
remembered_hash(const struct remembered_tokens *self, const char *token, size_t bytes)
{
    size_t hashed = bytes < HASHED_BYTES ? bytes : HASHED_BYTES;
    uint64_t hash;

    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)token + bytes - hashed, hashed,
                     self->key);
    return hash;
}

static bool
is_token(const struct remembered *self, const char *token, size_t bytes)
{
    return self != NULL && self->token_bytes == bytes &&
           memcmp(self->data + self->texts_bytes, token, bytes) == 0;
}

struct remembered *
remembered_find(struct remembered_tokens *self, uint64_t hash, const char *token, size_t bytes)
{
    size_t set = hash % REMEMBERED_SETS;

    for (size_t i = 0; i < REMEMBERED_WAYS; i++) {
        struct remembered *found = self->tokens[set][i];

        if (self->hashes[set][i] == hash && is_token(found, token, bytes)) {
            found->used = ++self->turn;
            return found;
        }
    }
    return NULL;
}

static uint16_t
put_text(struct remembered *self, const char *text)
{
    size_t bytes = strlen(text) + 1;
    uint16_t at = self->texts_bytes;

    memcpy(self->data + at, text, bytes);
    self->texts_bytes = (uint16_t)(at + bytes);
    return at;
}

struct remembered *
remembered_new(const struct token_claims *claims, uint64_t key, const char *token, size_t bytes)
{
    size_t texts_bytes = strlen(claims->subject) + strlen(claims->session) + strlen(claims->name) +
                         strlen(claims->scope) + 4;
    struct remembered *self = malloc(sizeof(*self) + texts_bytes + bytes);

    ASSERT(self != NULL && bytes <= TOKEN_TEXT_MAX_BYTES && texts_bytes <= REMEMBERED_TEXTS_BYTES);
    *self = (struct remembered){
        .not_before_s = claims->not_before_s,
        .expires_s = claims->expires_s,
        .key = key,
        .generation = claims->generation,
        .token_bytes = (uint16_t)bytes,
        .role = (uint8_t)claims->role,
        .is_program = claims->is_program,
    };
    ASSERT(auth_id_parse(claims->session, &self->session));
    ASSERT(auth_id_parse(claims->subject, &self->account));
    put_text(self, claims->subject);
    self->session_at = put_text(self, claims->session);
    self->name_at = put_text(self, claims->name);
    self->scope_at = put_text(self, claims->scope);
    memcpy(self->data + self->texts_bytes, token, bytes);
    return self;
}

/* The less, the sooner a place is given away. */
static uint64_t
worth(const struct remembered *token, int64_t now_s)
{
    if (token == NULL) {
        return 0;
    }
    return token->expires_s <= now_s ? 1 : 2 + token->used;
}

static size_t
choose_way(const struct remembered_tokens *self, size_t set, uint64_t hash,
           const struct remembered *token, int64_t now_s)
{
    size_t way = 0;

    for (size_t i = 0; i < REMEMBERED_WAYS; i++) {
        const struct remembered *there = self->tokens[set][i];

        if (self->hashes[set][i] == hash &&
            is_token(there, token->data + token->texts_bytes, token->token_bytes)) {
            return i; /* two threads have checked it at the same time */
        }
        if (worth(there, now_s) < worth(self->tokens[set][way], now_s)) {
            way = i;
        }
    }
    return way;
}

void
remembered_put(struct remembered_tokens *self, uint64_t hash, struct remembered *token,
               int64_t now_s)
{
    size_t set = hash % REMEMBERED_SETS;
    size_t way = choose_way(self, set, hash, token, now_s);

    self->n_tokens += self->tokens[set][way] == NULL;
    free(self->tokens[set][way]);
    token->used = ++self->turn;
    self->tokens[set][way] = token;
    self->hashes[set][way] = hash;
}
