#include "accounts/sessions.h"

#include <sodium.h>
#include <stdio.h>

#include "accounts/keys.h"
#include "accounts/settings.h"
#include "base/assert.h"
#include "base/uuid.h"

/* The database has the names of the contract, in capitals. */
static unsigned
role_named(const char *name)
{
    const ProtobufCEnumValue *role = protobuf_c_enum_descriptor_get_value_by_name(
        &depot__accounts__v1__user_role__descriptor, name);

    switch (role == NULL ? -1 : role->value) {
    case DEPOT__ACCOUNTS__V1__USER_ROLE__MEMBER:
        return PB_ROLE_MEMBER;
    case DEPOT__ACCOUNTS__V1__USER_ROLE__MANAGER:
        return PB_ROLE_MANAGER;
    case DEPOT__ACCOUNTS__V1__USER_ROLE__ADMIN:
        return PB_ROLE_ADMIN;
    default:
        ASSERT_NEVER("a role that the table does not allow");
    }
}

/* An API key may have been made when its owner was more than now. */
static unsigned
role_of(const char *account, const char *own)
{
    unsigned most = role_named(account);

    return own == NULL || role_named(own) > most ? most : role_named(own);
}

static void
fill_claims(const struct db_rows *rows, size_t statement, const struct sessions_grant *grant,
            struct token_claims *claims)
{
    *claims = (struct token_claims){
        .role = role_of(db_text(rows, statement, 0, "role"), grant->role),
        .is_program = grant->is_program,
        .generation = (uint32_t)db_int(rows, statement, 0, "generation"),
        .not_before_s = db_int(rows, statement, 0, "now_s"),
    };
    claims->expires_s = claims->not_before_s + grant->life_s;
    uuid_v7(claims->id);
    snprintf(claims->kid, sizeof(claims->kid), "%s", db_text(rows, statement, 0, "kid"));
    snprintf(claims->subject, sizeof(claims->subject), "%s",
             db_text(rows, statement, 0, "account_id"));
    snprintf(claims->session, sizeof(claims->session), "%s", grant->session);
    snprintf(claims->name, sizeof(claims->name), "%s", db_text(rows, statement, 0, "username"));
    snprintf(claims->scope, sizeof(claims->scope), "%s", grant->scope);
}

enum status
sessions_grant(struct call *call, const struct db_rows *rows, size_t statement,
               const struct sessions_grant *grant, const char **token)
{
    unsigned char secret[TOKEN_SECRET_BYTES];
    struct token_claims claims;
    struct buf text = BUF_INIT;

    ASSERT(grant->life_s > 0 && grant->life_s <= TOKEN_LIFE_MAX_S);
    if (db_is_null(rows, statement, 0, "kid")) {
        return call_fail(call, &reason_not_ready,
                         "There is no key to sign access tokens with yet.");
    }
    fill_claims(rows, statement, grant, &claims);
    if (!keys_open(claims.kid, db_text(rows, statement, 0, "sealed_key"), secret)) {
        return call_fail(call, &reason_internal_error, "Something went wrong here.");
    }
    token_write(&text, &claims, accounts_settings()->issuer, SESSIONS_AUDIENCE, secret);
    sodium_memzero(secret, sizeof(secret));
    *token = arena_copy(call->arena, text.data, text.length_bytes);
    buf_fini(&text);
    return STATUS_OK;
}

enum status
sessions_answer(struct call *call, const struct db_rows *rows, size_t statement,
                const struct refresh_token *refresh, Depot__Accounts__V1__Tokens *reply)
{
    struct sessions_grant grant = {
        .session = refresh_token_session(call->arena, refresh),
        .scope = "",
        .life_s = accounts_settings()->access_token_s,
    };
    enum status status;

    if (grant.session == NULL) {
        return service_no_memory(call);
    }
    status = sessions_grant(call, rows, statement, &grant, (const char **)&reply->access_token);
    if (status == STATUS_OK) {
        reply->refresh_token = (char *)refresh_token_text(call->arena, refresh);
        reply->expires_in = accounts_settings()->access_token_s;
        reply->token_type = "Bearer";
    }
    return status;
}

void
sessions_set_token(struct call *call, struct db_params *params, const struct refresh_token *token)
{
    struct refresh_token next;

    refresh_token_next(token, &next);
    db_set_text(params, "session_id", refresh_token_session(call->arena, token));
    db_set_int(params, "token_number", token->number);
    db_set_text(params, "token_hash", refresh_token_hash(call->arena, token));
    db_set_text(params, "next_hash", refresh_token_hash(call->arena, &next));
}

enum status
sessions_refresh_failed(struct call *call)
{
    return call_fail(call, &reason_refresh_failed,
                     "The refresh token is none of a session that goes on: log in again.");
}
