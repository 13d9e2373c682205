#include "service/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/number.h"
#include "pb/time.h"
#include "service/page_token.h"

/* The texts of a row's order fields and of its id. */
struct position {
    const char *texts[LIMIT_ORDER_FIELDS + 1];
};

/* The request's text in the field, "" if it has no such field. */
static const char *
text_of(const struct pb_message *schema, const ProtobufCMessage *request, const char *name)
{
    const struct pb_field *field = pb_field_named(schema, name, strlen(name));
    const char *text = "";

    if (field != NULL && field->descriptor->type == PROTOBUF_C_TYPE_STRING) {
        memcpy(&text, pb_member_const(field, request), sizeof(text));
    }
    return text;
}

static const char *
filter_of(const struct pb_message *schema, const ProtobufCMessage *request)
{
    return text_of(schema, request, "filter");
}

static const char *
order_of(const struct pb_message *schema, const ProtobufCMessage *request)
{
    return text_of(schema, request, "order_by");
}

bool
list_is_ordered(const struct pb_message *schema, const ProtobufCMessage *request)
{
    return order_of(schema, request)[0] != '\0';
}

/* --- positions --- */

static const char *
member_text(struct call *call, const struct pb_field *field, const ProtobufCMessage *message)
{
    const char *text = NULL;
    bool exhausted = false;

    ASSERT(db_field_text(call->arena, field, message, &text, &exhausted));
    return text == NULL && !exhausted ? DB_SHAPE_NO_TIME : text;
}

static const struct pb_field *
id_of(const struct pb_message *listed)
{
    const struct pb_field *id = pb_field_named(listed, "id", 2);

    ASSERT(id != NULL);
    return id;
}

const char *
list_position(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
              const struct pb_message *listed, const ProtobufCMessage *message)
{
    struct pb_expression_fault fault;
    struct buf out = BUF_INIT;
    struct pb_order order;
    const char *position;

    ASSERT(pb_order_read(call->arena, listed, order_of(schema, request), &order, &fault));
    for (size_t i = 0; i <= order.n; i++) {
        const struct pb_field *field = i < order.n ? order.keys[i].field : id_of(listed);
        const char *text = member_text(call, field, message);

        if (text == NULL) {
            buf_fini(&out);
            return NULL;
        }
        buf_printf(&out, "%zu:%s", strlen(text), text);
    }
    position = arena_copy(call->arena, out.data, out.length_bytes);
    buf_fini(&out);
    return position;
}

/* Takes one text from `*at`; NULL if there is none. */
static const char *
take_text(struct arena *arena, const char **at)
{
    size_t n_digits = strspn(*at, "0123456789");
    size_t bytes;
    const char *text;

    if (n_digits == 0 || n_digits > 3 || (*at)[n_digits] != ':') {
        return NULL;
    }
    bytes = (size_t)strtoul(*at, NULL, 10);
    text = *at + n_digits + 1;
    if (bytes > strlen(text)) {
        return NULL;
    }
    *at = text + bytes;
    return arena_copy(arena, text, bytes);
}

/* What PostgreSQL is to read as the field's type must be of that type. */
static bool
is_of_type(const struct pb_field *field, const char *text)
{
    Google__Protobuf__Timestamp time;
    int64_t number;

    switch (pb_filter_type_of(field)) {
    case PB_FILTER_TIME:
        return strcmp(text, DB_SHAPE_NO_TIME) == 0 || pb_time_parse(text, strlen(text), &time);
    case PB_FILTER_INTEGER:
        return pb_number_signed(text, strlen(text), INT64_MIN, INT64_MAX, &number) == PB_NUMBER_OK;
    default:
        return utf8_valid(text, strlen(text), NULL);
    }
}

static bool
read_position(struct call *call, const struct db_list *list, const struct pb_order *order,
              const char *text, struct position *position)
{
    for (size_t i = 0; i <= order->n; i++) {
        const struct pb_field *field = i < order->n ? order->keys[i].field : id_of(list->schema);

        position->texts[i] = take_text(call->arena, &text);
        if (position->texts[i] == NULL || !is_of_type(field, position->texts[i])) {
            return false;
        }
    }
    return *text == '\0';
}

/* --- requests --- */

static void
refuse(struct call *call, const struct reason *reason, const char *place,
       const struct pb_expression_fault *fault)
{
    call_violation(call, reason, place, "In column %zu: %s.", fault->column, fault->text);
}

static enum status
read_expressions(struct call *call, const struct db_list *list, const char *filter_text,
                 const char *order_text, const struct pb_filter **filter, struct pb_order *order)
{
    struct pb_expression_fault fault;

    if (filter_text[0] != '\0' &&
        !pb_filter_read(call->arena, list->schema, filter_text, filter, &fault)) {
        refuse(call, &reason_bad_filter, "/filter", &fault);
    }
    if (order_text[0] != '\0' &&
        !pb_order_read(call->arena, list->schema, order_text, order, &fault)) {
        refuse(call, &reason_bad_order_by, "/orderBy", &fault);
    }
    return call_invalid(call, &reason_validation_failed);
}

enum status
list_ask(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
         struct db_params *params)
{
    const struct db_list *list = params->query->list;
    const char *filter_text = filter_of(schema, request);
    const char *order_text = order_of(schema, request);
    const struct pb_filter *filter = NULL;
    struct pb_order order = {0};
    struct position position;
    const char *text = "";
    enum status status;

    if (filter_text[0] == '\0' && order_text[0] == '\0') {
        return STATUS_OK;
    }
    status = read_expressions(call, list, filter_text, order_text, &filter, &order);
    if (status == STATUS_OK && order.n != 0) {
        status = page_token_read(call, schema, request, &text);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (text[0] != '\0' && !read_position(call, list, &order, text, &position)) {
        return page_token_refuse(call);
    }
    params->shape = db_shape_make(call->arena, list, filter, order.n != 0 ? &order : NULL,
                                  text[0] != '\0' ? position.texts : NULL);
    params->exhausted = params->exhausted || params->shape == NULL;
    return STATUS_OK;
}
