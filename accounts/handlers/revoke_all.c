#include "accounts/accounts.h"
#include "accounts/keys.h"

static enum status
ask(struct call *call, const Depot__Accounts__V1__RevokeAllRequest *request,
    struct db_params *params)
{
    (void)request;
    keys_set_candidate(call, params);
    db_lock(params, ACCOUNTS_LOCK_KEYS, "");
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__RevokeAllRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__RevokeAllResponse *reply)
{
    (void)request;
    return db_read(call, rows, 0, 0, &depot__accounts__v1__revoke_all_response__schema,
                   &reply->base);
}

const struct accounts_revoke_all_handler accounts_revoke_all = {
    .ask = ask,
    .answer = answer,
};
