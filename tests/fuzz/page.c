/*
 * Page tokens: a token that a client made is refused, whatever it is, unless it is the one that the
 * list gave.
 *
 * Input: a position, ended by a zero byte, then a token.
 */
#include <stdlib.h>
#include <string.h>

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fuzz.h"
#include "service/page_token.h"

enum { POSITION_MAX = 256 }; /* longer ones are a bug of the handler's */

static const struct pb_message *const schema =
    &depot__inventory__v1__list_allocations_request__schema;

/* What was made is read as the position that it was made of, by the same query and no other. */
static void
expect_own(const char *position, Depot__Inventory__V1__ListAllocationsRequest *request)
{
    struct fuzz_call one;
    const char *found;

    fuzz_call_open(&one);
    request->page_token = (char *)page_token_make(&one.call, schema, &request->base, position);
    ASSERT(request->page_token[0] != '\0');
    ASSERT(page_token_read(&one.call, schema, &request->base, &found) == STATUS_OK);
    ASSERT(strcmp(found, position) == 0);
    request->resource_id = (char *)"another";
    ASSERT(page_token_read(&one.call, schema, &request->base, &found) != STATUS_OK);
    ASSERT(one.call.problem.reason == &reason_bad_page_token);
    fuzz_expect_problem(&one.call, NULL);
    fuzz_call_close(&one);
}

/* Another's is refused; the digest cannot be met by chance. */
static void
expect_refusal(const char *token, Depot__Inventory__V1__ListAllocationsRequest *request)
{
    struct fuzz_call one;
    const char *found = NULL;

    fuzz_call_open(&one);
    request->page_token = (char *)token;
    if (page_token_read(&one.call, schema, &request->base, &found) == STATUS_OK) {
        /* Only the one that stands for this position, or none. */
        const char *own = found[0] == '\0' && token[0] == '\0'
                              ? ""
                              : page_token_make(&one.call, schema, &request->base, found);

        ASSERT(strcmp(own, token) == 0);
    } else {
        ASSERT(one.call.problem.reason == &reason_bad_page_token);
        fuzz_expect_problem(&one.call, NULL);
    }
    fuzz_call_close(&one);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    Depot__Inventory__V1__ListAllocationsRequest request =
        DEPOT__INVENTORY__V1__LIST_ALLOCATIONS_REQUEST__INIT;
    char *text = calloc(1, bytes + 2); /* ends twice, if need be */
    char *position = text;
    char *token;

    ASSERT(text != NULL);
    if (bytes != 0) {
        memcpy(text, data, bytes);
    }
    token = text + strlen(text) + 1;
    if (strlen(position) > POSITION_MAX) {
        position[POSITION_MAX] = '\0';
    }
    request.type = (char *)"cars";
    request.resource_id = (char *)"one";
    expect_refusal(token, &request);
    expect_own(position, &request);
    free(text);
    return 0;
}
