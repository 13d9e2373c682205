/* What a list that can be filtered or ordered must have. */
#include "check.h"
#include "listed.h"

/* As many bytes as a page token has for the order fields of a row. */
enum { POSITION_BYTES = 700, TIME_BYTES = 40, CODE_POINT_BYTES = 4 };

static void
refuse(struct check *self, const struct def_method *method, const struct def_field *field,
       const char *what)
{
    check_refuse(self, field->place, "field %s of %s needs %s", field->name, method->request->name,
                 what);
}

static bool
has_marked(const struct def_message *message, bool filterable)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const Depot__Rpc__V1__FieldRule *rule = message->fields[i].rule;

        if (filterable ? rule->filterable : rule->sortable) {
            return true;
        }
    }
    return false;
}

static bool
has_string_id(const struct def_message *message)
{
    int id = message_field(message, "id");

    return id >= 0 &&
           message->fields[id].type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING;
}

/* A text without a limit could make a position that no token holds. */
static void
check_position(struct check *self, const struct def_message *message)
{
    size_t bytes = 0;

    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (!field->rule->sortable) {
            continue;
        }
        bytes += TIME_BYTES + (size_t)field->rule->max_length * CODE_POINT_BYTES;
        if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING &&
            field->rule->max_length == 0) {
            check_refuse(self, field->place, "field %s of %s is sortable and needs a max_length",
                         field->name, message->name);
        }
    }
    if (bytes > POSITION_BYTES) {
        check_refuse(self, message->place,
                     "the sortable fields of %s are too long together for a page token",
                     message->name);
    }
}

static void
check_expression(struct check *self, const struct def_method *method,
                 const struct def_field *expression, bool filterable)
{
    const struct def_message *message = listed_message(method);

    if (message == NULL || !has_marked(message, filterable)) {
        refuse(self, method, expression,
               filterable ? "a listed message with filterable fields"
                          : "a listed message with sortable fields");
        return;
    }
    if (expression->rule->max_length == 0) {
        refuse(self, method, expression, "a max_length");
    }
    if (!filterable && !has_string_id(message)) {
        refuse(self, method, expression, "a listed message with a string field id");
    }
    if (!filterable) {
        check_position(self, message);
    }
}

void
check_list(struct check *self, const struct def_method *method)
{
    const struct def_field *filter = listed_filter(method);
    const struct def_field *order = listed_order(method);

    if (filter != NULL) {
        check_expression(self, method, filter, true);
    }
    if (order != NULL) {
        check_expression(self, method, order, false);
    }
    if (order != NULL && message_field(method->request, "page_token") < 0) {
        refuse(self, method, order, "a field page_token beside it");
    }
}
