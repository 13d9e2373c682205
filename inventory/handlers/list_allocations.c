#include <string.h>

#include "inventory/inventory.h"
#include "pb/time.h"
#include "service/page.h"

enum { STATEMENT_RESOURCE, STATEMENT_LIST };

/* The position of an allocation without a start, as PostgreSQL writes it. */
static const char since_ever[] = "-infinity";

static const struct pb_message *const request_schema =
    &depot__inventory__v1__list_allocations_request__schema;

static bool
is_position(const char *text)
{
    Google__Protobuf__Timestamp time;

    return text[0] == '\0' || strcmp(text, since_ever) == 0 ||
           pb_time_parse(text, strlen(text), &time);
}

static enum status
ask(struct call *call, const Depot__Inventory__V1__ListAllocationsRequest *request,
    struct db_params *params)
{
    const char *after;
    enum status status = page_token_read(call, request_schema, &request->base, &after);

    if (status != STATUS_OK) {
        return status;
    }
    if (!is_position(after)) {
        return page_token_refuse(call);
    }
    db_set_text(params, "after", after);
    db_set_int(params, "limit", page_size(request->page_size) + 1);
    return STATUS_OK;
}

static const char *
position_of(struct call *call, const Depot__Inventory__V1__Allocation *allocation)
{
    char text[PB_TIME_TEXT_BYTES];

    if (allocation->start_time == NULL) {
        return since_ever;
    }
    return arena_copy(call->arena, text, pb_time_format(allocation->start_time, text));
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__ListAllocationsRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__ListAllocationsResponse *reply)
{
    struct page page;
    enum status status;

    if (db_row_count(rows, STATEMENT_RESOURCE) == 0) {
        return inventory_no_resource(call, request->type, request->resource_id);
    }
    status = page_read(call, rows, STATEMENT_LIST, page_size(request->page_size),
                       &depot__inventory__v1__allocation__schema, &page);
    if (status != STATUS_OK) {
        return status;
    }
    reply->n_allocations = page.n_messages;
    reply->allocations = (Depot__Inventory__V1__Allocation **)page.messages;
    if (page.more) {
        const char *last = position_of(call, reply->allocations[page.n_messages - 1]);

        reply->next_page_token =
            (char *)page_token_next(call, request_schema, &request->base, &page, last);
    }
    return STATUS_OK;
}

const struct inventory_list_allocations_handler inventory_list_allocations = {
    .ask = ask,
    .answer = answer,
};
