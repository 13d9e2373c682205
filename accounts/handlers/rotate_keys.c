#include "accounts/accounts.h"
#include "accounts/keys.h"
#include "accounts/settings.h"

static enum status
ask(struct call *call, const Google__Protobuf__Empty *request, struct db_params *params)
{
    (void)request;
    keys_set_candidate(call, params);
    db_set_int(params, "lead_s", accounts_settings()->signing_key_lead_s);
    db_lock(params, ACCOUNTS_LOCK_KEYS, "");
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Google__Protobuf__Empty *request, const struct db_rows *rows,
       Google__Protobuf__Empty *reply)
{
    (void)call;
    (void)request;
    (void)rows;
    (void)reply;
    return STATUS_OK;
}

const struct accounts_rotate_keys_handler accounts_rotate_keys = {
    .ask = ask,
    .answer = answer,
};
