#include "accounts/accounts.h"
#include "accounts/sessions.h"

/* Without a refresh token it is the session of who asks; of nobody in particular there is none. */
static const char *
set_own(struct call *call, struct db_params *params)
{
    const char *session = call->caller.session;

    session = session == NULL || session[0] == '\0' ? NULL : session;
    db_set_text(params, "session_id", session);
    db_set_text(params, "token_number", NULL);
    db_set_text(params, "token_hash", NULL);
    db_set_text(params, "next_hash", NULL);
    return session;
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__LogoutRequest *request, struct db_params *params)
{
    struct refresh_token token;
    const char *session;

    if (request->refresh_token[0] == '\0') {
        session = set_own(call, params);
    } else if (refresh_token_read(request->refresh_token, &token)) {
        session = refresh_token_session(call->arena, &token);
        sessions_set_token(call, params, &token);
    } else {
        return sessions_refresh_failed(call);
    }
    if (session != NULL) {
        db_lock(params, ACCOUNTS_LOCK_SESSION, session);
    }
    db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    return STATUS_OK;
}

/* One's own session may be over already: it stays so. */
static enum status
answer(struct call *call, const Depot__Accounts__V1__LogoutRequest *request,
       const struct db_rows *rows, Google__Protobuf__Empty *reply)
{
    (void)reply;
    if (request->refresh_token[0] != '\0' && db_row_count(rows, 0) == 0) {
        return sessions_refresh_failed(call);
    }
    return STATUS_OK;
}

const struct accounts_logout_handler accounts_logout = {
    .ask = ask,
    .answer = answer,
};
