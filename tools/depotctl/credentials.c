/* Who calls: an access token, or one that the authority gives for an API key. */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "depot/auth/v1/authority.pb-c.h"
#include "depot/auth/v1/authority.schema.h"

#define EXCHANGE depot__auth__v1__authority__exchange_api_key__method

/* The variable's value; NULL if it is unset or empty. */
static const char *
variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

static void
take_token(struct ctl *self, const ProtobufCMessage *message)
{
    const Depot__Auth__V1__ExchangeApiKeyResponse *reply =
        (const Depot__Auth__V1__ExchangeApiKeyResponse *)message;

    self->context.access_token = arena_strdup(&self->arena, reply->access_token);
}

static int
exchange(struct ctl *self, const char *key, const char *addresses)
{
    Depot__Auth__V1__ExchangeApiKeyRequest request =
        DEPOT__AUTH__V1__EXCHANGE_API_KEY_REQUEST__INIT;
    struct rpc_stub *stub;
    struct call call;
    int code = ctl_open(self, &depot__auth__v1__authority__service, addresses, NULL, &stub);

    if (code != 0) {
        return code;
    }
    call_init(&call, &self->arena);
    call.request_id = self->context.request_id;
    request.api_key = arena_strdup(&self->arena, key);
    if (rpc_stub_call(stub, &EXCHANGE, &request.base) == STATUS_OK) {
        take_token(self, rpc_stub_message(stub));
    } else {
        code = ctl_problem(&call, &EXCHANGE, rpc_stub_reply(stub));
    }
    rpc_stub_close(stub);
    return code;
}

int
ctl_authorise(struct ctl *self, const struct pb_method *method)
{
    const char *key = variable("DEPOT_API_KEY"), *addresses = variable("ACCOUNTS_ADDRESSES");

    if (self->context.access_token == NULL) {
        self->context.access_token = variable("DEPOT_TOKEN");
    }
    if (self->context.access_token != NULL || key == NULL || method->access == PB_ROLE_ANONYMOUS) {
        return 0;
    }
    if (addresses == NULL) {
        return ctl_fail(EXIT_USAGE, "DEPOT_API_KEY needs ACCOUNTS_ADDRESSES: where the accounts "
                                    "service is, which gives a token for it");
    }
    return exchange(self, key, addresses);
}
