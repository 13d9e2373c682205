#include <string.h>

#include "accounts/accounts.h"
#include "accounts/backoff.h"
#include "accounts/keys.h"
#include "accounts/password.h"
#include "accounts/people.h"
#include "accounts/sessions.h"
#include "accounts/settings.h"
#include "base/uuid.h"

enum { STATEMENT_ACCOUNT, STATEMENT_FAILURES };

/* What the first half leaves for the second. */
struct attempt {
    const char *account_id; /* NULL: there is no such account */
    int64_t generation;
    bool fits;
    const char *new_hash; /* NULL: the stored one will do */
    struct refresh_token first;
};

static const char *
name_of(const Depot__Accounts__V1__LoginRequest *request)
{
    return request->username[0] != '\0' ? request->username : request->email;
}

static enum status
check_names(struct call *call, const Depot__Accounts__V1__LoginRequest *request)
{
    if (name_of(request)[0] == '\0') {
        call_violation(call, &reason_required, "/username",
                       "One of username and email must be given.");
    } else if (request->username[0] != '\0' && request->email[0] != '\0') {
        call_violation(call, &reason_bad_format, "/email",
                       "Only one of username and email may be given.");
    }
    return call_invalid(call, &reason_validation_failed);
}

/* No user name has an @. */
static enum status
ask(struct call *call, const Depot__Accounts__V1__LoginRequest *request, struct db_params *params)
{
    const char *name = people_small_letters(call->arena, name_of(request));
    enum status status = check_names(call, request);
    bool is_email;

    if (status == STATUS_OK && name != NULL) {
        is_email = strchr(name, '@') != NULL;
        db_set_text(params, "username", is_email ? "" : name);
        db_set_text(params, "email", is_email ? name : "");
        backoff_set(call, params, name);
    }
    return status;
}

/* A hash of the password that fits, as good as they are made now. Without it the old one stays:
 * that is no reason not to let somebody in. */
static const char *
renew(struct call *call, const char *password)
{
    const char *hash = NULL;

    if (password_hash(call, password, &hash) != STATUS_OK) {
        call->problem = (struct problem){0};
        return NULL;
    }
    return hash;
}

/* NULL: the arena is at its cap. `hash` is NULL if there is no such account. */
static struct attempt *
begin(struct call *call, const struct db_rows *rows, const char **hash)
{
    struct attempt *attempt = arena_zalloc(call->arena, sizeof(*attempt));
    bool known = db_row_count(rows, STATEMENT_ACCOUNT) != 0;

    *hash = known ? db_text(rows, STATEMENT_ACCOUNT, 0, "password_hash") : NULL;
    if (attempt != NULL && known) {
        attempt->account_id = db_text(rows, STATEMENT_ACCOUNT, 0, "id");
        attempt->generation = db_int(rows, STATEMENT_ACCOUNT, 0, "generation");
    }
    return attempt;
}

/* Every try that gets here costs the same work, whether there is such an account or not; only
 * whoever has the right password may be kept waiting for a new hash. */
static enum status
check_password(struct call *call, const char *password, const struct db_rows *rows)
{
    const char *hash;
    struct attempt *attempt = begin(call, rows, &hash);
    enum status status;
    bool stale;

    if (attempt == NULL) {
        return service_no_memory(call);
    }
    status = password_verify(call, hash, password, &attempt->fits, &stale);
    if (status != STATUS_OK) {
        return status;
    }
    attempt->new_hash = attempt->fits && stale ? renew(call, password) : NULL;
    call->carried = attempt;
    return service_then(call);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__LoginRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__Tokens *reply)
{
    int64_t left_ms = backoff_left_ms(rows, STATEMENT_FAILURES);

    (void)reply;
    return left_ms > 0 ? backoff_fail(call, left_ms)
                       : check_password(call, request->password, rows);
}

static enum status
then_ask(struct call *call, const Depot__Accounts__V1__LoginRequest *request,
         struct db_params *params)
{
    struct attempt *attempt = call->carried;
    const char *name = name_of(request);
    char session_id[UUID_TEXT_BYTES];

    uuid_v7(session_id);
    refresh_token_first(session_id, &attempt->first);
    db_set_text(params, "name", name);
    db_set_text(params, "account_id", attempt->account_id);
    db_set_int(params, "generation", attempt->generation);
    db_set_bool(params, "fits", attempt->fits);
    db_set_text(params, "new_hash", attempt->new_hash);
    db_set_text(params, "session_id", refresh_token_session(call->arena, &attempt->first));
    db_set_text(params, "token_hash", refresh_token_hash(call->arena, &attempt->first));
    db_set_int(params, "session_days", accounts_settings()->session_days);
    db_set_text(params, "network", backoff_network(call));
    keys_set_seal(call, params);
    backoff_set_locked(call, params, name);
    if (attempt->account_id != NULL) {
        db_lock(params, ACCOUNTS_LOCK_ACCOUNT, attempt->account_id);
    }
    return STATUS_OK;
}

static enum status
then_answer(struct call *call, const Depot__Accounts__V1__LoginRequest *request,
            const struct db_rows *rows, Depot__Accounts__V1__Tokens *reply)
{
    const struct attempt *attempt = call->carried;
    const char *outcome = db_text(rows, 0, 0, "outcome");

    (void)request;
    if (strcmp(outcome, "OK") == 0) {
        return sessions_answer(call, rows, 0, &attempt->first, reply);
    }
    if (strcmp(outcome, "ACCOUNT_INACTIVE") == 0) {
        return call_fail(call, &reason_account_inactive, "The account was made inactive.");
    }
    return call_fail(call, &reason_login_failed,
                     "There is no such account, or the password is wrong.");
}

const struct accounts_login_handler accounts_login = {
    .ask = ask,
    .answer = answer,
    .then_ask = then_ask,
    .then_answer = then_answer,
};
