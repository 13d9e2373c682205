/* grpc.health.v1.Health, which every server answers by itself. */
#include <string.h>

#include "base/assert.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/health/v1/health.schema.h"
#include "rpc/serving.h"

/* A Check with the longest service name is far below; other frames of this size are few. */
enum { CHECK_FRAME_BYTES = 512 };

bool
health_looks_like(const void *frame, size_t bytes)
{
    const char *path = grpc__health__v1__health__check__method.path;

    return bytes <= CHECK_FRAME_BYTES && memmem(frame, bytes, path, strlen(path)) != NULL;
}

static bool
knows(const struct rpc_server *server, const char *service)
{
    for (const struct pb_service *const *at = server->services; *at != NULL; at++) {
        if (strcmp((*at)->full_name, service) == 0) {
            return true;
        }
    }
    return service[0] == '\0';
}

void
health_answer(const struct rpc_server *server, struct slot *slot)
{
    const Grpc__Health__V1__HealthCheckRequest *request =
        (const Grpc__Health__V1__HealthCheckRequest *)slot->served.request;
    Grpc__Health__V1__HealthCheckResponse *reply = (Grpc__Health__V1__HealthCheckResponse *)pb_new(
        &slot->arena, &grpc__health__v1__health_check_response__schema);
    const struct rpc_executor *executor = &server->executor;
    const char *why = "";

    ASSERT(reply != NULL);
    if (!knows(server, request->service)) {
        reply->status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN;
    } else if (atomic_load(&server->draining) ||
               (executor->ready != NULL && !executor->ready(executor->closure, &why))) {
        reply->status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
    } else {
        reply->status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    }
    slot->served.reply = &reply->base;
    slot->served.status = STATUS_OK;
}
