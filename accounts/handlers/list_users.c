#include "accounts/accounts.h"
#include "service/page.h"

static const struct page_list list = {
    .request = &depot__accounts__v1__list_users_request__schema,
    .reply = &depot__accounts__v1__list_users_response__schema,
    .order = &page_by_id,
};

static enum status
ask(struct call *call, const Depot__Accounts__V1__ListUsersRequest *request,
    struct db_params *params)
{
    return page_ask(call, &list, &request->base, params);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__ListUsersRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListUsersResponse *reply)
{
    return page_answer(call, &list, &request->base, rows, &reply->base);
}

const struct accounts_list_users_handler accounts_list_users = {
    .ask = ask,
    .answer = answer,
};
