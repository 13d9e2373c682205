#include "accounts/accounts.h"
#include "accounts/bytes.h"
#include "accounts/keys.h"
#include "accounts/sessions.h"

enum { STATEMENT_SESSION, STATEMENT_RENEW, STATEMENT_ANSWER };

static enum status
ask(struct call *call, const Depot__Accounts__V1__RefreshRequest *request, struct db_params *params)
{
    struct refresh_token token;

    if (!refresh_token_read(request->refresh_token, &token)) {
        return sessions_refresh_failed(call);
    }
    sessions_set_token(call, params, &token);
    keys_set_seal(call, params);
    db_lock(params, ACCOUNTS_LOCK_SESSION, refresh_token_session(call->arena, &token));
    return STATUS_OK;
}

/* Whether it is a true token from before the last one: what it leads to has been used. */
static bool
is_reused(const struct refresh_token *token, const struct db_rows *rows)
{
    unsigned char hash[REFRESH_TOKEN_HASH_BYTES];

    return db_row_count(rows, STATEMENT_SESSION) != 0 &&
           bytes_read(db_text(rows, STATEMENT_SESSION, 0, "token_hash"), hash, sizeof(hash)) &&
           refresh_token_leads_to(token, db_int(rows, STATEMENT_SESSION, 0, "token_number"), hash);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__RefreshRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__Tokens *reply)
{
    struct refresh_token token, next;

    if (!refresh_token_read(request->refresh_token, &token)) {
        return sessions_refresh_failed(call);
    }
    if (db_row_count(rows, STATEMENT_ANSWER) != 0) {
        refresh_token_next(&token, &next);
        return sessions_answer(call, rows, STATEMENT_ANSWER, &next, reply);
    }
    return is_reused(&token, rows) ? service_then(call) : sessions_refresh_failed(call);
}

static enum status
then_ask(struct call *call, const Depot__Accounts__V1__RefreshRequest *request,
         struct db_params *params)
{
    struct refresh_token token;
    const char *session;

    if (!refresh_token_read(request->refresh_token, &token)) {
        return sessions_refresh_failed(call);
    }
    session = refresh_token_session(call->arena, &token);
    db_set_text(params, "session_id", session);
    db_lock(params, ACCOUNTS_LOCK_SESSION, session);
    db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    return STATUS_OK;
}

static enum status
then_answer(struct call *call, const Depot__Accounts__V1__RefreshRequest *request,
            const struct db_rows *rows, Depot__Accounts__V1__Tokens *reply)
{
    (void)request;
    (void)rows;
    (void)reply;
    return sessions_refresh_failed(call);
}

const struct accounts_refresh_handler accounts_refresh = {
    .ask = ask,
    .answer = answer,
    .then_ask = then_ask,
    .then_answer = then_answer,
};
