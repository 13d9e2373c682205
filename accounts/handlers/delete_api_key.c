#include "accounts/accounts.h"

/* Stub; to be written. */
static enum status
answer(struct call *call, const Depot__Accounts__V1__DeleteApiKeyRequest *request,
       const struct db_rows *rows, Google__Protobuf__Empty *reply)
{
    (void)request;
    (void)rows;
    (void)reply;
    return call_fail(call, &reason_internal_error, "not written yet");
}

const struct accounts_delete_api_key_handler accounts_delete_api_key = {
    .answer = answer,
};
