#include "accounts/accounts.h"

/* Stub; to be written. */
static enum status
answer(struct call *call, const Google__Protobuf__Empty *request, const struct db_rows *rows,
       Google__Protobuf__Empty *reply)
{
    (void)request;
    (void)rows;
    (void)reply;
    return call_fail(call, &reason_internal_error, "not written yet");
}

const struct accounts_rotate_keys_handler accounts_rotate_keys = {
    .answer = answer,
};
