/* Services and methods by the names that people give them. */
#include <string.h>

#include "ctl.h"
#include "depot/auth/v1/authority.schema.h"
#include "grpc/health/v1/health.schema.h"
#include "http/route.h"

const struct pb_service *const *
contract_services(struct arena *arena)
{
    const struct pb_service **services;
    size_t n = 0;

    while (http_contract.services[n] != NULL) {
        n++;
    }
    services = arena_alloc(arena, (n + 3) * sizeof(services[0]));
    memcpy(services, http_contract.services, n * sizeof(services[0]));
    services[n] = &depot__auth__v1__authority__service;
    services[n + 1] = &grpc__health__v1__health__service;
    services[n + 2] = NULL;
    return services;
}

bool
contract_service_is(const struct pb_service *service, const char *name, size_t bytes)
{
    const char *dot = strrchr(service->full_name, '.');
    const char *const names[] = {service->full_name, dot == NULL ? service->full_name : dot + 1,
                                 service->short_name};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == bytes && memcmp(names[i], name, bytes) == 0) {
            return true;
        }
    }
    return false;
}

static bool
method_is(const struct pb_method *method, const char *name)
{
    const char *slash = strrchr(name, '/');

    if (slash == NULL) {
        return strcmp(method->name, name) == 0;
    }
    if (name[0] == '/') {
        return strcmp(method->path, name) == 0;
    }
    return strcmp(method->name, slash + 1) == 0 &&
           contract_service_is(method->service, name, (size_t)(slash - name));
}

const struct pb_method *
contract_method(struct arena *arena, const char *name)
{
    const struct pb_service *const *service = contract_services(arena);
    const struct pb_method *found = NULL;

    for (; *service != NULL; service++) {
        for (size_t i = 0; i < (*service)->n_methods; i++) {
            const struct pb_method *method = (*service)->methods[i];

            if (!method_is(method, name)) {
                continue;
            }
            if (found != NULL) {
                ctl_fail(EXIT_USAGE, "'%s' may be %s or %s: give the service too", name,
                         found->path + 1, method->path + 1);
                return NULL;
            }
            found = method;
        }
    }
    if (found == NULL) {
        ctl_fail(EXIT_USAGE, "there is no method '%s'; depotctl methods lists them", name);
    }
    return found;
}
