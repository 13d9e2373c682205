#include "inventory/inventory.h"
#include "service/page.h"

static const struct page_list list = {
    .request = &depot__inventory__v1__list_resources_request__schema,
    .reply = &depot__inventory__v1__list_resources_response__schema,
    .order = &page_by_id,
};

static enum status
ask(struct call *call, const Depot__Inventory__V1__ListResourcesRequest *request,
    struct db_params *params)
{
    return page_ask(call, &list, &request->base, params);
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__ListResourcesRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__ListResourcesResponse *reply)
{
    return page_answer(call, &list, &request->base, rows, &reply->base);
}

const struct inventory_list_resources_handler inventory_list_resources = {
    .ask = ask,
    .answer = answer,
};
