#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/wrappers.schema.h"
#include "inventory/inventory.h"
#include "service/page_token.h"

enum { STATEMENT_TOTAL, STATEMENT_LIST };
enum { PER_PAGE_DEFAULT = 20, PER_PAGE_MAX = 100, PAGE_MAX = 1000000 };

static const struct pb_message *const request_schema =
    &depot__inventory__v1__list_pxcodes_request__schema;

/* Which page a request means. */
struct wanted {
    int32_t page; /* from 1 */
    int32_t per_page;
};

/* A token's position is the number of a page. */
static enum status
find_wanted(struct call *call, const Depot__Inventory__V1__ListPxcodesRequest *request,
            struct wanted *wanted)
{
    const char *position;
    enum status status = page_token_read(call, request_schema, &request->base, &position);
    int32_t per_page = request->page_size == 0 ? PER_PAGE_DEFAULT : request->page_size;

    if (status != STATUS_OK) {
        return status;
    }
    if (strlen(position) > 7 || strspn(position, "0123456789") != strlen(position)) {
        return page_token_refuse(call);
    }
    wanted->per_page = per_page > PER_PAGE_MAX ? PER_PAGE_MAX : per_page;
    wanted->page = position[0] != '\0' ? atoi(position) : request->page;
    if (wanted->page < 1) {
        wanted->page = 1;
    }
    return wanted->page > PAGE_MAX ? page_token_refuse(call) : STATUS_OK;
}

static enum status
ask(struct call *call, const Depot__Inventory__V1__ListPxcodesRequest *request,
    struct db_params *params)
{
    struct wanted wanted = {1, PER_PAGE_DEFAULT};
    enum status status = find_wanted(call, request, &wanted);

    if (status == STATUS_OK) {
        db_set_int(params, "offset", (int64_t)(wanted.page - 1) * wanted.per_page);
        db_set_int(params, "limit", wanted.per_page);
    }
    return status;
}

static char *
page_link(struct call *call, int32_t page, int32_t per_page)
{
    char *link =
        arena_printf(call->arena, "/v1/pxcodes?page=%" PRId32 "&per_page=%" PRId32, page, per_page);

    return link != NULL ? link : (char *)"";
}

/* The link to a page, or NULL where there is none. */
static Google__Protobuf__StringValue *
optional_link(struct call *call, int32_t page, int32_t pages, int32_t per_page)
{
    Google__Protobuf__StringValue *value;

    if (page < 1 || page > pages) {
        return NULL;
    }
    value = (Google__Protobuf__StringValue *)pb_new(call->arena,
                                                    &google__protobuf__string_value__schema);
    if (value != NULL) {
        value->value = page_link(call, page, per_page);
    }
    return value;
}

static void
fill_meta(struct call *call, const struct wanted *wanted, int32_t total,
          Depot__Inventory__V1__PageMeta *meta)
{
    int32_t pages = total == 0 ? 1 : (total - 1) / wanted->per_page + 1;

    meta->page = wanted->page;
    meta->pages = pages;
    meta->per_page = wanted->per_page;
    meta->total = total;
    meta->prev = optional_link(call, wanted->page - 1, pages, wanted->per_page);
    meta->next = optional_link(call, wanted->page + 1, pages, wanted->per_page);
    meta->first = page_link(call, 1, wanted->per_page);
    meta->last = page_link(call, pages, wanted->per_page);
}

static enum status
answer(struct call *call, const Depot__Inventory__V1__ListPxcodesRequest *request,
       const struct db_rows *rows, Depot__Inventory__V1__ListPxcodesResponse *reply)
{
    struct wanted wanted = {1, PER_PAGE_DEFAULT};
    enum status status = find_wanted(call, request, &wanted);

    reply->meta = (Depot__Inventory__V1__PageMeta *)pb_new(
        call->arena, &depot__inventory__v1__page_meta__schema);
    if (status != STATUS_OK || reply->meta == NULL) {
        return service_no_memory(call);
    }
    fill_meta(call, &wanted, (int32_t)db_int(rows, STATEMENT_TOTAL, 0, "total"), reply->meta);
    if (wanted.page < reply->meta->pages) {
        char *position = arena_printf(call->arena, "%" PRId32, wanted.page + 1);

        reply->next_page_token =
            (char *)page_token_make(call, request_schema, &request->base, position);
    }
    reply->n_items = db_row_count(rows, STATEMENT_LIST);
    return db_read_list(call, rows, STATEMENT_LIST, reply->n_items,
                        &depot__inventory__v1__pxcode__schema, (ProtobufCMessage ***)&reply->items);
}

const struct inventory_list_pxcodes_handler inventory_list_pxcodes = {
    .ask = ask,
    .answer = answer,
};
