#include "pb/order.h"

#include "pb/expression.h"

static bool
has_field(const struct pb_order *order, const struct pb_field *field)
{
    for (size_t i = 0; i < order->n; i++) {
        if (order->keys[i].field == field) {
            return true;
        }
    }
    return false;
}

static bool
read_key(struct pb_expression *in, struct pb_order *order)
{
    const struct pb_field *field;
    const char *at;
    size_t bytes;

    pb_expression_blanks(in);
    at = in->at;
    bytes = pb_expression_name(at);
    field = pb_field_find(in->schema, at, bytes);
    if (bytes == 0 || field == NULL || !field->rule.sortable) {
        return pb_expression_fail(in, at, "expected a field, one of %s",
                                  pb_expression_fields(in, false));
    }
    if (has_field(order, field)) {
        return pb_expression_fail(in, at, "`%s` stands twice", field->json_name);
    }
    if (order->n == LIMIT_ORDER_FIELDS) {
        return pb_expression_fail(in, at, "there are more than %d fields", LIMIT_ORDER_FIELDS);
    }
    in->at += bytes;
    pb_expression_blanks(in);
    order->keys[order->n].field = field;
    order->keys[order->n].descending = pb_expression_take(in, "desc");
    if (!order->keys[order->n].descending) {
        (void)pb_expression_take(in, "asc");
    }
    order->n++;
    pb_expression_blanks(in);
    return true;
}

bool
pb_order_read(struct arena *arena, const struct pb_message *schema, const char *text,
              struct pb_order *order, struct pb_expression_fault *fault)
{
    struct pb_expression in = {
        .arena = arena, .schema = schema, .text = text, .at = text, .fault = fault};
    struct pb_order found = {0};

    while (read_key(&in, &found)) {
        if (*in.at == '\0') {
            *order = found;
            return true;
        }
        if (*in.at != ',') {
            return pb_expression_fail(&in, in.at, "expected asc, desc, a comma or the end");
        }
        in.at++;
    }
    return false;
}
