#include <string.h>

#include "inventory/inventory.h"
#include "pb/time.h"
#include "service/page.h"

enum { STATEMENT_RESOURCE, STATEMENT_LIST };

/* The position of an allocation without a start, as PostgreSQL writes it. */
static const char since_ever[] = "-infinity";

static bool
is_position(const char *text)
{
    Google__Protobuf__Timestamp time;

    return strcmp(text, since_ever) == 0 || pb_time_parse(text, strlen(text), &time);
}

static const char *
position(struct call *call, const ProtobufCMessage *message)
{
    const Depot__Inventory__V1__Allocation *allocation = (const void *)message;
    char text[PB_TIME_TEXT_BYTES];

    if (allocation->start_time == NULL) {
        return since_ever;
    }
    return arena_copy(call->arena, text, pb_time_format(allocation->start_time, text));
}

static const struct page_order by_start = {
    .param = "after",
    .first = "",
    .is_position = is_position,
    .position = position,
};

static const struct page_list list = {
    .request = &depot__inventory__v1__list_allocations_request__schema,
    .reply = &depot__inventory__v1__list_allocations_response__schema,
    .statement = STATEMENT_LIST,
    .order = &by_start,
};

static enum status
ask(struct call *call, const Depot__Inventory__V1__ListAllocationsRequest *request,
    struct db_params *params)
{
    return page_ask(call, &list, &request->base, params);
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__ListAllocationsRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__ListAllocationsResponse *reply)
{
    if (db_row_count(rows, STATEMENT_RESOURCE) == 0) {
        return inventory_no_resource(call, request->type, request->resource_id);
    }
    return page_answer(call, &list, &request->base, rows, &reply->base);
}

const struct inventory_list_allocations_handler inventory_list_allocations = {
    .ask = ask,
    .answer = answer,
};
