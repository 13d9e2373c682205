#include <string.h>

#include "accounts/accounts.h"
#include "base/uuid.h"
#include "service/page.h"

static const struct pb_message *const request_schema =
    &depot__accounts__v1__list_users_request__schema;

static enum status
ask(struct call *call, const Depot__Accounts__V1__ListUsersRequest *request,
    struct db_params *params)
{
    const char *after;
    enum status status = page_token_read(call, request_schema, &request->base, &after);

    if (status != STATUS_OK) {
        return status;
    }
    if (after[0] == '\0') {
        after = UUID_NIL;
    }
    if (!uuid_valid(after, strlen(after))) {
        return page_token_refuse(call);
    }
    db_set_text(params, "after", after);
    db_set_int(params, "limit", page_size(request->page_size) + 1);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__ListUsersRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListUsersResponse *reply)
{
    struct page page;
    enum status status = page_read(call, rows, 0, page_size(request->page_size),
                                   &depot__accounts__v1__user__schema, &page);

    if (status != STATUS_OK) {
        return status;
    }
    reply->n_users = page.n_messages;
    reply->users = (Depot__Accounts__V1__User **)page.messages;
    if (page.more) {
        const char *last = reply->users[page.n_messages - 1]->id;

        reply->next_page_token =
            (char *)page_token_next(call, request_schema, &request->base, &page, last);
    }
    return STATUS_OK;
}

const struct accounts_list_users_handler accounts_list_users = {
    .ask = ask,
    .answer = answer,
};
