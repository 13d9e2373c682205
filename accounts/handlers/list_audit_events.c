#include <string.h>

#include "accounts/accounts.h"
#include "service/page.h"

/* Behind every number that an event may have. */
static const char newest[] = "9223372036854775807";

/* Fits a bigint for sure: 18 digits are less than the largest. */
static bool
is_number(const char *text)
{
    size_t bytes = strlen(text);

    return bytes < sizeof(newest) - 1 && strspn(text, "0123456789") == bytes;
}

static const struct page_order newest_first = {
    .param = "before",
    .first = newest,
    .is_position = is_number,
};

static const struct page_list list = {
    .request = &depot__accounts__v1__list_audit_events_request__schema,
    .reply = &depot__accounts__v1__list_audit_events_response__schema,
    .order = &newest_first,
};

static enum status
ask(struct call *call, const Depot__Accounts__V1__ListAuditEventsRequest *request,
    struct db_params *params)
{
    return page_ask(call, &list, &request->base, params);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__ListAuditEventsRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListAuditEventsResponse *reply)
{
    return page_answer(call, &list, &request->base, rows, &reply->base);
}

const struct accounts_list_audit_events_handler accounts_list_audit_events = {
    .ask = ask,
    .answer = answer,
};
