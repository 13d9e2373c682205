#include "auth/policy.h"

#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"

const struct caller auth_nobody_in_charge = {
    .id = "", .name = "", .session = "", .scope = "", .role = PB_ROLE_ADMIN};

static const char *const role_names[] = {
    [PB_ROLE_ANONYMOUS] = "anonymous", [PB_ROLE_MEMBER] = "member",
    [PB_ROLE_MANAGER] = "manager",     [PB_ROLE_ADMIN] = "admin",
    [PB_ROLE_OPERATOR] = "operator",
};

const char *
auth_role_name(unsigned role)
{
    return role <= PB_ROLE_OPERATOR ? role_names[role] : "";
}

int
auth_role_parse(const char *text)
{
    for (int role = PB_ROLE_MEMBER; role <= PB_ROLE_ADMIN; role++) {
        if (strcmp(text, role_names[role]) == 0) {
            return role;
        }
    }
    return -1;
}

/* What a scope allows of the method's service. */
static const char *
scope_right(const struct pb_method *method)
{
    return method->no_side_effects ? "read" : "write";
}

/* Whether `word` is SERVICE.RIGHT. */
static bool
is_scope(const char *word, size_t bytes, const char *service, const char *right)
{
    size_t service_bytes = strlen(service);

    return bytes == service_bytes + 1 + strlen(right) &&
           memcmp(word, service, service_bytes) == 0 && word[service_bytes] == '.' &&
           memcmp(word + service_bytes + 1, right, bytes - service_bytes - 1) == 0;
}

static bool
is_in_scope(const char *scope, const struct pb_method *method)
{
    while (*scope != '\0') {
        size_t bytes = strcspn(scope, " ");

        if (is_scope(scope, bytes, method->service->short_name, scope_right(method))) {
            return true;
        }
        scope += bytes + strspn(scope + bytes, " ");
    }
    return false;
}

static enum status
check_program(struct call *call, const struct pb_method *method)
{
    if (method->session_only) {
        return call_fail(call, &reason_not_allowed,
                         "This is for people who log in: an API key "
                         "will not do.");
    }
    if (call->caller.scope[0] != '\0' && !is_in_scope(call->caller.scope, method)) {
        return call_fail(call, &reason_not_allowed, "The API key's scopes do not hold %s.%s.",
                         method->service->short_name, scope_right(method));
    }
    return STATUS_OK;
}

enum status
auth_policy_check(const struct auth_policy *self, struct call *call, const struct pb_method *method)
{
    unsigned role = call->caller.role;

    if (method->access == PB_ROLE_OPERATOR && role != PB_ROLE_OPERATOR) {
        return call_fail(call, &reason_not_allowed, "Only the service's own operator may do this.");
    }
    /* What nobody in particular may do, no role and no scope forbids. */
    if (!self->enforced || method->access == PB_ROLE_ANONYMOUS ||
        (self->public_read && method->public_read)) {
        return STATUS_OK;
    }
    if (role == PB_ROLE_ANONYMOUS) {
        return call_fail(call, &reason_token_missing,
                         "Send an access token or an API key: Authorization: Bearer ...");
    }
    if (role < (unsigned)method->access) {
        return call_fail(call, &reason_not_allowed, "This takes the role %s; yours is %s.",
                         auth_role_name(method->access), auth_role_name(role));
    }
    return call->caller.is_program ? check_program(call, method) : STATUS_OK;
}

bool
auth_policy_asks(const struct pb_method *method)
{
    return method->access != PB_ROLE_ANONYMOUS;
}

bool
auth_policy_sees_all(const struct auth_policy *self, const struct caller *caller,
                     const struct pb_method *method)
{
    return !self->enforced || caller->role >= (unsigned)method->others;
}
