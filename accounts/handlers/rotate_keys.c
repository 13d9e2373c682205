#include "accounts/accounts.h"
#include "accounts/keys.h"

static enum status
ask(struct call *call, const Google__Protobuf__Empty *request, struct db_params *params)
{
    (void)request;
    keys_set_next(call, params);
    return STATUS_OK;
}

const struct accounts_rotate_keys_handler accounts_rotate_keys = {
    .ask = ask,
    .answer = keys_answer,
};
