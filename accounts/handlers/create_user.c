#include "accounts/password.h"
#include "accounts/people.h"
#include "base/uuid.h"

enum { STATEMENT_MAKE, STATEMENT_TAKEN };

static enum status
ask(struct call *call, const Depot__Accounts__V1__CreateUserRequest *request,
    struct db_params *params)
{
    const Depot__Accounts__V1__User *user = request->user;
    char id[UUID_TEXT_BYTES];
    const char *hash;
    enum status status;

    people_check_password(call, "/user/password", user->password, user->username, user->email);
    status = call_invalid(call, &reason_validation_failed);
    if (status == STATUS_OK) {
        status = password_hash(call, user->password, &hash);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uuid_v7(id);
    db_set_fields(params, &depot__accounts__v1__user__schema, &user->base);
    db_set_text(params, "id", arena_strdup(call->arena, id));
    db_set_text(params, "password_hash", hash);
    if (user->role == DEPOT__ACCOUNTS__V1__USER_ROLE__USER_ROLE_UNSPECIFIED) {
        db_set_text(params, "role", "MEMBER");
    }
    people_lock_names(call, params, user->username, user->email);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__CreateUserRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    if (db_row_count(rows, STATEMENT_MAKE) == 0) {
        return people_taken(call, rows, STATEMENT_TAKEN, request->user->username,
                            request->user->email);
    }
    return db_read(call, rows, STATEMENT_MAKE, 0, &depot__accounts__v1__user__schema, &reply->base);
}

const struct accounts_create_user_handler accounts_create_user = {
    .ask = ask,
    .answer = answer,
};
