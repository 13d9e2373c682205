/*
 * One mutex guards everything: what it is held for is a look into a table and a copy of some
 * hundred bytes. A lock for many readers would be no better, since every look counts itself. The
 * signature of a new token is checked without it, against a copy of the keys.
 */
#include "auth/verifier.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/authority.h"
#include "auth/remembered.h"
#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"

struct auth_verifier {
    pthread_mutex_t mutex;
    int64_t max_age_us;
    struct authority authority;
    struct revocations revocations;
    int32_t last;
    int64_t confirmed_us; /* when what is known was all there was to know; -1: never */
    uint64_t news;        /* grows with everything that a remembered token must be held against */
    uint64_t last_key;
    uint64_t verified, answered, refused;
    struct remembered_tokens tokens;
};

/* Who a token belongs to: what is copied while the lock is held. */
struct found {
    unsigned role;
    bool is_program;
    uint16_t session_at, name_at, scope_at, texts_bytes;
    char texts[REMEMBERED_TEXTS_BYTES];
};

/* Some milliseconds late, and a fraction of the price. */
static int64_t
coarse_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t
now_s(void)
{
    return coarse_us(CLOCK_REALTIME_COARSE) / 1000000;
}

static int64_t
steady_s(void)
{
    return coarse_us(CLOCK_MONOTONIC_COARSE) / 1000000;
}

struct auth_verifier *
auth_verifier_new(int64_t max_age_ms)
{
    struct auth_verifier *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL && sodium_init() >= 0);
    pthread_mutex_init(&self->mutex, NULL);
    remembered_init(&self->tokens);
    self->max_age_us = max_age_ms * 1000;
    self->confirmed_us = -1;
    self->news = 1;
    return self;
}

void
auth_verifier_free(struct auth_verifier *self)
{
    remembered_clear(&self->tokens);
    revocations_fini(&self->revocations);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

/* --- what is known --- */

static void
forget(struct auth_verifier *self)
{
    remembered_clear(&self->tokens);
    revocations_clear(&self->revocations);
    self->confirmed_us = -1;
}

static void
take_revocation(struct auth_verifier *self, const Depot__Auth__V1__Revocation *said)
{
    struct revocations_now now = {steady_s(), now_s()};
    int64_t matters_s = said->matters_s < 0 ? 0 : said->matters_s;
    int64_t until_s;
    struct auth_id id;

    matters_s = matters_s < TOKEN_LIFE_MAX_S ? matters_s : TOKEN_LIFE_MAX_S;
    until_s = now.steady_s + matters_s + TOKEN_SKEW_S;
    if (said->session_id[0] != '\0') {
        ASSERT(auth_id_parse(said->session_id, &id));
        revocations_add_session(&self->revocations, &id, &now, until_s);
    } else {
        ASSERT(auth_id_parse(said->user_id, &id));
        revocations_add_account(&self->revocations, &id, (uint32_t)said->generation, &now, until_s);
    }
}

/* The lock is held; `fresh` is what the answer says, without the keys' numbers. */
static void
take(struct auth_verifier *self, const Depot__Auth__V1__PullAuthorityResponse *news,
     struct authority *fresh, int64_t asked_us)
{
    bool other_epoch = strcmp(fresh->epoch, self->authority.epoch) != 0;

    if (other_epoch || strcmp(fresh->issuer, self->authority.issuer) != 0 ||
        strcmp(fresh->audience, self->authority.audience) != 0) {
        forget(self);
    }
    authority_number_keys(fresh, &self->authority, &self->last_key);
    if (news->n_revocations > 0 || !authority_same_keys(fresh, &self->authority)) {
        self->news++;
    }
    self->authority = *fresh;
    for (size_t i = 0; i < news->n_revocations; i++) {
        take_revocation(self, news->revocations[i]);
    }
    revocations_prune(&self->revocations, steady_s());
    self->last = news->last;
    if (!news->more && asked_us > self->confirmed_us) {
        self->confirmed_us = asked_us;
    }
}

bool
auth_verifier_learn(struct auth_verifier *self, const Depot__Auth__V1__PullAuthorityResponse *news,
                    int64_t asked_us)
{
    struct authority fresh;

    if (!authority_read(news, &fresh)) {
        return false;
    }
    pthread_mutex_lock(&self->mutex);
    take(self, news, &fresh, asked_us);
    pthread_mutex_unlock(&self->mutex);
    return true;
}

int32_t
auth_verifier_known(struct auth_verifier *self, char epoch[static 37])
{
    int32_t last;

    pthread_mutex_lock(&self->mutex);
    memcpy(epoch, self->authority.epoch, sizeof(self->authority.epoch));
    last = self->last;
    pthread_mutex_unlock(&self->mutex);
    return last;
}

/* The lock is held. */
static const char *
find_objection(const struct auth_verifier *self)
{
    if (self->confirmed_us < 0) {
        return "The accounts service was not reached yet.";
    }
    if (coarse_us(CLOCK_MONOTONIC_COARSE) - self->confirmed_us > self->max_age_us) {
        return "The accounts service has been away for too long.";
    }
    return NULL;
}

bool
auth_verifier_ready(struct auth_verifier *self, const char **why)
{
    const char *objection;

    pthread_mutex_lock(&self->mutex);
    objection = find_objection(self);
    pthread_mutex_unlock(&self->mutex);
    if (objection != NULL) {
        *why = objection;
    }
    return objection == NULL;
}

bool
auth_verifier_write_jwks(struct auth_verifier *self, struct buf *out)
{
    struct authority authority;

    pthread_mutex_lock(&self->mutex);
    authority = self->authority;
    pthread_mutex_unlock(&self->mutex);
    if (authority.epoch[0] == '\0') {
        return false;
    }
    token_write_jwks(out, authority.keys, authority.n_keys);
    return true;
}

void
auth_verifier_counts(struct auth_verifier *self, struct auth_verifier_counts *out)
{
    int64_t now_us = coarse_us(CLOCK_MONOTONIC_COARSE);

    pthread_mutex_lock(&self->mutex);
    *out = (struct auth_verifier_counts){
        .verified = self->verified,
        .remembered = self->answered,
        .refused = self->refused,
        .n_tokens = self->tokens.n_tokens,
        .n_keys = self->authority.n_keys,
        .n_revocations = self->revocations.n_used,
        .age_ms = -1,
    };
    if (self->confirmed_us >= 0) {
        out->age_ms = now_us > self->confirmed_us ? (now_us - self->confirmed_us) / 1000 : 0;
    }
    pthread_mutex_unlock(&self->mutex);
}

/* --- tokens --- */

/* Holds a token against what is new since the last time. What was revoked once stays it. */
static void
hold(const struct auth_verifier *self, struct remembered *token)
{
    if (token->news != self->news) {
        token->news = self->news;
        token->revoked = token->revoked || !authority_has_key(&self->authority, token->key) ||
                         revocations_hit(&self->revocations, &token->session, &token->account,
                                         token->generation, token->not_before_s);
    }
}

/* The lock is held. */
static const struct reason *
conclude(const struct auth_verifier *self, struct remembered *token, struct found *found)
{
    hold(self, token);
    if (token->expires_s <= now_s()) {
        return &reason_token_expired;
    }
    if (token->revoked) {
        return &reason_token_revoked;
    }
    found->role = token->role;
    found->is_program = token->is_program;
    found->session_at = token->session_at;
    found->name_at = token->name_at;
    found->scope_at = token->scope_at;
    found->texts_bytes = token->texts_bytes;
    memcpy(found->texts, token->data, token->texts_bytes);
    return NULL;
}

/* False if the signature must be checked; then `authority` has what it takes. */
static bool
recall(struct auth_verifier *self, uint64_t hash, const char *text, size_t bytes,
       struct authority *authority, struct found *found, const struct reason **why)
{
    struct remembered *token = NULL;
    bool ended = true;

    pthread_mutex_lock(&self->mutex);
    if (find_objection(self) != NULL) {
        *why = &reason_access_unknown;
    } else if ((token = remembered_find(&self->tokens, hash, text, bytes)) != NULL) {
        *why = conclude(self, token, found);
        self->answered += *why == NULL;
    } else {
        *authority = self->authority;
        ended = false;
    }
    pthread_mutex_unlock(&self->mutex);
    return ended;
}

/* Whether a key may have been made that is not known yet. */
static bool
is_out_of_touch(struct auth_verifier *self)
{
    int64_t now_us = coarse_us(CLOCK_MONOTONIC_COARSE);
    bool old;

    pthread_mutex_lock(&self->mutex);
    old = now_us - self->confirmed_us > LIMIT_AUTH_FRESH_MS * 1000;
    pthread_mutex_unlock(&self->mutex);
    return old;
}

/* A token is early when this machine's clock is late: no fault of who has just been given it. */
static const struct reason *
refusal_of(struct auth_verifier *self, enum token_verdict verdict)
{
    if (verdict == TOKEN_EARLY || (verdict == TOKEN_UNKNOWN_KEY && is_out_of_touch(self))) {
        return &reason_access_unknown;
    }
    return verdict == TOKEN_OVER ? &reason_token_expired : &reason_token_invalid;
}

static const struct reason *
verify(struct auth_verifier *self, uint64_t hash, const char *text, size_t bytes,
       const struct authority *authority, struct found *found)
{
    struct token_claims claims;
    enum token_verdict verdict =
        token_read(text, bytes, authority->keys, authority->n_keys, authority->issuer,
                   authority->audience, now_s(), &claims);
    struct remembered *token;
    const struct reason *why;

    if (verdict != TOKEN_GOOD) {
        return refusal_of(self, verdict);
    }
    token = remembered_new(&claims, authority_key_number(authority, claims.kid), text, bytes);
    pthread_mutex_lock(&self->mutex);
    why = conclude(self, token, found);
    remembered_put(&self->tokens, hash, token, now_s());
    self->verified++;
    pthread_mutex_unlock(&self->mutex);
    return why;
}

static const struct reason *
find_caller(struct auth_verifier *self, const char *text, size_t bytes, struct found *found)
{
    struct authority authority;
    uint64_t hash;
    const struct reason *why;

    _Static_assert((int)TOKEN_TEXT_MAX_BYTES <= (int)LIMIT_ACCESS_TOKEN_BYTES,
                   "calls carry tokens");
    if (bytes > TOKEN_TEXT_MAX_BYTES) {
        return &reason_token_invalid;
    }
    hash = remembered_hash(&self->tokens, text, bytes);
    if (recall(self, hash, text, bytes, &authority, found, &why)) {
        return why;
    }
    return verify(self, hash, text, bytes, &authority, found);
}

static enum status
refuse(struct auth_verifier *self, struct call *call, const struct reason *why)
{
    pthread_mutex_lock(&self->mutex);
    self->refused++;
    pthread_mutex_unlock(&self->mutex);
    if (why == &reason_access_unknown) {
        call->problem.retry_after_ms = LIMIT_RETRY_AFTER_MS;
        return call_fail(call, why, "Who asks cannot be checked now; try again in a moment.");
    }
    if (why == &reason_token_expired) {
        return call_fail(call, why, "The access token has expired: get a new one.");
    }
    if (why == &reason_token_revoked) {
        return call_fail(call, why, "The access token was taken back: log in again.");
    }
    return call_fail(call, why, "The access token is not valid.");
}

enum status
auth_verifier_check(struct auth_verifier *self, struct call *call, const char *token,
                    size_t token_bytes)
{
    struct found found;
    const struct reason *why = find_caller(self, token, token_bytes, &found);
    char *texts;

    if (why != NULL) {
        return refuse(self, call, why);
    }
    texts = arena_copy(call->arena, found.texts, found.texts_bytes);
    if (texts == NULL) {
        return call_fail(call, &reason_internal_error, "The call has no memory left.");
    }
    call->caller = (struct caller){
        .id = texts,
        .name = texts + found.name_at,
        .session = texts + found.session_at,
        .scope = texts + found.scope_at,
        .role = found.role,
        .is_program = found.is_program,
    };
    call->principal = call->caller.id;
    return STATUS_OK;
}
