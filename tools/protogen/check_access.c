/* Who may call a method: what its rule says must make sense together. */
#include "check.h"
#include "method_names.h"

/* Requests may hold themselves; what is bound lies no deeper. */
enum { DEPTH = 4 };

static void
refuse(struct check *self, const struct def_method *method, const char *what)
{
    check_refuse(self, method->rule_place, "rpc %s %s", method->name, what);
}

static void
check_others(struct check *self, const struct def_method *method)
{
    const Depot__Rpc__V1__MethodRule *rule = method->rule;

    if (rule->others == DEPOT__RPC__V1__ROLE__ROLE_UNSPECIFIED) {
        return;
    }
    if (rule->others == DEPOT__RPC__V1__ROLE__ANONYMOUS) {
        refuse(self, method, "lets whoever asks reach what is somebody else's");
    } else if (rule->others < rule->access) {
        refuse(self, method, "asks for a lower role for what is somebody else's than for itself");
    }
}

static void
check_public(struct check *self, const struct def_method *method)
{
    const Depot__Rpc__V1__MethodRule *rule = method->rule;

    if (rule->public_read && !method->no_side_effects) {
        refuse(self, method, "is public_read, yet not NO_SIDE_EFFECTS");
    }
    if (rule->public_read && rule->access != DEPOT__RPC__V1__ROLE__MEMBER) {
        refuse(self, method, "is public_read, which needs access: MEMBER");
    }
    if (rule->session_only && rule->access == DEPOT__RPC__V1__ROLE__ANONYMOUS) {
        refuse(self, method, "is session_only, yet for whoever asks");
    }
}

/* What nobody calls over a network. */
static void
check_operator(struct check *self, const struct def_method *method)
{
    bool is_operators = method->rule->access == DEPOT__RPC__V1__ROLE__OPERATOR;

    if (is_operators && method->n_routes != 0) {
        refuse(self, method, "is for OPERATOR and cannot have an HTTP rule");
    }
    if (method->rule->every_ms == 0) {
        return;
    }
    if (!is_operators) {
        refuse(self, method, "has every_ms, which needs access: OPERATOR");
    }
    if (method->request->known != KNOWN_EMPTY) {
        refuse(self, method, "has every_ms, which needs google.protobuf.Empty as its request");
    }
}

/* The fields that a client sets are bound under their names: none may pass for what was checked. */
static void
check_bound_names(struct check *self, const struct def_method *method,
                  const struct def_message *message, int depth)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        if (field->rule->output_only) {
            continue;
        }
        if (name_is_reserved_parameter(field->name)) {
            check_refuse(self, method->place,
                         "field %s of %s, which rpc %s takes, has the name of a parameter that the "
                         "platform sets in queries",
                         field->name, message->name, method->name);
        }
        if (field->message != NULL && depth > 0) {
            check_bound_names(self, method, field->message, depth - 1);
        }
    }
}

void
check_access(struct check *self, const struct def_method *method)
{
    check_bound_names(self, method, method->request, DEPTH);
    if (method->rule == NULL) {
        return;
    }
    check_others(self, method);
    check_public(self, method);
    check_operator(self, method);
}
