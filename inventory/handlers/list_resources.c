#include <string.h>

#include "base/uuid.h"
#include "inventory/inventory.h"
#include "service/page.h"

static const struct pb_message *const request_schema =
    &depot__inventory__v1__list_resources_request__schema;

static enum status
ask(struct call *call, const Depot__Inventory__V1__ListResourcesRequest *request,
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
answer(struct call *call, const Depot__Inventory__V1__ListResourcesRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__ListResourcesResponse *reply)
{
    struct page page;
    enum status status = page_read(call, rows, 0, page_size(request->page_size),
                                   &depot__inventory__v1__resource__schema, &page);

    if (status != STATUS_OK) {
        return status;
    }
    reply->n_resources = page.n_messages;
    reply->resources = (Depot__Inventory__V1__Resource **)page.messages;
    if (page.more) {
        const char *last = reply->resources[page.n_messages - 1]->id;

        reply->next_page_token =
            (char *)page_token_next(call, request_schema, &request->base, &page, last);
    }
    return STATUS_OK;
}

const struct inventory_list_resources_handler inventory_list_resources = {
    .ask = ask,
    .answer = answer,
};
