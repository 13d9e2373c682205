#include <string.h>

#include "accounts/accounts.h"
#include "base/uuid.h"
#include "service/page.h"

static const struct page_list list = {
    .request = &depot__accounts__v1__list_api_keys_request__schema,
    .reply = &depot__accounts__v1__list_api_keys_response__schema,
    .order = &page_by_id,
};

/* NULL: one's own. Nobody has an id that is none. */
static const char *
whose(const char *user_id)
{
    if (user_id[0] == '\0') {
        return NULL;
    }
    return uuid_valid(user_id, strlen(user_id)) ? user_id : UUID_NIL;
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__ListApiKeysRequest *request,
    struct db_params *params)
{
    db_set_text(params, "user_id", whose(request->user_id));
    return page_ask(call, &list, &request->base, params);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__ListApiKeysRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListApiKeysResponse *reply)
{
    return page_answer(call, &list, &request->base, rows, &reply->base);
}

const struct accounts_list_api_keys_handler accounts_list_api_keys = {
    .ask = ask,
    .answer = answer,
};
