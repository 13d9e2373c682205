#include "accounts/people.h"

#include "accounts/password.h"

const char *
people_small_letters(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);

    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return copy;
}

/* As the unique indexes see them, but for letters beyond ASCII: what the database takes for one
 * name and this for two meets in the index, and one of them waits there. */
void
people_lock_names(struct call *call, struct db_params *params, const char *username,
                  const char *email)
{
    if (username != NULL) {
        db_lock(params, ACCOUNTS_LOCK_USERNAME, people_small_letters(call->arena, username));
    }
    if (email != NULL) {
        db_lock(params, ACCOUNTS_LOCK_EMAIL, people_small_letters(call->arena, email));
    }
}

void
people_check_password(struct call *call, const char *place, const char *password,
                      const char *username, const char *email)
{
    if (password_is_own(password, username, email)) {
        call_violation(call, &reason_password_too_common, place,
                       "The password must not be the user name or the e-mail address.");
    } else if (password_is_common(password)) {
        call_violation(call, &reason_password_too_common, place,
                       "The password is one of those that are tried first.");
    }
}

enum status
people_ask_new(struct call *call, const struct newcomer *newcomer, struct db_params *params)
{
    const char *hash;
    enum status status;

    people_check_password(call, newcomer->password_place, newcomer->password, newcomer->username,
                          newcomer->email);
    status = call_invalid(call, &reason_validation_failed);
    if (status == STATUS_OK) {
        status = newcomer->registers ? password_hash_registration(call, newcomer->password, &hash)
                                     : password_hash(call, newcomer->password, &hash);
    }
    if (status != STATUS_OK) {
        return status;
    }
    db_set_new_id(params, "id");
    db_set_text(params, "password_hash", hash);
    people_lock_names(call, params, newcomer->username, newcomer->email);
    return STATUS_OK;
}

/* Which of the names somebody has. */
static enum status
refuse_new(struct call *call, const struct newcomer *newcomer, const struct db_rows *rows,
           size_t statement)
{
    if (db_bool(rows, statement, 0, "username_taken")) {
        return people_username_taken(call, newcomer->username);
    }
    if (db_bool(rows, statement, 0, "email_taken")) {
        return people_email_taken(call, newcomer->email);
    }
    return service_again(call);
}

enum status
people_answer_new(struct call *call, const struct newcomer *newcomer, const struct db_rows *rows,
                  size_t statement, Depot__Accounts__V1__User *reply)
{
    if (db_row_count(rows, statement) == 0) {
        return refuse_new(call, newcomer, rows, statement + 1);
    }
    return db_read(call, rows, statement, 0, &depot__accounts__v1__user__schema, &reply->base);
}

enum status
people_no_user(struct call *call, const char *id)
{
    return call_fail(call, &reason_resource_not_found, "There is no account %s.", id);
}

enum status
people_nobody(struct call *call)
{
    return call_fail(call, &reason_resource_not_found, "Whoever asks has no account.");
}

enum status
people_no_api_key(struct call *call, const char *id)
{
    return call_fail(call, &reason_resource_not_found, "There is no API key %s.", id);
}

enum status
people_stale(struct call *call)
{
    return call_fail(call, &reason_etag_mismatch,
                     "It has none of the versions that If-Match lists: get it again first.");
}

enum status
people_username_taken(struct call *call, const char *username)
{
    return call_fail(call, &reason_username_taken, "Another account has the user name \"%s\".",
                     username);
}

enum status
people_email_taken(struct call *call, const char *email)
{
    return call_fail(call, &reason_email_taken, "Another account has the e-mail address \"%s\".",
                     email);
}

enum status
people_last_admin(struct call *call)
{
    return call_fail(call, &reason_last_admin,
                     "It is the last active administrator: make somebody else one first.");
}
