#include <string.h>

#include "accounts/people.h"

enum { STATEMENT_LOCK, STATEMENT_REMOVE };

static enum status
ask(struct call *call, const Depot__Accounts__V1__DeleteUserRequest *request,
    struct db_params *params)
{
    (void)call;
    db_lock(params, ACCOUNTS_LOCK_ACCOUNT, request->id);
    db_lock(params, ACCOUNTS_LOCK_ADMINS, "");
    db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__DeleteUserRequest *request,
       const struct db_rows *rows, Google__Protobuf__Empty *reply)
{
    (void)reply;
    if (db_row_count(rows, STATEMENT_LOCK) == 0) {
        return people_no_user(call, request->id);
    }
    if (!db_bool(rows, STATEMENT_LOCK, 0, "matches")) {
        return people_stale(call);
    }
    if (strcmp(db_text(rows, STATEMENT_REMOVE, 0, "outcome"), "OK") != 0) {
        return people_last_admin(call);
    }
    return STATUS_OK;
}

const struct accounts_delete_user_handler accounts_delete_user = {
    .ask = ask,
    .answer = answer,
};
