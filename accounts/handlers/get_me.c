#include "accounts/people.h"

static enum status
answer(struct call *call, const Depot__Accounts__V1__GetMeRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__User *reply)
{
    (void)request;
    if (db_row_count(rows, 0) == 0) {
        return people_nobody(call);
    }
    return db_read(call, rows, 0, 0, &depot__accounts__v1__user__schema, &reply->base);
}

const struct accounts_get_me_handler accounts_get_me = {
    .answer = answer,
};
