#include <string.h>

#include "accounts/accounts.h"
#include "service/page.h"

/* Behind every number that an event may have. */
static const char newest[] = "9223372036854775807";

static const struct pb_message *const request_schema =
    &depot__accounts__v1__list_audit_events_request__schema;

/* Fits a bigint for sure: 18 digits are less than the largest. */
static bool
is_number(const char *text)
{
    size_t bytes = strlen(text);

    return bytes > 0 && bytes < sizeof(newest) - 1 && strspn(text, "0123456789") == bytes;
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__ListAuditEventsRequest *request,
    struct db_params *params)
{
    const char *before;
    enum status status = page_token_read(call, request_schema, &request->base, &before);

    if (status != STATUS_OK) {
        return status;
    }
    if (before[0] == '\0') {
        before = newest;
    } else if (!is_number(before)) {
        return page_token_refuse(call);
    }
    db_set_text(params, "before", before);
    db_set_int(params, "limit", page_size(request->page_size) + 1);
    return STATUS_OK;
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__ListAuditEventsRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ListAuditEventsResponse *reply)
{
    struct page page;
    enum status status = page_read(call, rows, 0, page_size(request->page_size),
                                   &depot__accounts__v1__audit_event__schema, &page);

    if (status != STATUS_OK) {
        return status;
    }
    reply->n_audit_events = page.n_messages;
    reply->audit_events = (Depot__Accounts__V1__AuditEvent **)page.messages;
    if (page.more) {
        const char *last = reply->audit_events[page.n_messages - 1]->id;

        reply->next_page_token =
            (char *)page_token_next(call, request_schema, &request->base, &page, last);
    }
    return STATUS_OK;
}

const struct accounts_list_audit_events_handler accounts_list_audit_events = {
    .ask = ask,
    .answer = answer,
};
