/* Asks grpc.health.v1.Health/Check: for scripts and container health checks. */
#include <string.h>

#include "ctl.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/health/v1/health.schema.h"

/* The full name of a service given by any of its names; what is unknown here may exist there. */
static const char *
full_name_of(struct ctl *self, const char *name)
{
    for (const struct pb_service *const *at = contract_services(&self->arena); *at != NULL; at++) {
        if (contract_service_is(*at, name, strlen(name))) {
            return (*at)->full_name;
        }
    }
    return name;
}

static void
take_status(const Grpc__Health__V1__HealthCheckResponse *reply, void *closure)
{
    if (reply != NULL) {
        *(int *)closure = (int)reply->status;
    }
}

static int
report(int status)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &grpc__health__v1__health_check_response__serving_status__descriptor, status);

    puts(value == NULL ? "UNKNOWN" : value->name);
    return status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING ? 0
                                                                                      : EXIT_FAILED;
}

int
ctl_health(struct ctl *self)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    struct rpc_stub *stub;
    int status = -1;
    int code = ctl_open(self, &grpc__health__v1__health__service, self->args[0], &stub);

    if (code != 0) {
        return code;
    }
    if (self->args[1] != NULL) {
        request.service = arena_strdup(&self->arena, full_name_of(self, self->args[1]));
    }
    grpc__health__v1__health__check(rpc_stub_service(stub), &request, take_status, &status);
    if (rpc_stub_status(stub) == STATUS_OK) {
        code = report(status);
    } else {
        code = ctl_fail(EXIT_UNAVAILABLE, "no answer from %s: %s", self->args[0],
                        rpc_stub_reply(stub)->message);
    }
    rpc_stub_close(stub);
    return code;
}
