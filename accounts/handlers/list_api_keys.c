#include <string.h>

#include "accounts/people.h"
#include "base/uuid.h"
#include "service/page.h"

static const struct pb_message *const request_schema =
    &depot__accounts__v1__list_api_keys_request__schema;

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
    db_set_text(params, "user_id", whose(request->user_id));
    db_set_int(params, "limit", page_size(request->page_size) + 1);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__ListApiKeysRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListApiKeysResponse *reply)
{
    struct page page;
    enum status status = page_read(call, rows, 0, page_size(request->page_size),
                                   &depot__accounts__v1__api_key__schema, &page);

    if (status != STATUS_OK) {
        return status;
    }
    reply->n_api_keys = page.n_messages;
    reply->api_keys = (Depot__Accounts__V1__ApiKey **)page.messages;
    if (page.more) {
        const char *last = reply->api_keys[page.n_messages - 1]->id;

        reply->next_page_token =
            (char *)page_token_next(call, request_schema, &request->base, &page, last);
    }
    return STATUS_OK;
}

const struct accounts_list_api_keys_handler accounts_list_api_keys = {
    .ask = ask,
    .answer = answer,
};
