#include <string.h>

#include "accounts/password.h"
#include "accounts/people.h"

/* What the first half leaves for the second. */
struct found {
    const char *id; /* NULL: nobody has the name */
    const char *hash;
};

static enum status
ask(struct call *call, const Depot__Accounts__V1__EnsureAdminRequest *request,
    struct db_params *params)
{
    (void)params;
    people_check_password(call, "/password", request->password, request->username, request->email);
    if (request->email[0] != '\0' && strchr(request->email, '@') == NULL) {
        call_violation(call, &reason_bad_format, "/email", "An e-mail address has an @.");
    }
    return call_invalid(call, &reason_validation_failed);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__EnsureAdminRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    struct found *found = arena_zalloc(call->arena, sizeof(*found));

    (void)request;
    (void)reply;
    if (found == NULL) {
        return service_no_memory(call);
    }
    if (db_row_count(rows, 0) != 0) {
        found->id = db_text(rows, 0, 0, "id");
        found->hash = db_text(rows, 0, 0, "password_hash");
    }
    call->carried = found;
    return service_then(call);
}

/* `hash` stays NULL if the password is to stay. */
static enum status
decide_hash(struct call *call, const Depot__Accounts__V1__EnsureAdminRequest *request,
            const struct found *found, const char **hash)
{
    bool fits = false, stale = false;
    enum status status = STATUS_OK;

    *hash = NULL;
    if (request->gently && found->hash != NULL) {
        status = password_verify(call, found->hash, request->password, &fits, &stale);
    }
    return status == STATUS_OK && !fits ? password_hash(call, request->password, hash) : status;
}

/* The one it gets, unless somebody has that. */
static const char *
address(struct call *call, const Depot__Accounts__V1__EnsureAdminRequest *request)
{
    return request->email[0] != '\0' ? request->email
                                     : arena_printf(call->arena, "%s@localhost", request->username);
}

static enum status
then_ask(struct call *call, const Depot__Accounts__V1__EnsureAdminRequest *request,
         struct db_params *params)
{
    const struct found *found = call->carried;
    const char *hash;
    enum status status = decide_hash(call, request, found, &hash);

    if (status != STATUS_OK) {
        return status;
    }
    db_set_new_id(params, "id");
    db_set_text(params, "password_hash", hash);
    people_lock_names(call, params, request->username, address(call, request));
    db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    if (found->id != NULL) {
        db_lock(params, ACCOUNTS_LOCK_ACCOUNT, found->id);
    }
    return STATUS_OK;
}

static enum status
then_answer(struct call *call, const Depot__Accounts__V1__EnsureAdminRequest *request,
            const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return request->email[0] == '\0' ? people_stale(call)
                                         : people_email_taken(call, request->email);
    }
    return db_read(call, rows, 0, 0, &depot__accounts__v1__user__schema, &reply->base);
}

const struct accounts_ensure_admin_handler accounts_ensure_admin = {
    .ask = ask,
    .answer = answer,
    .then_ask = then_ask,
    .then_answer = then_answer,
};
