#include "accounts/accounts.h"
#include "accounts/keys.h"
#include "accounts/settings.h"

/* A key is made on suspicion, every time: whether it is needed only the statement knows. */
static enum status
ask(struct call *call, const Google__Protobuf__Empty *request, struct db_params *params)
{
    (void)request;
    keys_set_next(call, params);
    db_set_int(params, "days", accounts_settings()->signing_key_days);
    return STATUS_OK;
}

const struct accounts_upkeep_handler accounts_upkeep = {
    .ask = ask,
    .answer = keys_answer,
};
