#include "auth/revocations.h"

#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/uuid.h"

enum { FIRST_SLOTS = 64, PRUNE_S = 60 };

/* A session has no generation: all of its tokens are revoked. */
#define EVERY_GENERATION UINT64_MAX

struct revocation {
    struct auth_id id;
    uint64_t least;  /* the least good generation; 0: the slot is free */
    int64_t until_s; /* on the steady clock: when it no longer matters */
};

static int
digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

bool
auth_id_parse(const char *text, struct auth_id *id)
{
    struct auth_id parsed = {{0}};
    unsigned n = 0;

    if (!uuid_valid(text, strlen(text))) {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text != '-') {
            parsed.words[n / 16] = parsed.words[n / 16] << 4 | (uint64_t)digit(*text);
            n++;
        }
    }
    *id = parsed;
    return true;
}

/* Ids are made here, of random bits and a time: nobody chooses them to collide. */
static size_t
first_slot(const struct revocations *self, const struct auth_id *id)
{
    uint64_t mixed = (id->words[0] ^ id->words[1]) * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(mixed >> 32) & (self->n_slots - 1);
}

/* The slot of the id, or the free one where it would be. There are slots, and free ones. */
static struct revocation *
find(const struct revocations *self, const struct auth_id *id)
{
    size_t at = first_slot(self, id);

    while (self->slots[at].least != 0 && memcmp(&self->slots[at].id, id, sizeof(*id)) != 0) {
        at = (at + 1) & (self->n_slots - 1);
    }
    return &self->slots[at];
}

void
revocations_fini(struct revocations *self)
{
    free(self->slots);
    *self = REVOCATIONS_INIT;
}

void
revocations_clear(struct revocations *self)
{
    revocations_fini(self);
}

static size_t
count_live(const struct revocations *self, int64_t now_s)
{
    size_t n = 0;

    for (size_t i = 0; i < self->n_slots; i++) {
        n += self->slots[i].least != 0 && self->slots[i].until_s > now_s;
    }
    return n;
}

/* Moves what matters into a table at most half full, with room for as much again. */
static void
rebuild(struct revocations *self, int64_t now_s)
{
    struct revocations fresh = *self;
    size_t n_live = count_live(self, now_s);

    fresh.n_used = n_live;
    fresh.n_slots = FIRST_SLOTS;
    while (fresh.n_slots < 4 * n_live) {
        fresh.n_slots *= 2;
    }
    fresh.slots = calloc(fresh.n_slots, sizeof(*fresh.slots));
    ASSERT(fresh.slots != NULL);
    for (size_t i = 0; i < self->n_slots; i++) {
        if (self->slots[i].least != 0 && self->slots[i].until_s > now_s) {
            *find(&fresh, &self->slots[i].id) = self->slots[i];
        }
    }
    free(self->slots);
    *self = fresh;
}

/* Its clock and the authority's may differ by as much, and the tokens of that second count, too. */
static void
revoke_all(struct revocations *self, int64_t wall_s)
{
    revocations_clear(self);
    self->all_before_s = wall_s + TOKEN_SKEW_S + 1;
}

static void
add(struct revocations *self, const struct auth_id *id, uint64_t least,
    const struct revocations_now *now, int64_t until_s)
{
    struct revocation *slot;

    if (2 * self->n_used >= self->n_slots) {
        rebuild(self, now->steady_s);
    }
    slot = find(self, id);
    if (slot->least == 0) {
        if (self->n_used == LIMIT_AUTH_REVOCATIONS) {
            revoke_all(self, now->wall_s);
            return;
        }
        self->n_used++;
    }
    slot->id = *id;
    slot->least = least > slot->least ? least : slot->least;
    slot->until_s = until_s > slot->until_s ? until_s : slot->until_s;
}

void
revocations_add_session(struct revocations *self, const struct auth_id *session,
                        const struct revocations_now *now, int64_t until_s)
{
    add(self, session, EVERY_GENERATION, now, until_s);
}

void
revocations_add_account(struct revocations *self, const struct auth_id *account,
                        uint32_t generation, const struct revocations_now *now, int64_t until_s)
{
    if (generation > 0) {
        add(self, account, generation, now, until_s);
    }
}

static bool
holds(const struct revocations *self, const struct auth_id *id, uint32_t generation)
{
    return self->n_used > 0 && generation < find(self, id)->least;
}

bool
revocations_hit(const struct revocations *self, const struct auth_id *session,
                const struct auth_id *account, uint32_t generation, int64_t not_before_s)
{
    return not_before_s < self->all_before_s || holds(self, session, generation) ||
           holds(self, account, generation);
}

void
revocations_prune(struct revocations *self, int64_t steady_s)
{
    if (steady_s < self->pruned_s + PRUNE_S) {
        return;
    }
    self->pruned_s = steady_s;
    if (self->n_used > 0) {
        rebuild(self, steady_s);
    }
}
