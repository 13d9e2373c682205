#include "service/guard.h"

#include <stdlib.h>
#include <string.h>

#include "auth/feed.h"
#include "auth/verifier.h"
#include "base/assert.h"
#include "depot/auth/v1/authority.schema.h"

struct guard {
    struct auth_policy policy;
    const char *addresses;
    struct auth_verifier *verifier; /* NULL: AUTH_MODE=off */
    struct auth_feed *feed;         /* NULL: not started */
};

struct guard *
guard_new(const struct auth_settings *settings)
{
    struct guard *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    self->policy = auth_settings_policy(settings);
    self->addresses = settings->accounts_addresses;
    if (settings->enforced) {
        self->verifier = auth_verifier_new(auth_settings_max_age_ms(settings));
    }
    return self;
}

void
guard_free(struct guard *self)
{
    if (self->feed != NULL) {
        auth_feed_close(self->feed);
    }
    if (self->verifier != NULL) {
        auth_verifier_free(self->verifier);
    }
    free(self);
}

bool
guard_is_authority(const struct service *service)
{
    const struct pb_service *const *at = service->services;

    while (*at != NULL &&
           strcmp((*at)->full_name, depot__auth__v1__authority__service.full_name) != 0) {
        at++;
    }
    return *at != NULL;
}

/* In the feed's thread. */
static bool
pull(void *closure, const Depot__Auth__V1__PullAuthorityRequest *request, struct arena *arena,
     const Depot__Auth__V1__PullAuthorityResponse **answer)
{
    struct rpc_served served;
    const ProtobufCMessage *reply;

    insider_prepare(&served, &depot__auth__v1__authority__pull_authority__method, &request->base,
                    arena);
    reply = insider_call(closure, &served);
    *answer = (const Depot__Auth__V1__PullAuthorityResponse *)reply;
    return reply != NULL;
}

enum status
guard_start(struct guard *self, const struct service *service, struct insider *insider,
            const struct rpc_tls *tls, struct error *error)
{
    struct auth_source source = {.closure = insider, .pull = pull};

    if (self->verifier == NULL) {
        return STATUS_OK;
    }
    if (guard_is_authority(service)) {
        return auth_feed_open_local(self->verifier, &source, &self->feed, error);
    }
    ASSERT(self->addresses != NULL); /* the settings were checked */
    return auth_feed_open(self->verifier, self->addresses, tls, &self->feed, error);
}

/* Who it is, as far as can be known. */
static enum status
identify(struct guard *self, struct call *call, const struct pb_method *method, const char *token)
{
    if (self->verifier == NULL) {
        call->caller = auth_nobody_in_charge;
        return STATUS_OK;
    }
    if (token[0] == '\0' || !auth_policy_asks(method)) {
        /* No account's id looks like an address: nobody shares an account's idempotency keys. */
        call->principal = call->client_address;
        return STATUS_OK;
    }
    return auth_verifier_check(self->verifier, call, token, strlen(token));
}

enum status
guard_check(struct guard *self, struct rpc_served *served, const char *token)
{
    struct call *call = &served->call;
    enum status status = identify(self, call, served->method, token);

    if (status == STATUS_OK) {
        status = auth_policy_check(&self->policy, call, served->method);
    }
    if (status == STATUS_OK) {
        call->caller.sees_all = auth_policy_sees_all(&self->policy, &call->caller, served->method);
    }
    return status;
}

bool
guard_ready(struct guard *self, const char **why)
{
    return self->verifier == NULL || auth_verifier_ready(self->verifier, why);
}
