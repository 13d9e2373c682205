#include "accounts/accounts.h"

/* Stub; to be written. */
static enum status
answer(struct call *call, const Depot__Auth__V1__PullAuthorityRequest *request,
       const struct db_rows *rows, Depot__Auth__V1__PullAuthorityResponse *reply)
{
    (void)request;
    (void)rows;
    (void)reply;
    return call_fail(call, &reason_internal_error, "not written yet");
}

const struct accounts_pull_authority_handler accounts_pull_authority = {
    .answer = answer,
};
