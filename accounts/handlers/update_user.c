#include <string.h>

#include "accounts/password.h"
#include "accounts/people.h"

enum { STATEMENT_LOCK, STATEMENT_CHANGE };

static const struct pb_message *const request_schema =
    &depot__accounts__v1__update_user_request__schema;

static bool
sets(const Depot__Accounts__V1__UpdateUserRequest *request, const char *name)
{
    return db_update_sets(request_schema, &request->base, name);
}

/* A name or address that is not changed here is not known yet, and not compared. */
static enum status
hash_password(struct call *call, const Depot__Accounts__V1__UpdateUserRequest *request,
              const char **hash)
{
    const Depot__Accounts__V1__User *user = request->user;
    enum status status;

    people_check_password(call, "/user/password", user->password, user->username, user->email);
    status = call_invalid(call, &reason_validation_failed);
    return status == STATUS_OK ? password_hash(call, user->password, hash) : status;
}

static void
take_locks(struct call *call, const Depot__Accounts__V1__UpdateUserRequest *request,
           struct db_params *params)
{
    const Depot__Accounts__V1__User *user = request->user;
    bool of_rights = sets(request, "role") || sets(request, "active");

    db_lock(params, ACCOUNTS_LOCK_ACCOUNT, request->id);
    people_lock_names(call, params, sets(request, "username") ? user->username : NULL,
                      sets(request, "email") ? user->email : NULL);
    if (of_rights) {
        db_lock(params, ACCOUNTS_LOCK_ADMINS, "");
    }
    if (of_rights || sets(request, "password")) {
        db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    }
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__UpdateUserRequest *request,
    struct db_params *params)
{
    const char *hash = NULL;

    if (sets(request, "password")) {
        enum status status = hash_password(call, request, &hash);

        if (status != STATUS_OK) {
            return status;
        }
    }
    db_set_update(params, request_schema, &request->base);
    db_set_text(params, "password_hash", hash);
    if (request->user->role == DEPOT__ACCOUNTS__V1__USER_ROLE__USER_ROLE_UNSPECIFIED) {
        db_set_text(params, "role", "MEMBER");
    }
    take_locks(call, request, params);
    return STATUS_OK;
}

static enum status
refuse(struct call *call, const Depot__Accounts__V1__User *user, const char *outcome)
{
    if (strcmp(outcome, "USERNAME_TAKEN") == 0) {
        return people_username_taken(call, user->username);
    }
    if (strcmp(outcome, "EMAIL_TAKEN") == 0) {
        return people_email_taken(call, user->email);
    }
    return people_last_admin(call);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__UpdateUserRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    const char *outcome;

    if (db_row_count(rows, STATEMENT_LOCK) == 0) {
        return people_no_user(call, request->id);
    }
    if (!db_bool(rows, STATEMENT_LOCK, 0, "matches")) {
        return people_stale(call);
    }
    outcome = db_text(rows, STATEMENT_CHANGE, 0, "outcome");
    if (strcmp(outcome, "OK") != 0) {
        return refuse(call, request->user, outcome);
    }
    return db_read(call, rows, STATEMENT_CHANGE, 0, &depot__accounts__v1__user__schema,
                   &reply->base);
}

const struct accounts_update_user_handler accounts_update_user = {
    .ask = ask,
    .answer = answer,
};
