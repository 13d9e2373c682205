#include <string.h>

#include "accounts/api_key.h"
#include "accounts/people.h"
#include "base/clock.h"

/* Live ones of one account: one for each program that somebody looks after, and some to rotate. */
enum { KEYS_MAX = 20 };

/* A key that outlives who made it is one that nobody remembers. */
static const int64_t seconds_max = 5 * 366 * 24 * 3600;

static enum status
check_expiry(struct call *call, const Google__Protobuf__Timestamp *expire_time)
{
    int64_t now_s = clock_wall_us() / 1000000;

    if (expire_time != NULL &&
        (expire_time->seconds <= now_s || expire_time->seconds > now_s + seconds_max)) {
        call_violation(call, &reason_expiry_out_of_range, "/apiKey/expireTime",
                       "It must lie in the future, and not more than five years away.");
    }
    return call_invalid(call, &reason_validation_failed);
}

/* The key goes to the caller in the reply, its hash and how it starts to the database. */
static enum status
make_key(struct call *call, struct db_params *params)
{
    char *text = arena_alloc(call->arena, API_KEY_TEXT_BYTES);

    if (text == NULL) {
        return service_no_memory(call);
    }
    api_key_make(text);
    db_set_new_id(params, "id");
    db_set_text(params, "key_hash", api_key_hash(call->arena, text));
    db_set_text(params, "prefix", arena_copy(call->arena, text, API_KEY_PREFIX_BYTES));
    call->carried = text;
    return STATUS_OK;
}

static enum status
ask(struct call *call, const Depot__Accounts__V1__CreateApiKeyRequest *request,
    struct db_params *params)
{
    const Depot__Accounts__V1__ApiKey *api_key = request->api_key;
    enum status status = check_expiry(call, api_key->expire_time);

    if (status == STATUS_OK) {
        db_set_fields(params, &depot__accounts__v1__api_key__schema, &api_key->base);
        status = make_key(call, params);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (api_key->role == DEPOT__ACCOUNTS__V1__USER_ROLE__USER_ROLE_UNSPECIFIED) {
        db_set_text(params, "role", NULL);
    }
    db_set_int(params, "keys_max", KEYS_MAX);
    db_lock(params, ACCOUNTS_LOCK_ACCOUNT, call->caller.id);
    return STATUS_OK;
}

static enum status
refuse(struct call *call, const char *name, const char *outcome)
{
    if (strcmp(outcome, "NOT_ALLOWED") == 0) {
        return call_fail(call, &reason_not_allowed,
                         "An API key may not do more than the account that makes it.");
    }
    if (strcmp(outcome, "API_KEY_NAME_TAKEN") == 0) {
        return call_fail(call, &reason_api_key_name_taken,
                         "Another of the account's API keys has the name \"%s\".", name);
    }
    return call_fail(call, &reason_too_many_api_keys,
                     "An account can have %d API keys; take one back first.", KEYS_MAX);
}

static enum status
answer(struct call *call, const Depot__Accounts__V1__CreateApiKeyRequest *request,
       const struct db_rows *rows, Depot__Accounts__V1__NewApiKey *reply)
{
    const struct pb_message *schema = &depot__accounts__v1__api_key__schema;
    const char *outcome;
    enum status status;

    if (db_row_count(rows, 0) == 0) {
        return people_nobody(call);
    }
    outcome = db_text(rows, 0, 0, "outcome");
    if (strcmp(outcome, "OK") != 0) {
        return refuse(call, request->api_key->name, outcome);
    }
    reply->api_key = (Depot__Accounts__V1__ApiKey *)pb_new(call->arena, schema);
    if (reply->api_key == NULL) {
        return service_no_memory(call);
    }
    status = db_read(call, rows, 0, 0, schema, &reply->api_key->base);
    reply->id = reply->api_key->id;
    reply->key = call->carried;
    return status;
}

const struct accounts_create_api_key_handler accounts_create_api_key = {
    .ask = ask,
    .answer = answer,
};
