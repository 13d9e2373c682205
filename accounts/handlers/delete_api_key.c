#include "accounts/people.h"

static enum status
ask(struct call *call, const Depot__Accounts__V1__DeleteApiKeyRequest *request,
    struct db_params *params)
{
    (void)call;
    db_lock(params, ACCOUNTS_LOCK_API_KEY, request->id);
    db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__DeleteApiKeyRequest *request,
       const struct db_rows *rows, Google__Protobuf__Empty *reply)
{
    (void)reply;
    return db_row_count(rows, 0) == 0 ? people_no_api_key(call, request->id) : STATUS_OK;
}

const struct accounts_delete_api_key_handler accounts_delete_api_key = {
    .ask = ask,
    .answer = answer,
};
