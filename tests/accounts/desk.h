/* Methods called as operators, peers and clients call them, one after another on one database. */
#ifndef DEPOT_TESTS_ACCOUNTS_DESK_H
#define DEPOT_TESTS_ACCOUNTS_DESK_H

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts/accounts.h"
#include "accounts/keys.h"
#include "accounts/password.h"
#include "accounts/settings.h"
#include "auth/policy.h"
#include "auth/token.h"
#include "base/limits.h"
#include "db/params.h"
#include "google/protobuf/empty.schema.h"
#include "seed.h"
#include "support/bench.h"

/* Of PASSWORD, with parameters that nobody has any more. */
#define PASSWORD_HASH_STALE                                                                        \
    "$argon2id$v=19$m=8192,t=1,p=1$rfEPdLh2f5qHJKlnEpO6JQ$"                                        \
    "2IerMD3vpps3KTuW1KbmZjB76DeY7180Od90lPXKj0s"

#define ADDRESS "192.0.2.1"

static const struct caller as_operator = {.name = "operator", .role = PB_ROLE_OPERATOR};

/* --- hashing --- */

static inline void
passwords_open(void)
{
    static const struct password_options options = {.threads = 2,
                                                    .memory_mib = PASSWORD_MEMORY_MIB_MIN,
                                                    .passes = PASSWORD_PASSES_MIN,
                                                    .registrations = 1};
    struct error error;

    cr_assert_eq(password_open(&options, &error), STATUS_OK, "%s", error.text);
}

static inline void
passwords_close(void)
{
    password_close();
}

/* The SQL and, behind it, SQL that makes a key to sign with: for tables of cases. For the caller to
 * free. */
static inline char *
with_key(const char *seed)
{
    static const char *const names[] = {"kid", "public_key", "sealed_key", "seal"};
    static const struct db_query query = {.name = "key", .params = names, .n_params = 4};
    const struct pb_message *schema = &google__protobuf__empty__schema;
    Google__Protobuf__Empty request = GOOGLE__PROTOBUF__EMPTY__INIT;
    struct db_binding binding;
    struct db_params params;
    struct arena arena;
    struct call call;
    char *sql;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    call_init(&call, &arena);
    db_binding_init(&binding, &query, schema);
    db_params_init(&params, &call, &binding, &request.base);
    keys_set_candidate(&call, &params);
    cr_assert_gt(asprintf(&sql,
                          "%s INSERT INTO signing_key (kid, public_key, sealed_key, seal, "
                          "sign_time) VALUES ('%s', '%s', '%s', '%s', now());",
                          seed, params.values[0], params.values[1], params.values[2],
                          params.values[3]),
                 0);
    db_binding_fini(&binding);
    arena_fini(&arena);
    return sql;
}

/* --- a desk: calls of methods, one after another, or of several threads with a worker each --- */

struct desk {
    struct bench bench;
    struct arena arena;  /* of all answers of the first worker */
    const char *address; /* where calls come from; NULL: ADDRESS */
};

/* One call at a worker; `reason` says why it failed. */
struct asked {
    struct call call;
    const ProtobufCMessage *reply;
    const struct reason *reason; /* NULL: it did not */
};

static inline struct asked
desk_ask_at(struct desk *self, unsigned worker, struct arena *arena, const struct caller *caller,
            const struct pb_method *method, const ProtobufCMessage *request)
{
    struct asked asked = {0};
    enum status status;

    call_init(&asked.call, arena);
    asked.call.request_id = "test";
    asked.call.client_address = self->address == NULL ? ADDRESS : self->address;
    status = bench_authorise(&asked.call, caller, method);
    if (status == STATUS_OK || method->access == PB_ROLE_OPERATOR) {
        asked.call.problem = (struct problem){0};
        status = bench_execute(&self->bench, worker, &asked.call, method, request,
                               (ProtobufCMessage **)&asked.reply);
    }
    asked.reason = status == STATUS_OK ? NULL : asked.call.problem.reason;
    return asked;
}

static inline struct asked
desk_ask(struct desk *self, const struct caller *caller, const struct pb_method *method,
         const ProtobufCMessage *request)
{
    return desk_ask_at(self, 0, &self->arena, caller, method, request);
}

static inline void
desk_upkeep(struct desk *self)
{
    Google__Protobuf__Empty request = GOOGLE__PROTOBUF__EMPTY__INIT;

    cr_assert_null(desk_ask(self, &as_operator,
                            &depot__accounts__v1__accounts_service__upkeep__method, &request.base)
                       .reason);
}

/* With ada, eve and a key to sign with. */
static inline void
desk_open(struct desk *self)
{
    passwords_open();
    bench_open(&self->bench, &accounts_service, BENCH_WORKERS);
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    test_database_run(&self->bench.database, SEED_ADA SEED_EVE);
    desk_upkeep(self);
}

static inline void
desk_close(struct desk *self)
{
    arena_fini(&self->arena);
    bench_close(&self->bench);
    passwords_close();
}

static inline void
desk_run(struct desk *self, const char *sql)
{
    test_database_run(&self->bench.database, sql);
}

static inline void
desk_expect(struct desk *self, const char *sql, const char *value)
{
    test_database_expect(&self->bench.database, sql, value);
}

/* --- what clients do --- */

static inline struct asked
desk_log_in(struct desk *self, const char *username, const char *password)
{
    Depot__Accounts__V1__LoginRequest request = DEPOT__ACCOUNTS__V1__LOGIN_REQUEST__INIT;

    request.username = (char *)username;
    request.password = (char *)password;
    return desk_ask(self, &as_nobody, &depot__accounts__v1__accounts_service__login__method,
                    &request.base);
}

static inline const Depot__Accounts__V1__Tokens *
tokens_of(const struct asked *asked)
{
    cr_assert_null(asked->reason, "%s", asked->reason->name);
    return (const Depot__Accounts__V1__Tokens *)asked->reply;
}

/* Of ada. */
static inline const Depot__Accounts__V1__Tokens *
desk_tokens(struct desk *self)
{
    struct asked asked = desk_log_in(self, "ada", PASSWORD);

    return tokens_of(&asked);
}

static inline struct asked
desk_refresh(struct desk *self, const char *token)
{
    Depot__Accounts__V1__RefreshRequest request = DEPOT__ACCOUNTS__V1__REFRESH_REQUEST__INIT;

    request.refresh_token = (char *)token;
    return desk_ask(self, &as_nobody, &depot__accounts__v1__accounts_service__refresh__method,
                    &request.base);
}

static inline void
expect_reason(const struct asked *asked, const struct reason *reason)
{
    cr_assert_not_null(asked->reason, "%s was expected", reason->name);
    cr_assert_eq(asked->reason, reason, "%s instead of %s", asked->reason->name, reason->name);
}

/* --- what verifiers do --- */

static inline const Depot__Auth__V1__PullAuthorityResponse *
desk_pull(struct desk *self, const char *epoch, int32_t after)
{
    Depot__Auth__V1__PullAuthorityRequest request = DEPOT__AUTH__V1__PULL_AUTHORITY_REQUEST__INIT;
    struct asked asked;

    request.epoch = (char *)epoch;
    request.after = after;
    asked = desk_ask(self, &as_nobody, &depot__auth__v1__authority__pull_authority__method,
                     &request.base);
    cr_assert_null(asked.reason);
    return (const Depot__Auth__V1__PullAuthorityResponse *)asked.reply;
}

/* Reads a token by the keys that are given out now. */
static inline enum token_verdict
desk_read(struct desk *self, const char *token, struct token_claims *claims)
{
    const Depot__Auth__V1__PullAuthorityResponse *news = desk_pull(self, "", 0);
    struct token_key keys[8];
    char *now = test_database_value(&self->bench.database,
                                    "SELECT floor(extract(epoch FROM now()))::bigint");
    enum token_verdict verdict;

    cr_assert_leq(news->n_keys, 8);
    for (size_t i = 0; i < news->n_keys; i++) {
        cr_assert_str_eq(news->keys[i]->algorithm, "EdDSA");
        snprintf(keys[i].kid, sizeof(keys[i].kid), "%s", news->keys[i]->kid);
        cr_assert_eq(sodium_base642bin(keys[i].public_key, TOKEN_PUBLIC_BYTES,
                                       news->keys[i]->public_key, strlen(news->keys[i]->public_key),
                                       NULL, NULL, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    }
    verdict = token_read(token, strlen(token), keys, news->n_keys, news->issuer, news->audience,
                         strtoll(now, NULL, 10), claims);
    free(now);
    return verdict;
}

#endif
