#include "accounts/accounts.h"
#include "accounts/keys.h"
#include "accounts/settings.h"

/* A key is made on suspicion, every time: whether it is needed only the statement knows. */
static enum status
ask(struct call *call, const Google__Protobuf__Empty *request, struct db_params *params)
{
    (void)request;
    keys_set_candidate(call, params);
    db_set_int(params, "lead_s", accounts_settings()->signing_key_lead_s);
    db_set_int(params, "days", accounts_settings()->signing_key_days);
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

const struct accounts_upkeep_handler accounts_upkeep = {
    .ask = ask,
    .answer = answer,
};
