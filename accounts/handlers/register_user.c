#include "accounts/backoff.h"
#include "accounts/people.h"
#include "accounts/settings.h"

enum { STATEMENT_WAIT, STATEMENT_MAKE };

static struct newcomer
newcomer_of(const Depot__Accounts__V1__RegisterUserRequest *request)
{
    return (struct newcomer){
        .username = request->username,
        .email = request->email,
        .password = request->password,
        .password_place = "/password",
        .registers = true,
    };
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__RegisterUserRequest *request,
    struct db_params *params)
{
    const struct newcomer newcomer = newcomer_of(request);

    if (!accounts_settings()->registration) {
        return call_fail(call, &reason_registration_closed,
                         "Here only an administrator makes accounts.");
    }
    backoff_set_registrations(call, params);
    return people_ask_new(call, &newcomer, params);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__RegisterUserRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    const struct newcomer newcomer = newcomer_of(request);
    int64_t wait_ms = db_int(rows, STATEMENT_WAIT, 0, "wait_ms");

    if (wait_ms > 0) {
        return backoff_fail_registration(call, wait_ms);
    }
    return people_answer_new(call, &newcomer, rows, STATEMENT_MAKE, reply);
}

const struct accounts_register_user_handler accounts_register_user = {
    .ask = ask,
    .answer = answer,
};
