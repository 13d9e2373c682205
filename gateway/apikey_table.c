#include "apikey_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"

static const size_t limits[APIKEY_STATES] = {
    [APIKEY_GOOD] = LIMIT_API_KEYS,
    [APIKEY_REFUSED] = LIMIT_API_KEYS_REFUSED,
    [APIKEY_ASKED] = LIMIT_API_KEYS_ASKED,
};

void
apikey_table_init(struct apikey_table *self)
{
    *self = (struct apikey_table){0};
    randombytes_buf(self->seed, sizeof(self->seed));
}

void
apikey_table_fini(struct apikey_table *self)
{
    for (int state = 0; state < APIKEY_STATES; state++) {
        while (self->orders[state].oldest != NULL) {
            apikey_table_forget(self, self->orders[state].oldest);
        }
    }
    sodium_memzero(self->seed, sizeof(self->seed));
}

void
apikey_table_name(const struct apikey_table *self, const char *text, size_t bytes,
                  unsigned char name[static APIKEY_NAME_BYTES])
{
    crypto_generichash(name, APIKEY_NAME_BYTES, (const unsigned char *)text, bytes, self->seed,
                       sizeof(self->seed));
}

static struct apikey **
slot_of(struct apikey_table *self, const unsigned char name[static APIKEY_NAME_BYTES])
{
    uint64_t number;

    memcpy(&number, name, sizeof(number));
    return &self->slots[number % APIKEY_SLOTS];
}

struct apikey *
apikey_table_find(struct apikey_table *self, const unsigned char name[static APIKEY_NAME_BYTES])
{
    struct apikey *key = *slot_of(self, name);

    while (key != NULL && memcmp(key->name, name, APIKEY_NAME_BYTES) != 0) {
        key = key->next;
    }
    return key;
}

static void
leave_order(struct apikey_table *self, struct apikey *key)
{
    struct apikey_order *order = &self->orders[key->state];

    *(key->older != NULL ? &key->older->younger : &order->oldest) = key->younger;
    *(key->younger != NULL ? &key->younger->older : &order->youngest) = key->older;
    order->n--;
}

static void
become_youngest(struct apikey_table *self, struct apikey *key, enum apikey_state state)
{
    struct apikey_order *order = &self->orders[state];

    key->state = state;
    key->older = order->youngest;
    key->younger = NULL;
    *(order->youngest != NULL ? &order->youngest->younger : &order->oldest) = key;
    order->youngest = key;
    order->n++;
}

static void
drop_token(struct apikey *key)
{
    if (key->token != NULL) {
        sodium_memzero(key->token, key->token_bytes);
        free(key->token);
        key->token = NULL;
    }
}

bool
apikey_table_has_room(const struct apikey_table *self)
{
    return self->orders[APIKEY_ASKED].n < limits[APIKEY_ASKED];
}

struct apikey *
apikey_table_add(struct apikey_table *self, const unsigned char name[static APIKEY_NAME_BYTES])
{
    struct apikey *key = calloc(1, sizeof(*key));
    struct apikey **slot = slot_of(self, name);

    ASSERT(key != NULL && apikey_table_has_room(self));
    memcpy(key->name, name, APIKEY_NAME_BYTES);
    key->next = *slot;
    *slot = key;
    become_youngest(self, key, APIKEY_ASKED);
    return key;
}

void
apikey_table_change(struct apikey_table *self, struct apikey *key, enum apikey_state state)
{
    leave_order(self, key);
    if (self->orders[state].n >= limits[state]) {
        ASSERT(state != APIKEY_ASKED); /* somebody waits for that one */
        apikey_table_forget(self, self->orders[state].oldest);
    }
    drop_token(key);
    become_youngest(self, key, state);
}

void
apikey_table_touch(struct apikey_table *self, struct apikey *key)
{
    leave_order(self, key);
    become_youngest(self, key, key->state);
}

void
apikey_table_forget(struct apikey_table *self, struct apikey *key)
{
    struct apikey **link = slot_of(self, key->name);

    while (*link != key) {
        link = &(*link)->next;
    }
    *link = key->next;
    leave_order(self, key);
    drop_token(key);
    free(key);
}
