/* Asks grpc.health.v1.Health/Check: for scripts and container health checks. */
#include <string.h>

#include "ctl.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/health/v1/health.schema.h"

/* The service that goes by one of its names, or NULL: what is unknown here may exist there. */
static const struct pb_service *
find_service(struct ctl *self, const char *name)
{
    for (const struct pb_service *const *at = contract_services(&self->arena); *at != NULL; at++) {
        if (contract_service_is(*at, name, strlen(name))) {
            return *at;
        }
    }
    return NULL;
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

/* Whose certificate is asked for: the health of a program does not say which one it is. */
static int
check_name(const struct ctl *self, const char *name)
{
    if (self->tls.ca_file != NULL && name == NULL) {
        return ctl_fail(EXIT_USAGE, "with TLS give the service, too: its certificate must say so");
    }
    return 0;
}

static int
ask(struct ctl *self, struct rpc_stub *stub, const char *full_name)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    int status = -1;

    request.service = arena_strdup(&self->arena, full_name);
    grpc__health__v1__health__check(rpc_stub_service(stub), &request, take_status, &status);
    if (rpc_stub_status(stub) == STATUS_OK) {
        return report(status);
    }
    return ctl_fail(EXIT_UNAVAILABLE, "no answer from %s: %s", self->args[0],
                    rpc_stub_reply(stub)->message);
}

int
ctl_health(struct ctl *self)
{
    const char *name = self->args[1];
    const struct pb_service *service = name == NULL ? NULL : find_service(self, name);
    struct rpc_stub *stub;
    int code = check_name(self, name);

    if (code == 0) {
        code = ctl_open(self, &grpc__health__v1__health__service, self->args[0],
                        service == NULL ? name : service->short_name, &stub);
    }
    if (code != 0) {
        return code;
    }
    code = ask(self, stub, service != NULL ? service->full_name : name != NULL ? name : "");
    rpc_stub_close(stub);
    return code;
}
