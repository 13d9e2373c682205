/*
 * API keys by their keyed hashes, and what is remembered of each. A state has room for so many keys
 * (base/limits.h); one more pushes out the one that was used least lately. Decides nothing.
 */
#ifndef DEPOT_GATEWAY_APIKEY_TABLE_H
#define DEPOT_GATEWAY_APIKEY_TABLE_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { APIKEY_SLOTS = 1024, APIKEY_NAME_BYTES = 32 };

enum apikey_state { APIKEY_GOOD, APIKEY_REFUSED, APIKEY_ASKED, APIKEY_STATES };

struct apikey {
    unsigned char name[APIKEY_NAME_BYTES]; /* the hash */
    enum apikey_state state;
    int64_t until_us;            /* good or refused */
    const struct reason *reason; /* refused */
    char *token;                 /* good */
    size_t token_bytes;
    struct apikeys_question *question; /* asked; the owner's */

    struct apikey *next;            /* of its slot */
    struct apikey *older, *younger; /* of its state, by last use */
};

struct apikey_order {
    struct apikey *oldest, *youngest;
    size_t n;
};

struct apikey_table {
    struct apikey_order orders[APIKEY_STATES];
    struct apikey *slots[APIKEY_SLOTS];
    unsigned char seed[crypto_generichash_KEYBYTES];
};

void apikey_table_init(struct apikey_table *self);

/* All keys are forgotten. */
void apikey_table_fini(struct apikey_table *self);

/* What the key is known by in this table. */
void apikey_table_name(const struct apikey_table *self, const char *text, size_t bytes,
                       unsigned char name[static APIKEY_NAME_BYTES]);

/* The key of this name, or NULL. */
struct apikey *apikey_table_find(struct apikey_table *self,
                                 const unsigned char name[static APIKEY_NAME_BYTES]);

/* A key that is not there yet, asked about; there must be room. */
struct apikey *apikey_table_add(struct apikey_table *self,
                                const unsigned char name[static APIKEY_NAME_BYTES]);

/* Whether one more key can be asked about. */
bool apikey_table_has_room(const struct apikey_table *self);

/* Changes the state of a key, which is then the youngest of it, and drops its token. */
void apikey_table_change(struct apikey_table *self, struct apikey *key, enum apikey_state state);

/* The key was used. */
void apikey_table_touch(struct apikey_table *self, struct apikey *key);

void apikey_table_forget(struct apikey_table *self, struct apikey *key);

#endif
