/*
 * Lists: filters and orders from a client's words to the statement, and to the next page. What is
 * taken makes a statement that holds nothing of what the client wrote.
 *
 * Input: an order, ended by a zero byte, then a filter, ended likewise, then a name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "db/params.h"
#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.queries.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "fuzz.h"
#include "service/list.h"
#include "service/page_token.h"

enum { LONG_ENOUGH = 12, PARAMETERS_MAX = 300 }; /* no fragment has such a word of a client's */

static const struct pb_message *const schema =
    &depot__inventory__v1__list_resources_request__schema;

/* Our own fragments have words of that length, too; those with a digit or a sign have not. */
static bool
is_telling(const char *value)
{
    return strlen(value) >= LONG_ENOUGH && strpbrk(value, "0123456789;'\"\\") != NULL;
}

static void
expect_statement(const struct db_shape *shape)
{
    int depth = 0;

    ASSERT(shape->n_values <= PARAMETERS_MAX);
    for (const char *at = shape->sql; *at != '\0'; at++) {
        depth += (*at == '(') - (*at == ')');
        ASSERT(depth >= 0);
    }
    ASSERT(depth == 0);
    for (size_t i = 0; i < shape->n_values; i++) {
        if (shape->params[i] < 0 && is_telling(shape->values[i])) {
            ASSERT(strstr(shape->sql, shape->values[i]) == NULL);
        }
    }
}

/* The shape that the request asks for; NULL with the call's problem if it is refused. */
static const struct db_shape *
ask(struct fuzz_call *one, const ProtobufCMessage *request)
{
    struct db_binding binding;
    struct db_params params;
    enum status status;

    db_binding_init(&binding, &inventory_query_list_resources, schema);
    db_params_init(&params, &one->call, &binding, request);
    status = list_ask(&one->call, schema, request, &params);
    db_binding_fini(&binding);
    if (status != STATUS_OK) {
        fuzz_expect_problem(&one->call, NULL);
        return NULL;
    }
    return params.shape;
}

/* The next page is of the same list: its token is taken, with nothing but more values. */
static void
expect_next_page(struct fuzz_call *one, Depot__Inventory__V1__ListResourcesRequest *request,
                 const char *name)
{
    Depot__Inventory__V1__Resource last = DEPOT__INVENTORY__V1__RESOURCE__INIT;
    const struct db_shape *shape;
    const char *position;

    last.id = (char *)"0195a3c0-7c00-7000-8000-000000000001";
    last.name = (char *)name;
    position = list_position(&one->call, schema, &request->base,
                             &depot__inventory__v1__resource__schema, &last.base);
    ASSERT(position != NULL);
    request->page_token = (char *)page_token_make(&one->call, schema, &request->base, position);
    shape = ask(one, &request->base);
    ASSERT(shape != NULL);
    expect_statement(shape);
}

static void
try(const char *order, const char *filter, const char *name)
{
    Depot__Inventory__V1__ListResourcesRequest request =
        DEPOT__INVENTORY__V1__LIST_RESOURCES_REQUEST__INIT;
    const struct db_shape *shape;
    struct fuzz_call one;

    fuzz_call_open(&one);
    request.type = (char *)"cars";
    request.order_by = (char *)order;
    request.filter = (char *)filter;
    shape = ask(&one, &request.base);
    if (shape != NULL) {
        expect_statement(shape);
        if (list_is_ordered(schema, &request.base)) {
            expect_next_page(&one, &request, name);
        }
    }
    fuzz_call_close(&one);
}

/* The text up to the next zero byte, cut to what a contract lets through. */
static const char *
take(char **at, size_t limit)
{
    char *text = *at;

    *at += strlen(text) + 1;
    if (strlen(text) > limit) {
        text[limit] = '\0';
    }
    return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = calloc(1, bytes + 3); /* ends three times, if need be */
    char *at = text;
    const char *order, *filter, *name;

    ASSERT(text != NULL);
    if (bytes != 0) {
        memcpy(text, data, bytes);
    }
    order = take(&at, 256);
    filter = take(&at, 2000);
    name = take(&at, 64);
    /* Nothing else gets past the codec. */
    if (utf8_valid(order, strlen(order), NULL) && utf8_valid(filter, strlen(filter), NULL) &&
        utf8_valid(name, strlen(name), NULL)) {
        try(order, filter, name);
    }
    free(text);
    return 0;
}
