#include "accounts/backoff.h"
#include "accounts/password.h"
#include "accounts/people.h"
#include "accounts/settings.h"
#include "base/uuid.h"

enum { STATEMENT_WAIT, STATEMENT_MAKE, STATEMENT_TAKEN };

static enum status
ask(struct call *call, const Depot__Accounts__V1__RegisterUserRequest *request,
    struct db_params *params)
{
    char id[UUID_TEXT_BYTES];
    const char *hash;
    enum status status;

    if (!accounts_settings()->registration) {
        return call_fail(call, &reason_registration_closed,
                         "Here only an administrator makes accounts.");
    }
    people_check_password(call, "/password", request->password, request->username, request->email);
    status = call_invalid(call, &reason_validation_failed);
    if (status == STATUS_OK) {
        status = password_hash_registration(call, request->password, &hash);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uuid_v7(id);
    db_set_text(params, "id", arena_strdup(call->arena, id));
    db_set_text(params, "password_hash", hash);
    backoff_set_registrations(call, params);
    people_lock_names(call, params, request->username, request->email);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__RegisterUserRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    int64_t wait_ms = db_int(rows, STATEMENT_WAIT, 0, "wait_ms");

    if (wait_ms > 0) {
        return backoff_fail_registration(call, wait_ms);
    }
    if (db_row_count(rows, STATEMENT_MAKE) == 0) {
        return people_taken(call, rows, STATEMENT_TAKEN, request->username, request->email);
    }
    return db_read(call, rows, STATEMENT_MAKE, 0, &depot__accounts__v1__user__schema, &reply->base);
}

const struct accounts_register_user_handler accounts_register_user = {
    .ask = ask,
    .answer = answer,
};
