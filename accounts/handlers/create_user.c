#include "accounts/people.h"

static struct newcomer
newcomer_of(const Depot__Accounts__V1__User *user)
{
    return (struct newcomer){
        .username = user->username,
        .email = user->email,
        .password = user->password,
        .password_place = "/user/password",
    };
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__CreateUserRequest *request,
    struct db_params *params)
{
    const Depot__Accounts__V1__User *user = request->user;
    const struct newcomer newcomer = newcomer_of(user);

    db_set_fields(params, &depot__accounts__v1__user__schema, &user->base);
    if (user->role == DEPOT__ACCOUNTS__V1__USER_ROLE__USER_ROLE_UNSPECIFIED) {
        db_set_text(params, "role", "MEMBER");
    }
    return people_ask_new(call, &newcomer, params);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__CreateUserRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    const struct newcomer newcomer = newcomer_of(request->user);

    return people_answer_new(call, &newcomer, rows, 0, reply);
}

const struct accounts_create_user_handler accounts_create_user = {
    .ask = ask,
    .answer = answer,
};
