#include "exchange_access.h"

#include <stddef.h>

#include "credentials.h"
#include "depot/rpc/v1/reasons.schema.h"

/* Whether a new token might be good where this one is not. */
static bool
is_token_refused(const struct exchange *self)
{
    return self->call.problem.reason->code == STATUS_UNAUTHENTICATED;
}

static enum status
check_token(struct exchange *self, const char *text, size_t bytes)
{
    struct access *access = &self->gateway->access;
    enum status status = auth_verifier_check(access->verifier, &self->call, text, bytes);

    if (status != STATUS_OK) {
        return status;
    }
    self->access_token = arena_copy(&self->arena, text, bytes);
    if (self->access_token == NULL) {
        return call_fail(&self->call, &reason_internal_error, "No memory for the token.");
    }
    return auth_policy_check(&access->policy, &self->call, self->match.route->method);
}

static enum status
refuse_credentials(struct exchange *self)
{
    return call_fail(
        &self->call, &reason_token_invalid,
        "Authorization must come once: Bearer with an access token or an API key, or Basic "
        "with an API key as the user name.");
}

/* --- API keys --- */

static enum status
refuse_key(struct exchange *self, const struct apikeys_answer *answer)
{
    const struct reason *reason = answer->reason;

    self->call.problem.retry_after_ms = answer->retry_after_ms;
    if (reason == &reason_token_invalid) {
        return call_fail(&self->call, reason, "The API key is not valid.");
    }
    if (reason == &reason_token_expired) {
        return call_fail(&self->call, reason, "The API key has expired.");
    }
    if (reason == &reason_token_revoked) {
        return call_fail(&self->call, reason, "The API key was taken back.");
    }
    if (reason == &reason_deadline_exceeded) {
        return call_fail(&self->call, reason, "The time was over before the API key was checked.");
    }
    return call_fail(&self->call, reason,
                     "The API key cannot be checked now; try again in a moment.");
}

/* The token that is remembered for the key may have been taken back since: then a new one is. */
static enum status
check_remembered(struct exchange *self, const struct apikeys_answer *answer)
{
    const struct credentials *key = &self->credentials;
    enum status status = check_token(self, answer->token, answer->token_bytes);

    if (status == STATUS_OK || !is_token_refused(self)) {
        return status;
    }
    apikeys_drop(self->gateway->access.keys, key->text, key->bytes);
    self->call.problem = (struct problem){0};
    self->awaits_token = true;
    return STATUS_OK;
}

static enum status
check_key(struct exchange *self)
{
    const struct credentials *key = &self->credentials;
    struct apikeys_answer answer;

    if (!apikeys_find(self->gateway->access.keys, key->text, key->bytes, self->started_us,
                      &answer)) {
        self->awaits_token = true;
        return STATUS_OK;
    }
    return answer.reason != NULL ? refuse_key(self, &answer) : check_remembered(self, &answer);
}

/*
 * The authority has just given the token out. If it is not valid here, then because its key has
 * not been heard of yet: that is not the client's fault.
 */
static enum status
check_new(struct exchange *self, const struct apikeys_answer *answer)
{
    const struct credentials *key = &self->credentials;
    enum status status = check_token(self, answer->token, answer->token_bytes);

    if (status == STATUS_OK || !is_token_refused(self)) {
        return status;
    }
    apikeys_drop(self->gateway->access.keys, key->text, key->bytes);
    if (self->call.problem.reason != &reason_token_invalid) {
        return status;
    }
    return refuse_key(self, &(struct apikeys_answer){.reason = &reason_access_unknown,
                                                     .retry_after_ms = LIMIT_RETRY_AFTER_MS});
}

static void
token_came(struct apikeys_wait *wait, const struct apikeys_answer *answer)
{
    struct exchange *self =
        (struct exchange *)(void *)((char *)wait - offsetof(struct exchange, wait));
    enum status status;

    self->gateway->metrics.in_flight--;
    self->awaits_token = false;
    status = answer->reason != NULL ? refuse_key(self, answer) : check_new(self, answer);
    if (status == STATUS_OK) {
        exchange_go_on(self);
    } else {
        exchange_answer_problem(self); /* its address has paid for the question */
    }
}

static enum status
ask(struct exchange *self)
{
    const struct credentials *key = &self->credentials;
    enum status status = exchange_read_timeout(self);

    if (status == STATUS_OK) {
        status = exchange_take_share(self, 1); /* guesses are not free */
    }
    if (status != STATUS_OK) {
        return status;
    }
    self->wait = (struct apikeys_wait){
        .done = token_came,
        .deadline_us = self->call.deadline_us,
        .request_id = self->request_id,
        .client_address = self->call.client_address,
    };
    if (!apikeys_ask(self->gateway->access.keys, key->text, key->bytes, self->gateway->now_us,
                     &self->wait)) {
        return call_fail(&self->call, &reason_overloaded, "Too many API keys are being checked.");
    }
    return STATUS_OK;
}

void
exchange_await_token(struct exchange *self)
{
    if (ask(self) != STATUS_OK) {
        exchange_answer_problem(self);
        return;
    }
    self->gateway->metrics.in_flight++;
}

/* --- everybody --- */

enum status
exchange_find_caller(struct exchange *self)
{
    const struct auth_policy *policy = &self->gateway->access.policy;

    if (!policy->enforced) {
        self->call.caller = auth_nobody_in_charge;
        return auth_policy_check(policy, &self->call, self->match.route->method);
    }
    if (!auth_policy_asks(self->match.route->method)) {
        return STATUS_OK;
    }
    self->credentials = credentials_read(&self->message, &self->arena);
    switch (self->credentials.kind) {
    case CREDENTIALS_NONE:
        return auth_policy_check(policy, &self->call, self->match.route->method);
    case CREDENTIALS_TOKEN:
        return check_token(self, self->credentials.text, self->credentials.bytes);
    case CREDENTIALS_API_KEY:
        return check_key(self);
    case CREDENTIALS_BAD:
        break;
    }
    return refuse_credentials(self);
}

/* Nothing of Basic: a browser would ask its user for a password. */
void
exchange_write_challenge(const struct exchange *self, int status, struct buf *fields)
{
    const struct reason *reason = self->call.problem.reason;

    if (status != 401) {
        return;
    }
    buf_puts(fields, "WWW-Authenticate: Bearer realm=\"depot\"");
    if (reason == &reason_token_invalid || reason == &reason_token_expired ||
        reason == &reason_token_revoked) {
        buf_puts(fields, ", error=\"invalid_token\", error_description=\"");
        buf_puts(fields, reason->title);
        buf_puts(fields, "\"");
    }
    buf_puts(fields, "\r\n");
}
