#include "service/page.h"

#include <string.h>

#include "base/assert.h"
#include "base/uuid.h"
#include "pb/value.h"
#include "service/handler.h"
#include "service/list.h"
#include "service/page_token.h"

/* Some of the rows that a query found. */
struct page {
    size_t n_messages;
    ProtobufCMessage **messages;
    bool more;
};

static const struct pb_field *
field_of(const struct pb_message *schema, const char *name)
{
    const struct pb_field *field = pb_field_named(schema, name, strlen(name));

    ASSERT(field != NULL);
    return field;
}

/* The field that is the list. */
static const struct pb_field *
listed_field(const struct pb_message *reply)
{
    const struct pb_field *field = reply->fields;

    while (!pb_repeated(field)) {
        field++;
        ASSERT(field < reply->fields + reply->n_fields);
    }
    ASSERT(field->message != NULL);
    return field;
}

/* How many rows the page has: the default for 0. Negative ones are refused before. */
static int32_t
page_size(const struct page_list *list, const ProtobufCMessage *request)
{
    int32_t size = *(const int32_t *)pb_member_const(field_of(list->request, "page_size"), request);

    ASSERT(size >= 0);
    if (size == 0) {
        return PAGE_SIZE_DEFAULT;
    }
    return size > PAGE_SIZE_MAX ? PAGE_SIZE_MAX : size;
}

/* --- the order --- */

static bool
is_uuid(const char *text)
{
    return uuid_valid(text, strlen(text));
}

const struct page_order page_by_id = {
    .param = "after",
    .first = UUID_NIL,
    .is_position = is_uuid,
};

/* The position behind which the next page begins; NULL: the arena is at its cap. */
static const char *
position_behind(struct call *call, const struct page_list *list, const ProtobufCMessage *request,
                const ProtobufCMessage *last)
{
    const struct pb_message *listed = listed_field(list->reply)->message;

    if (list_is_ordered(list->request, request)) {
        return list_position(call, list->request, request, listed, last);
    }
    if (list->order->position != NULL) {
        return list->order->position(call, last);
    }
    return *(char *const *)pb_member_const(field_of(listed, "id"), last);
}

/* --- the first half --- */

enum status
page_ask(struct call *call, const struct page_list *list, const ProtobufCMessage *request,
         struct db_params *params)
{
    const struct page_order *order = list->order;
    const char *position = "";
    enum status status = STATUS_OK;

    /* A position in an order of the caller's went into the query's shape: see list_ask. */
    if (!list_is_ordered(list->request, request)) {
        status = page_token_read(call, list->request, request, &position);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (position[0] != '\0' && !order->is_position(position)) {
        return page_token_refuse(call);
    }
    db_set_text(params, order->param, position[0] == '\0' ? order->first : position);
    db_set_int(params, "limit", page_size(list, request) + 1);
    return STATUS_OK;
}

/* --- the second half --- */

static enum status
read_page(struct call *call, const struct db_rows *rows, size_t statement, size_t size,
          const struct pb_message *listed, struct page *page)
{
    size_t n_rows = db_row_count(rows, statement);
    size_t wanted = n_rows > size ? size : n_rows;
    ProtobufCMessage **messages = arena_alloc(call->arena, wanted * sizeof(*messages));
    size_t bytes = 0;
    size_t n = 0;

    while (messages != NULL && n < wanted && bytes < PAGE_BYTES_MAX) {
        enum status status;

        messages[n] = pb_new(call->arena, listed);
        if (messages[n] == NULL) {
            return service_no_memory(call);
        }
        status = db_read(call, rows, statement, n, listed, messages[n]);
        if (status != STATUS_OK) {
            return status;
        }
        bytes += protobuf_c_message_get_packed_size(messages[n++]);
    }
    if (messages == NULL) {
        return service_no_memory(call);
    }
    *page = (struct page){.n_messages = n, .messages = messages, .more = n < n_rows};
    return STATUS_OK;
}

enum status
page_answer(struct call *call, const struct page_list *list, const ProtobufCMessage *request,
            const struct db_rows *rows, ProtobufCMessage *reply)
{
    const struct pb_field *listed = listed_field(list->reply);
    const struct pb_field *next = field_of(list->reply, "next_page_token");
    struct page page = {0};
    enum status status = read_page(call, rows, list->statement, (size_t)page_size(list, request),
                                   listed->message, &page);

    if (status != STATUS_OK) {
        return status;
    }
    *pb_count(listed, reply) = page.n_messages;
    *(ProtobufCMessage ***)pb_member(listed, reply) = page.messages;
    if (page.more) {
        const ProtobufCMessage *last = page.messages[page.n_messages - 1];
        const char *position = position_behind(call, list, request, last);

        *(const char **)pb_member(next, reply) =
            page_token_make(call, list->request, request, position);
    }
    return STATUS_OK;
}
