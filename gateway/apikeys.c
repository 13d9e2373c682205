#include "apikeys.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apikey_table.h"
#include "auth/token.h"
#include "base/arena.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"
#include "credentials.h"
#include "depot/auth/v1/authority.pb-c.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/wire.h"

enum { ARENA_BYTES = 16 * 1024, ADDRESS_BYTES = 64 };

/* An exchange under way, and who waits for it. */
struct apikeys_question {
    struct apikeys *owner;
    struct apikey *key;
    struct apikeys_wait *waits;
    struct rpc_request rpc;
    Depot__Auth__V1__ExchangeApiKeyRequest request;
    char text[CREDENTIALS_API_KEY_MAX_BYTES + 1];
    char request_id[LIMIT_REQUEST_ID_BYTES + 1];
    char client_address[ADDRESS_BYTES];
};

struct apikeys {
    struct apikeys_authority authority;
    struct apikey_table table;
    struct arena arena;        /* of an exchange's reply */
    struct apikeys_wait *over; /* their time has passed */
    int64_t due_us;            /* no wait ends before */
    uint64_t exchanges;
};

struct apikeys *
apikeys_new(const struct apikeys_authority *authority)
{
    struct apikeys *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->authority = *authority;
    self->due_us = INT64_MAX;
    arena_init(&self->arena, ARENA_BYTES, LIMIT_REPLY_BYTES);
    apikey_table_init(&self->table);
    return self;
}

/* --- what is known --- */

static struct apikey *
find(struct apikeys *self, const char *text, size_t bytes)
{
    unsigned char name[APIKEY_NAME_BYTES];

    apikey_table_name(&self->table, text, bytes, name);
    return apikey_table_find(&self->table, name);
}

static void
become_refused(struct apikeys *self, struct apikey *key, const struct reason *reason,
               int64_t now_us)
{
    apikey_table_change(&self->table, key, APIKEY_REFUSED);
    key->reason = reason;
    key->until_us = now_us + (int64_t)LIMIT_API_KEY_REFUSED_MS * 1000;
}

static void
become_good(struct apikeys *self, struct apikey *key, const struct apikeys_answer *answer,
            int64_t until_us)
{
    apikey_table_change(&self->table, key, APIKEY_GOOD);
    key->until_us = until_us;
    key->token_bytes = answer->token_bytes;
    key->token = malloc(answer->token_bytes);
    ASSERT(key->token != NULL);
    memcpy(key->token, answer->token, answer->token_bytes);
}

bool
apikeys_find(struct apikeys *self, const char *text, size_t bytes, int64_t now_us,
             struct apikeys_answer *out)
{
    struct apikey *key = find(self, text, bytes);

    if (key == NULL || key->state == APIKEY_ASKED) {
        return false;
    }
    if (now_us >= key->until_us) {
        apikey_table_forget(&self->table, key);
        return false;
    }
    apikey_table_touch(&self->table, key);
    *out = key->state == APIKEY_GOOD
               ? (struct apikeys_answer){.token = key->token, .token_bytes = key->token_bytes}
               : (struct apikeys_answer){.reason = key->reason};
    return true;
}

void
apikeys_drop(struct apikeys *self, const char *text, size_t bytes)
{
    struct apikey *key = find(self, text, bytes);

    if (key != NULL && key->state == APIKEY_GOOD) {
        apikey_table_forget(&self->table, key);
    }
}

/* --- waiting --- */

static void
join(struct apikeys_wait **list, struct apikeys_wait *wait)
{
    wait->list = list;
    wait->previous = NULL;
    wait->next = *list;
    if (wait->next != NULL) {
        wait->next->previous = wait;
    }
    *list = wait;
}

static void
leave(struct apikeys_wait *wait)
{
    *(wait->previous != NULL ? &wait->previous->next : wait->list) = wait->next;
    if (wait->next != NULL) {
        wait->next->previous = wait->previous;
    }
    wait->list = NULL;
}

void
apikeys_cancel(struct apikeys_wait *wait)
{
    if (wait->list != NULL) {
        leave(wait);
    }
}

/* One after another, since each may end others. */
static void
end_all(struct apikeys_wait **list, const struct apikeys_answer *answer)
{
    while (*list != NULL) {
        struct apikeys_wait *wait = *list;

        leave(wait);
        wait->done(wait, answer);
    }
}

static void
find_over(struct apikeys *self, struct apikeys_question *question, int64_t now_us)
{
    struct apikeys_wait *next;

    for (struct apikeys_wait *wait = question->waits; wait != NULL; wait = next) {
        next = wait->next;
        if (wait->deadline_us <= now_us) {
            leave(wait);
            join(&self->over, wait);
        } else if (wait->deadline_us < self->due_us) {
            self->due_us = wait->deadline_us;
        }
    }
}

void
apikeys_run(struct apikeys *self, int64_t now_us)
{
    static const struct apikeys_answer too_late = {.reason = &reason_deadline_exceeded};

    if (now_us < self->due_us) {
        return;
    }
    self->due_us = INT64_MAX;
    for (struct apikey *key = self->table.orders[APIKEY_ASKED].oldest; key != NULL;
         key = key->younger) {
        find_over(self, key->question, now_us);
    }
    end_all(&self->over, &too_late);
}

int64_t
apikeys_next_us(const struct apikeys *self)
{
    return self->due_us;
}

/* --- exchanges --- */

/* The reason of a refusal. Whatever else is wrong with a key: it is none. */
static const struct reason *
refusal(const struct rpc_reply *reply)
{
    static const struct reason *const known[] = {&reason_token_expired, &reason_token_revoked};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(reply->reason, known[i]->name) == 0) {
            return known[i];
        }
    }
    return &reason_token_invalid;
}

static bool
is_refused(enum status status)
{
    return status == STATUS_UNAUTHENTICATED || status == STATUS_PERMISSION_DENIED ||
           status == STATUS_INVALID_ARGUMENT || status == STATUS_NOT_FOUND;
}

/* The token and its life; NULL if it is none. */
static const char *
unpack_token(struct apikeys *self, const struct rpc_reply *reply, int32_t *life_s)
{
    const Depot__Auth__V1__ExchangeApiKeyResponse *response;
    ProtobufCMessage *message;

    arena_reset(&self->arena);
    if (pb_unpack(&self->arena, &depot__auth__v1__exchange_api_key_response__schema, reply->payload,
                  reply->payload_bytes, &message) != STATUS_OK) {
        return NULL;
    }
    response = (const Depot__Auth__V1__ExchangeApiKeyResponse *)message;
    *life_s = response->expires_in < TOKEN_LIFE_MAX_S ? response->expires_in : TOKEN_LIFE_MAX_S;
    return response->access_token[0] == '\0' ||
                   strlen(response->access_token) > TOKEN_TEXT_MAX_BYTES
               ? NULL
               : response->access_token;
}

/* The reply as an answer; `life_s` is set with a token. */
static struct apikeys_answer
read_reply(struct apikeys *self, const struct rpc_reply *reply, int32_t *life_s)
{
    const char *token;

    if (is_refused(reply->status)) {
        return (struct apikeys_answer){.reason = refusal(reply)};
    }
    token = reply->status == STATUS_OK ? unpack_token(self, reply, life_s) : NULL;
    if (token == NULL) {
        return (struct apikeys_answer){.reason = &reason_access_unknown,
                                       .retry_after_ms = reply->retry_after_ms};
    }
    return (struct apikeys_answer){.token = token, .token_bytes = strlen(token)};
}

static void
question_free(struct apikeys_question *self)
{
    sodium_memzero(self, sizeof(*self));
    free(self);
}

static void
exchanged(struct rpc_request *rpc, const struct rpc_reply *reply)
{
    struct apikeys_question *question = rpc->owner;
    struct apikeys *self = question->owner;
    struct apikey *key = question->key;
    int64_t now_us = clock_us();
    int32_t life_s = 0;
    struct apikeys_answer answer = read_reply(self, reply, &life_s);

    key->question = NULL;
    if (answer.token != NULL && life_s > LIMIT_API_KEY_MARGIN_S) {
        become_good(self, key, &answer,
                    now_us + (int64_t)(life_s - LIMIT_API_KEY_MARGIN_S) * 1000000);
    } else if (answer.token == NULL && answer.reason->code == STATUS_UNAUTHENTICATED) {
        become_refused(self, key, answer.reason, now_us);
    } else {
        apikey_table_forget(&self->table, key);
    }
    end_all(&question->waits, &answer);
    question_free(question);
}

static struct apikeys_question *
question_new(struct apikeys *self, struct apikey *key, const char *text, size_t bytes,
             const struct apikeys_wait *wait, int64_t now_us)
{
    struct apikeys_question *question = calloc(1, sizeof(*question));

    ASSERT(question != NULL);
    question->owner = self;
    question->key = key;
    memcpy(question->text, text, bytes);
    snprintf(question->request_id, sizeof(question->request_id), "%s", wait->request_id);
    snprintf(question->client_address, sizeof(question->client_address), "%s",
             wait->client_address);
    depot__auth__v1__exchange_api_key_request__init(&question->request);
    question->request.api_key = question->text;
    question->rpc = (struct rpc_request){
        .method = &depot__auth__v1__authority__exchange_api_key__method,
        .message = &question->request.base,
        .principal = "",
        .request_id = question->request_id,
        .traceparent = "",
        .idempotency_key = "",
        .access_token = "",
        .client_address = question->client_address,
        .deadline_us = now_us + (int64_t)LIMIT_API_KEY_EXCHANGE_MS * 1000,
        .done = exchanged,
        .owner = question,
    };
    return question;
}

/* Whether somebody is asked about the key now. */
static bool
is_asked(const struct apikey *key)
{
    return key != NULL && key->state == APIKEY_ASKED;
}

bool
apikeys_ask(struct apikeys *self, const char *text, size_t bytes, int64_t now_us,
            struct apikeys_wait *wait)
{
    unsigned char name[APIKEY_NAME_BYTES];
    struct apikey *key;

    apikey_table_name(&self->table, text, bytes, name);
    key = apikey_table_find(&self->table, name);
    if (!is_asked(key)) {
        if (!apikey_table_has_room(&self->table)) {
            return false;
        }
        if (key != NULL) {
            apikey_table_change(&self->table, key, APIKEY_ASKED);
        } else {
            key = apikey_table_add(&self->table, name);
        }
        key->question = question_new(self, key, text, bytes, wait, now_us);
        self->exchanges++;
        self->authority.submit(self->authority.closure, &key->question->rpc);
    }
    join(&key->question->waits, wait);
    self->due_us = wait->deadline_us < self->due_us ? wait->deadline_us : self->due_us;
    return true;
}

void
apikeys_free(struct apikeys *self)
{
    const struct apikey *key = self == NULL ? NULL : self->table.orders[APIKEY_ASKED].oldest;

    if (self == NULL) {
        return;
    }
    for (; key != NULL; key = key->younger) {
        ASSERT(key->question->waits == NULL);
        self->authority.cancel(self->authority.closure, &key->question->rpc);
        question_free(key->question);
    }
    apikey_table_fini(&self->table);
    arena_fini(&self->arena);
    free(self);
}

void
apikeys_counts(const struct apikeys *self, struct apikeys_counts *out)
{
    const struct apikey_order *orders = self->table.orders;

    *out = (struct apikeys_counts){.n_good = orders[APIKEY_GOOD].n,
                                   .n_refused = orders[APIKEY_REFUSED].n,
                                   .n_asked = orders[APIKEY_ASKED].n,
                                   .exchanges = self->exchanges};
}
