#include "accounts/accounts.h"
#include "accounts/api_key.h"
#include "accounts/keys.h"
#include "accounts/sessions.h"

/* Half as long as others: what it is given for is asked again as often as need be. */
enum { LIFE_S = 300 };

static enum status
invalid(struct call *call)
{
    return call_fail(call, &reason_token_invalid, "There is no such API key.");
}

static enum status
ask(struct call *call, const Depot__Auth__V1__ExchangeApiKeyRequest *request,
    struct db_params *params)
{
    if (!api_key_valid(request->api_key)) {
        return invalid(call);
    }
    db_set_text(params, "key_hash", api_key_hash(call->arena, request->api_key));
    keys_set_seal(call, params);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Auth__V1__ExchangeApiKeyRequest *request,
       const struct db_rows *rows, Depot__Auth__V1__ExchangeApiKeyResponse *reply)
{
    struct sessions_grant grant = {.is_program = true, .life_s = LIFE_S};

    (void)request;
    if (db_row_count(rows, 0) == 0) {
        return invalid(call);
    }
    if (db_int(rows, 0, 0, "left_s") <= 0) {
        return call_fail(call, &reason_token_expired, "The API key has expired.");
    }
    if (db_int(rows, 0, 0, "left_s") < grant.life_s) {
        grant.life_s = db_int(rows, 0, 0, "left_s");
    }
    grant.session = db_text(rows, 0, 0, "id");
    grant.scope = db_text(rows, 0, 0, "scope");
    grant.role = db_text(rows, 0, 0, "key_role");
    reply->expires_in = (int32_t)grant.life_s;
    return sessions_grant(call, rows, 0, &grant, (const char **)&reply->access_token);
}

const struct accounts_exchange_api_key_handler accounts_exchange_api_key = {
    .ask = ask,
    .answer = answer,
};
