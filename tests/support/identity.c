#include "support/identity.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "depot/auth/v1/authority.schema.h"
#include "pb/schema.h"
#include "rpc/stub.h"

const char *const identity_names[IDENTITIES] = {
    "anonymous", "member",  "another member", "manager", "admin",
    "expired",   "revoked", "forged",         "api key",
};

/* A key of ours among the authority's: nobody there can sign with it, everybody verifies by it. */
static void
add_key(struct identities *self, const struct stack *stack)
{
    char public_key[2 * TOKEN_PUBLIC_BYTES + 1];
    char sql[512];

    crypto_sign_keypair(self->key.public_key, self->secret);
    snprintf(self->key.kid, sizeof(self->key.kid), "%s", "key-of-the-tests");
    sodium_bin2hex(public_key, sizeof(public_key), self->key.public_key, TOKEN_PUBLIC_BYTES);
    snprintf(
        sql, sizeof(sql),
        "INSERT INTO accounts.signing_key (kid, public_key, sealed_key, create_time, sign_time,"
        " expire_time) VALUES ('%s', '\\x%s', '', now() - interval '1 hour',"
        " now() - interval '1 hour', now() + interval '1 day') RETURNING kid",
        self->key.kid, public_key);
    free(stack_query(stack, sql));
}

void
identities_sign(const struct identities *self, void (*change)(struct token_claims *claims),
                char token[static STACK_TOKEN_BYTES])
{
    struct token_claims claims = {
        .role = PB_ROLE_MEMBER,
        .generation = 1,
        .not_before_s = time(NULL) - 1,
        .expires_s = time(NULL) + 300,
    };
    struct buf text = BUF_INIT;

    memcpy(claims.kid, self->key.kid, sizeof(claims.kid));
    memcpy(claims.subject, self->member_id, sizeof(claims.subject));
    memcpy(claims.session, "01900000-0000-7000-8000-0000000000e1", sizeof(claims.session));
    memcpy(claims.id, "01900000-0000-7000-8000-0000000000e2", sizeof(claims.id));
    memcpy(claims.name, "member", sizeof("member"));
    if (change != NULL) {
        change(&claims);
    }
    token_write(&text, &claims, "depot", "depot", self->secret);
    cr_assert_lt(text.length_bytes, STACK_TOKEN_BYTES);
    memcpy(token, text.data, text.length_bytes);
    token[text.length_bytes] = '\0';
    buf_fini(&text);
}

static void
make_over(struct token_claims *claims)
{
    claims->not_before_s -= 600;
    claims->expires_s = claims->not_before_s + 300;
}

/* The claims say ADMIN, the signature is that of what they said before. */
static void
forge(const char *good, const struct identities *self, char forged[static STACK_TOKEN_BYTES])
{
    struct token_claims claims;
    struct buf text = BUF_INIT;
    const char *signature = strrchr(good, '.');
    unsigned char other[TOKEN_SECRET_BYTES], public_key[TOKEN_PUBLIC_BYTES];
    size_t body_bytes;

    cr_assert_eq(
        token_read(good, strlen(good), &self->key, 1, "depot", "depot", time(NULL), &claims),
        TOKEN_GOOD);
    claims.role = PB_ROLE_ADMIN;
    crypto_sign_keypair(public_key, other);
    token_write(&text, &claims, "depot", "depot", other);
    buf_putc(&text, '\0');
    body_bytes = (size_t)(strrchr(text.data, '.') - text.data);
    cr_assert_lt(body_bytes + strlen(signature), STACK_TOKEN_BYTES);
    snprintf(forged, STACK_TOKEN_BYTES, "%.*s%s", (int)body_bytes, text.data, signature);
    buf_fini(&text);
}

static void
log_out(const struct stack *stack, const char *token)
{
    struct http_response response;

    stack_send_as(stack, token, &response, "POST", "/v1/auth/logout", "{}");
    cr_assert_eq(response.status, 204, "%d %s", response.status, response.body);
    http_free(&response);
}

static void
take_member(const struct stack *stack, const char *token, const char *name,
            char out[static STACK_TOKEN_BYTES], const char *verb, const char *path,
            const char *body)
{
    struct http_response response;
    char *value;

    stack_send_as(stack, token, &response, verb, path, body);
    cr_assert_lt(response.status, 300, "%s: %d %s", path, response.status, response.body);
    value = http_member(&response, name);
    cr_assert_lt(snprintf(out, STACK_TOKEN_BYTES, "%s", value), STACK_TOKEN_BYTES);
    free(value);
    http_free(&response);
}

static void
take_id(const struct stack *stack, const char *token, char id[static 37])
{
    char text[STACK_TOKEN_BYTES];

    take_member(stack, token, "id", text, "GET", "/v1/auth/me", NULL);
    snprintf(id, 37, "%s", text);
}

/* What a gateway does with an API key. */
static void
exchange_key(const struct stack *stack, const char *key, char token[static STACK_TOKEN_BYTES])
{
    Depot__Auth__V1__ExchangeApiKeyRequest request =
        DEPOT__AUTH__V1__EXCHANGE_API_KEY_REQUEST__INIT;
    char address[64];
    const struct rpc_client_options options = {.service = &depot__auth__v1__authority__service,
                                               .addresses = address};
    const Depot__Auth__V1__ExchangeApiKeyResponse *reply;
    struct rpc_stub *stub;
    struct error error;

    snprintf(address, sizeof(address), "tcp://127.0.0.1:%d", stack->accounts_port);
    request.api_key = (char *)key;
    cr_assert_eq(rpc_stub_open(&options, &stub, &error), STATUS_OK, "%s", error.text);
    cr_assert_eq(
        rpc_stub_call(stub, &depot__auth__v1__authority__exchange_api_key__method, &request.base),
        STATUS_OK);
    reply = (const Depot__Auth__V1__ExchangeApiKeyResponse *)rpc_stub_message(stub);
    snprintf(token, STACK_TOKEN_BYTES, "%s", reply->access_token);
    rpc_stub_close(stub);
}

struct waiting {
    const struct stack *stack;
    const char *token;
    const char *reason; /* that it is refused with; "": none, it is good */
};

static bool
has_come(void *closure)
{
    const struct waiting *self = closure;
    struct http_response response;
    char *reason;
    bool come;

    stack_send_as(self->stack, self->token, &response, "GET", "/v1/auth/me", NULL);
    reason = http_member(&response, "reason");
    come = strcmp(reason, self->reason) == 0;
    free(reason);
    http_free(&response);
    return come;
}

void
identities_make(struct identities *self, const struct stack *stack)
{
    char good[STACK_TOKEN_BYTES];

    memset(self, 0, sizeof(*self));
    add_key(self, stack);
    snprintf(self->token[IDENTITY_ADMIN], STACK_TOKEN_BYTES, "%s", stack->token);
    stack_make_user(stack, "member", "MEMBER", self->token[IDENTITY_MEMBER]);
    stack_make_user(stack, "other", "MEMBER", self->token[IDENTITY_OTHER]);
    stack_make_user(stack, "manager", "MANAGER", self->token[IDENTITY_MANAGER]);
    take_id(stack, self->token[IDENTITY_MEMBER], self->member_id);
    take_id(stack, self->token[IDENTITY_OTHER], self->other_id);
    stack_login(stack, "member", STACK_PASSWORD, self->token[IDENTITY_REVOKED], NULL);
    log_out(stack, self->token[IDENTITY_REVOKED]);
    take_member(stack, self->token[IDENTITY_MEMBER], "key", self->token[IDENTITY_API_KEY], "POST",
                "/v1/apikeys", "{\"name\":\"matrix\",\"scopes\":[\"inventory.read\"]}");
    exchange_key(stack, self->token[IDENTITY_API_KEY], self->api_key_token);
    identities_sign(self, NULL, good);
    identities_sign(self, make_over, self->token[IDENTITY_EXPIRED]);
    forge(good, self, self->token[IDENTITY_FORGED]);
    cr_assert(wait_until(has_come, &(struct waiting){stack, good, ""}, 60));
    cr_assert(wait_until(
        has_come, &(struct waiting){stack, self->token[IDENTITY_REVOKED], "TOKEN_REVOKED"}, 60));
}
