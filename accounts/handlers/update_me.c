#include "accounts/backoff.h"
#include "accounts/password.h"
#include "accounts/people.h"

enum { STATEMENT_ACCOUNT, STATEMENT_FAILURES, STATEMENT_CHANGE };

static const struct pb_message *const request_schema =
    &depot__accounts__v1__update_me_request__schema;

static const char old_place[] = "/profile/oldPassword";

/* What the first half leaves for the second. */
struct attempt {
    const char *old_hash;
    int64_t generation;
    bool fits;
};

static bool
sets_password(const Depot__Accounts__V1__UpdateMeRequest *request)
{
    return db_update_sets(request_schema, &request->base, "password");
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__UpdateMeRequest *request,
    struct db_params *params)
{
    db_set_update(params, request_schema, &request->base);
    backoff_set(call, params, call->caller.name);
    db_lock(params, ACCOUNTS_LOCK_ACCOUNT, call->caller.id);
    return STATUS_OK;
}

/* What can be said of the passwords without work. */
static enum status
check_passwords(struct call *call, const Depot__Accounts__V1__Profile *profile,
                const struct db_rows *rows)
{
    people_check_password(call, "/profile/password", profile->password,
                          db_text(rows, STATEMENT_ACCOUNT, 0, "username"),
                          db_text(rows, STATEMENT_ACCOUNT, 0, "email"));
    if (profile->old_password[0] == '\0') {
        call_violation(call, &reason_password_wrong, old_place,
                       "With a new password the old one must be given.");
    }
    return call_invalid(call, &reason_validation_failed);
}

/* The row that was read is for the second half. */
static enum status
begin_password(struct call *call, const Depot__Accounts__V1__Profile *profile,
               const struct db_rows *rows)
{
    int64_t left_ms = backoff_left_ms(rows, STATEMENT_FAILURES);
    enum status status = check_passwords(call, profile, rows);
    struct attempt *attempt;

    if (status != STATUS_OK) {
        return status;
    }
    if (left_ms > 0) {
        return backoff_fail(call, left_ms);
    }
    attempt = arena_zalloc(call->arena, sizeof(*attempt));
    if (attempt == NULL) {
        return service_no_memory(call);
    }
    attempt->old_hash = db_text(rows, STATEMENT_ACCOUNT, 0, "password_hash");
    attempt->generation = db_int(rows, STATEMENT_ACCOUNT, 0, "generation");
    call->carried = attempt;
    return service_then(call);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__UpdateMeRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    if (db_row_count(rows, STATEMENT_ACCOUNT) == 0) {
        return people_nobody(call);
    }
    if (!db_bool(rows, STATEMENT_ACCOUNT, 0, "matches")) {
        return people_stale(call);
    }
    if (sets_password(request)) {
        return begin_password(call, request->profile, rows);
    }
    return db_read(call, rows, STATEMENT_CHANGE, 0, &depot__accounts__v1__user__schema,
                   &reply->base);
}

static enum status
then_ask(struct call *call, const Depot__Accounts__V1__UpdateMeRequest *request,
         struct db_params *params)
{
    const Depot__Accounts__V1__Profile *profile = request->profile;
    struct attempt *attempt = call->carried;
    const char *hash = NULL;
    bool stale;
    enum status status =
        password_verify(call, attempt->old_hash, profile->old_password, &attempt->fits, &stale);

    if (status == STATUS_OK && attempt->fits) {
        status = password_hash(call, profile->password, &hash);
    }
    if (status != STATUS_OK) {
        return status;
    }
    db_set_update(params, request_schema, &request->base);
    db_set_text(params, "password_hash", hash);
    db_set_bool(params, "fits", attempt->fits);
    db_set_int(params, "generation", attempt->generation);
    db_set_text(params, "session", call->caller.session[0] == '\0' ? NULL : call->caller.session);
    backoff_set_locked(call, params, call->caller.name);
    db_lock(params, ACCOUNTS_LOCK_ACCOUNT, call->caller.id);
    db_lock(params, ACCOUNTS_LOCK_REVOCATION, "");
    return STATUS_OK;
}

static enum status
then_answer(struct call *call, const Depot__Accounts__V1__UpdateMeRequest *request,
            const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    const struct attempt *attempt = call->carried;

    (void)request;
    if (!attempt->fits) {
        call_violation(call, &reason_password_wrong, old_place, "It is not the password so far.");
        return call_invalid(call, &reason_validation_failed);
    }
    if (db_row_count(rows, 0) == 0) {
        return people_stale(call);
    }
    return db_read(call, rows, 0, 0, &depot__accounts__v1__user__schema, &reply->base);
}

const struct accounts_update_me_handler accounts_update_me = {
    .ask = ask,
    .answer = answer,
    .then_ask = then_ask,
    .then_answer = then_answer,
};
