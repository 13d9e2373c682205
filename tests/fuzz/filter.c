/*
 * Filters and orders: whatever the text, it is read or refused at a place in it, and what was read
 * has only comparisons that there are, of values of their types, no deeper than allowed.
 *
 * Input: a byte whose lowest bit says of what the list is, then a text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "fuzz.h"
#include "pb/order.h"
#include "pb/time.h"

static void
expect_fault(const struct pb_expression_fault *fault, const char *text)
{
    size_t length = 0;

    ASSERT(utf8_valid(text, strlen(text), &length));
    ASSERT(fault->column >= 1 && fault->column <= length + 1);
    ASSERT(utf8_valid(fault->text, strlen(fault->text), NULL) && fault->text[0] != '\0');
}

/* Only comparisons that there are, each with a value that its type takes. */
static unsigned
expect_filter(const struct pb_filter *filter, unsigned depth)
{
    unsigned n = 0;

    ASSERT(depth <= 3 * (LIMIT_FILTER_DEPTH + 1));
    if (filter->kind == PB_FILTER_COMPARE) {
        enum pb_filter_type type = pb_filter_type_of(filter->field);
        Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

        ASSERT(filter->field->rule.filterable);
        ASSERT((filter->key != NULL) == (type == PB_FILTER_MAP));
        ASSERT(pb_filter_takes(filter->key != NULL ? PB_FILTER_TEXT : type, filter->op));
        ASSERT((filter->value == NULL) == (filter->op == PB_FILTER_PRESENT));
        ASSERT(type != PB_FILTER_TIME || filter->value == NULL ||
               pb_time_parse(filter->value, strlen(filter->value), &time));
        return 1;
    }
    ASSERT(filter->operands != NULL);
    ASSERT((filter->operands->next == NULL) == (filter->kind == PB_FILTER_NOT));
    for (const struct pb_filter *part = filter->operands; part != NULL; part = part->next) {
        n += expect_filter(part, depth + 1);
    }
    ASSERT(n <= LIMIT_FILTER_TERMS);
    return n;
}

static void
fuzz_filter(const struct pb_message *schema, const char *text)
{
    struct pb_expression_fault fault = {0};
    const struct pb_filter *filter = NULL;
    struct fuzz_call one;

    fuzz_call_open(&one);
    if (pb_filter_read(one.call.arena, schema, text, &filter, &fault)) {
        ASSERT(expect_filter(filter, 0) >= 1);
    } else {
        expect_fault(&fault, text);
    }
    fuzz_call_close(&one);
}

static void
fuzz_order(const struct pb_message *schema, const char *text)
{
    struct pb_expression_fault fault = {0};
    struct pb_order order = {0};
    struct fuzz_call one;

    fuzz_call_open(&one);
    if (pb_order_read(one.call.arena, schema, text, &order, &fault)) {
        ASSERT(order.n >= 1 && order.n <= LIMIT_ORDER_FIELDS);
        for (size_t i = 0; i < order.n; i++) {
            ASSERT(order.keys[i].field->rule.sortable);
        }
    } else {
        expect_fault(&fault, text);
    }
    fuzz_call_close(&one);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const struct pb_message *schema = (fuzz_byte(&data, &bytes) & 1) == 0
                                          ? &depot__inventory__v1__resource__schema
                                          : &depot__inventory__v1__allocation__schema;
    char *text = malloc(bytes + 1);

    ASSERT(text != NULL);
    memcpy(text, data == NULL ? (const uint8_t *)"" : data, bytes);
    text[bytes] = '\0';
    /* What is no text is refused before it comes here. */
    if (utf8_valid(text, bytes, NULL) && strlen(text) == bytes) {
        fuzz_filter(schema, text);
        fuzz_order(schema, text);
    }
    free(text);
    return 0;
}
