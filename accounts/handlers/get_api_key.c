#include "accounts/people.h"

static enum status
answer(struct call *call, const Depot__Accounts__V1__GetApiKeyRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__ApiKey *reply)
{
    if (db_row_count(rows, 0) == 0) {
        return people_no_api_key(call, request->id);
    }
    return db_read(call, rows, 0, 0, &depot__accounts__v1__api_key__schema, &reply->base);
}

const struct accounts_get_api_key_handler accounts_get_api_key = {
    .answer = answer,
};
