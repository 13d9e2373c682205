#include <string.h>

#include "accounts/accounts.h"
#include "accounts/sessions.h"
#include "accounts/settings.h"

enum { STATEMENT_EPOCH, STATEMENT_KEYS, STATEMENT_REVOCATIONS };

enum { REVOCATIONS_MAX = 1000 }; /* of one answer; the query asks for one more */

static enum status
read_keys(struct call *call, const struct db_rows *rows,
          Depot__Auth__V1__PullAuthorityResponse *reply)
{
    size_t n = db_row_count(rows, STATEMENT_KEYS);
    ProtobufCMessage **keys;
    enum status status = db_read_list(call, rows, STATEMENT_KEYS, n,
                                      &depot__auth__v1__verification_key__schema, &keys);

    if (status == STATUS_OK) {
        reply->n_keys = n;
        reply->keys = (Depot__Auth__V1__VerificationKey **)keys;
    }
    return status;
}

static enum status
read_revocations(struct call *call, const struct db_rows *rows,
                 Depot__Auth__V1__PullAuthorityResponse *reply)
{
    size_t n = db_row_count(rows, STATEMENT_REVOCATIONS);
    size_t n_answered = n < REVOCATIONS_MAX ? n : REVOCATIONS_MAX;
    ProtobufCMessage **revocations;
    enum status status = db_read_list(call, rows, STATEMENT_REVOCATIONS, n_answered,
                                      &depot__auth__v1__revocation__schema, &revocations);

    if (status != STATUS_OK) {
        return status;
    }
    reply->n_revocations = n_answered;
    reply->revocations = (Depot__Auth__V1__Revocation **)revocations;
    reply->more = n > n_answered;
    if (n_answered != 0) {
        reply->last = (int32_t)db_int(rows, STATEMENT_REVOCATIONS, n_answered - 1, "number");
    }
    return STATUS_OK;
}

/* Whether what the caller has heard so far is of this life of the database. */
static bool
has_heard(const Depot__Auth__V1__PullAuthorityRequest *request, const struct db_rows *rows)
{
    return strcmp(db_text(rows, STATEMENT_EPOCH, 0, "epoch"), request->epoch) == 0 &&
           request->after <= db_int(rows, STATEMENT_EPOCH, 0, "newest");
}

static enum status
answer(struct call *call, const Depot__Auth__V1__PullAuthorityRequest *request,
       const struct db_rows *rows, Depot__Auth__V1__PullAuthorityResponse *reply)
{
    enum status status = read_keys(call, rows, reply);

    reply->epoch = (char *)db_text(rows, STATEMENT_EPOCH, 0, "epoch");
    reply->issuer = (char *)accounts_settings()->issuer;
    reply->audience = (char *)SESSIONS_AUDIENCE;
    reply->last = has_heard(request, rows) ? request->after : 0;
    return status == STATUS_OK ? read_revocations(call, rows, reply) : status;
}

const struct accounts_pull_authority_handler accounts_pull_authority = {
    .answer = answer,
};
