#include "support/identity.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "depot/accounts/v1/accounts.schema.h"
#include "depot/auth/v1/authority.pb-c.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/inventory/v1/inventory.schema.h"
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
        "INSERT INTO accounts.signing_key (kid, public_key, sealed_key, seal, create_time, "
        "sign_time,"
        " expire_time) VALUES ('%s', '\\x%s', '', 'seal-of-tests-16', now() - interval '1 hour',"
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
    cr_assert_eq(strlen(text), 36);
    memcpy(id, text, 37);
}

static struct rpc_stub *
open_stub(const struct pb_service *service, int port)
{
    char address[64];
    const struct rpc_client_options options = {.service = service, .addresses = address};
    struct rpc_stub *stub;
    struct error error;

    snprintf(address, sizeof(address), "tcp://127.0.0.1:%d", port);
    cr_assert_eq(rpc_stub_open(&options, &stub, &error), STATUS_OK, "%s", error.text);
    return stub;
}

/* What a gateway does with an API key. */
static void
exchange_key(const struct stack *stack, const char *key, char token[static STACK_TOKEN_BYTES])
{
    Depot__Auth__V1__ExchangeApiKeyRequest request =
        DEPOT__AUTH__V1__EXCHANGE_API_KEY_REQUEST__INIT;
    struct rpc_stub *stub = open_stub(&depot__auth__v1__authority__service, stack->accounts_port);
    const Depot__Auth__V1__ExchangeApiKeyResponse *reply;

    request.api_key = (char *)key;
    cr_assert_eq(
        rpc_stub_call(stub, &depot__auth__v1__authority__exchange_api_key__method, &request.base),
        STATUS_OK);
    reply = (const Depot__Auth__V1__ExchangeApiKeyResponse *)rpc_stub_message(stub);
    snprintf(token, STACK_TOKEN_BYTES, "%s", reply->access_token);
    rpc_stub_close(stub);
}

/* A service, past the gateway. */
struct listening {
    struct rpc_stub *stub;
    const struct pb_method *method; /* takes an empty request, which changes nothing */
    const char *token;
};

static bool
has_heard(void *closure)
{
    const struct listening *self = closure;
    const struct rpc_stub_context context = {.access_token = self->token};
    struct arena arena;
    bool heard;

    arena_init(&arena, 4096, 65536);
    rpc_stub_context(self->stub, &context);
    (void)rpc_stub_call(self->stub, self->method, pb_new(&arena, self->method->request));
    heard = strcmp(rpc_stub_reply(self->stub)->reason, "TOKEN_REVOKED") == 0;
    arena_fini(&arena);
    return heard;
}

/* Every service hears of it by itself. */
static void
wait_revoked(const struct pb_method *method, int port, const char *token)
{
    struct listening listening = {open_stub(method->service, port), method, token};

    cr_assert(wait_until(has_heard, &listening, 60), "%s", method->path);
    rpc_stub_close(listening.stub);
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

/* By itself, not because the service behind it has refused. */
static bool
gateway_has_heard(void *closure)
{
    const struct stack *stack = closure;
    char *wanted = stack_query(stack, "SELECT count(*) FROM accounts.revocation");
    char *metrics = stack_expect(stack, 200, "GET", "/metrics", NULL, NULL);
    const char *line = strstr(metrics, "\ndepot_auth_revocations ");
    bool heard =
        line != NULL && strtol(strchr(line + 1, ' '), NULL, 10) >= strtol(wanted, NULL, 10);

    free(wanted);
    free(metrics);
    return heard;
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
    cr_assert(wait_until(gateway_has_heard, (void *)stack, 60));
    wait_revoked(&depot__accounts__v1__accounts_service__get_me__method, stack->accounts_port,
                 self->token[IDENTITY_REVOKED]);
    for (size_t i = 0; i < stack->replicas; i++) {
        wait_revoked(&depot__inventory__v1__inventory_service__get_resource__method,
                     stack->rpc_ports[i], self->token[IDENTITY_REVOKED]);
    }
}
