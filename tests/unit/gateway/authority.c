#include "authority.h"

#include <criterion/criterion.h>
#include <depot/auth/v1/authority.pb-c.h>
#include <depot/auth/v1/authority.schema.h>
#include <depot/rpc/v1/reasons.schema.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/policy.h"
#include "base/clock.h"
#include "base/uuid.h"

#define ISSUER   "https://depot.example"
#define AUDIENCE "depot"

enum { REVOKED_MAX = 16 };

atomic_uint authority_exchanges;
atomic_bool authority_wedged, authority_away;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char epoch[UUID_TEXT_BYTES];
static struct token_key key;
static unsigned char secret[TOKEN_SECRET_BYTES];
static char revoked[REVOKED_MAX][UUID_TEXT_BYTES];
static int32_t n_revoked;

static void
make_key(void)
{
    unsigned char name[TOKEN_KID_BYTES * 3 / 4];

    randombytes_buf(name, sizeof(name));
    sodium_bin2base64(key.kid, sizeof(key.kid), name, sizeof(name),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    crypto_sign_keypair(key.public_key, secret);
}

void
authority_open(void)
{
    cr_assert_geq(sodium_init(), 0);
    make_key();
    uuid_v7(epoch);
    n_revoked = 0;
}

void
authority_rotate(void)
{
    pthread_mutex_lock(&mutex);
    make_key();
    pthread_mutex_unlock(&mutex);
}

void
authority_revoke(const char *session)
{
    pthread_mutex_lock(&mutex);
    cr_assert_lt(n_revoked, REVOKED_MAX);
    snprintf(revoked[n_revoked++], UUID_TEXT_BYTES, "%s", session);
    pthread_mutex_unlock(&mutex);
}

struct token_claims
authority_claims(const char *role)
{
    int64_t now_s = clock_wall_us() / 1000000;
    struct token_claims claims = {.subject = ADA,
                                  .name = "ada",
                                  .role = (unsigned)auth_role_parse(role),
                                  .not_before_s = now_s,
                                  .expires_s = now_s + 300};

    uuid_v7(claims.session);
    uuid_v7(claims.id);
    return claims;
}

/* The mutex is held. */
static char *
sign(struct token_claims claims)
{
    struct buf text = BUF_INIT;

    memcpy(claims.kid, key.kid, sizeof(claims.kid));
    token_write(&text, &claims, ISSUER, AUDIENCE, secret);
    buf_putc(&text, '\0');
    return text.data;
}

char *
authority_sign(const struct token_claims *claims)
{
    char *text;

    pthread_mutex_lock(&mutex);
    text = sign(*claims);
    pthread_mutex_unlock(&mutex);
    return text;
}

char *
authority_token(const char *role)
{
    const struct token_claims claims = authority_claims(role);

    return authority_sign(&claims);
}

/* --- the contract --- */

static void
put_keys(struct arena *arena, Depot__Auth__V1__PullAuthorityResponse *answer)
{
    Depot__Auth__V1__VerificationKey *put = (Depot__Auth__V1__VerificationKey *)pb_new(
        arena, &depot__auth__v1__verification_key__schema);
    char text[64];

    sodium_bin2base64(text, sizeof(text), key.public_key, sizeof(key.public_key),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    put->kid = arena_strdup(arena, key.kid);
    put->algorithm = arena_strdup(arena, "EdDSA");
    put->public_key = arena_strdup(arena, text);
    answer->n_keys = 1;
    answer->keys = arena_alloc(arena, sizeof(*answer->keys));
    answer->keys[0] = put;
}

static void
put_revocations(struct arena *arena, Depot__Auth__V1__PullAuthorityResponse *answer, int32_t after)
{
    answer->n_revocations = after < n_revoked ? (size_t)(n_revoked - after) : 0;
    answer->revocations = arena_alloc(arena, answer->n_revocations * sizeof(void *));
    for (size_t i = 0; i < answer->n_revocations; i++) {
        Depot__Auth__V1__Revocation *put =
            (Depot__Auth__V1__Revocation *)pb_new(arena, &depot__auth__v1__revocation__schema);

        put->session_id = arena_strdup(arena, revoked[(size_t)after + i]);
        put->matters_s = 600;
        answer->revocations[i] = put;
    }
    answer->last = n_revoked;
}

static void
pull(struct rpc_served *served)
{
    const Depot__Auth__V1__PullAuthorityRequest *request =
        (const Depot__Auth__V1__PullAuthorityRequest *)served->request;
    struct arena *arena = served->call.arena;
    Depot__Auth__V1__PullAuthorityResponse *answer =
        (Depot__Auth__V1__PullAuthorityResponse *)pb_new(
            arena, &depot__auth__v1__pull_authority_response__schema);

    pthread_mutex_lock(&mutex);
    answer->epoch = arena_strdup(arena, epoch);
    answer->issuer = arena_strdup(arena, ISSUER);
    answer->audience = arena_strdup(arena, AUDIENCE);
    put_keys(arena, answer);
    put_revocations(arena, answer, strcmp(request->epoch, epoch) == 0 ? request->after : 0);
    pthread_mutex_unlock(&mutex);
    served->status = STATUS_OK;
    served->reply = &answer->base;
}

void
authority_session(unsigned exchange, char out[static UUID_TEXT_BYTES])
{
    snprintf(out, UUID_TEXT_BYTES, "01890000-0000-7000-8000-0000%08x", exchange);
}

/* Whose the key is; NULL: nobody's. */
static const char *
role_of(const char *api_key)
{
    if (strcmp(api_key, KEY_MEMBER) == 0) {
        return "member";
    }
    return strcmp(api_key, KEY_MANAGER) == 0 || strcmp(api_key, KEY_READS) == 0 ? "manager" : NULL;
}

static void
exchange(struct rpc_served *served)
{
    const char *api_key =
        ((const Depot__Auth__V1__ExchangeApiKeyRequest *)served->request)->api_key;
    Depot__Auth__V1__ExchangeApiKeyResponse *answer =
        (Depot__Auth__V1__ExchangeApiKeyResponse *)pb_new(
            served->call.arena, &depot__auth__v1__exchange_api_key_response__schema);
    struct token_claims claims;
    char *text;

    atomic_fetch_add(&authority_exchanges, 1);
    while (atomic_load(&authority_wedged)) {
        usleep(5000);
    }
    if (role_of(api_key) == NULL) {
        served->status = strcmp(api_key, KEY_EXPIRED) == 0
                             ? call_fail(&served->call, &reason_token_expired, "Over.")
                             : call_fail(&served->call, &reason_token_invalid, "No.");
        return;
    }
    claims = authority_claims(role_of(api_key));
    claims.is_program = true;
    if (strcmp(api_key, KEY_READS) == 0) {
        strcpy(claims.scope, "inventory.read");
    }
    authority_session(atomic_load(&authority_exchanges), claims.session);
    text = authority_sign(&claims);
    answer->access_token = arena_strdup(served->call.arena, text);
    answer->expires_in = 300;
    free(text);
    served->status = STATUS_OK;
    served->reply = &answer->base;
}

void
authority_answer(struct rpc_served *served)
{
    if (atomic_load(&authority_away)) {
        served->status = call_fail(&served->call, &reason_db_unavailable, "Away.");
    } else if (strcmp(served->method->name, "PullAuthority") == 0) {
        pull(served);
    } else {
        exchange(served);
    }
}
