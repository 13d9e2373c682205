#include "accounts/accounts.h"

/* Stub; to be written. */
static enum status
answer(struct call *call, const Depot__Accounts__V1__ListUsersRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListUsersResponse *reply)
{
    (void)request;
    (void)rows;
    (void)reply;
    return call_fail(call, &reason_internal_error, "not written yet");
}

const struct accounts_list_users_handler accounts_list_users = {
    .answer = answer,
};
