/* What methods say of themselves, apart from HTTP. */
#include <string.h>

#include "check.h"
#include "method_names.h"

/* Messages may hold themselves; rules further down are those of a level above. */
enum { FIELD_DEPTH = 4 };

static void
check_reasons(struct check *self, const struct def_method *method)
{
    const Depot__Rpc__V1__MethodRule *rule = method->rule;

    for (size_t i = 0; i < rule->n_reasons; i++) {
        if (contract_reason(self->contract, rule->reasons[i]) == NULL) {
            check_refuse(self, method->rule_place, "rpc %s names the unknown reason \"%s\"",
                         method->name, rule->reasons[i]);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(rule->reasons[i], rule->reasons[j]) == 0) {
                check_refuse(self, method->rule_place, "rpc %s names the reason \"%s\" twice",
                             method->name, rule->reasons[i]);
            }
        }
    }
}

/* A reason that a field of the request gives is one of the method's, or readers would not know. */
static void
check_field_reasons(struct check *self, const struct def_method *method,
                    const struct def_message *message, int depth)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];
        bool listed = *field->rule->reason == '\0';

        for (size_t j = 0; j < method->rule->n_reasons; j++) {
            listed = listed || strcmp(method->rule->reasons[j], field->rule->reason) == 0;
        }
        if (!listed) {
            check_refuse(self, method->rule_place,
                         "rpc %s does not list the reason \"%s\" of field %s of %s", method->name,
                         field->rule->reason, field->name, message->name);
        }
        if (field->message != NULL && depth > 0) {
            check_field_reasons(self, method, field->message, depth - 1);
        }
    }
}

static void
check_location(struct check *self, const struct def_method *method)
{
    for (size_t i = 0; i < method->n_location; i++) {
        const struct def_piece *piece = &method->location[i];

        if (i == 0 && (piece->variable || piece->text[0] != '/')) {
            check_refuse(self, method->rule_place, "the location of rpc %s does not start with '/'",
                         method->name);
        }
        if (!piece->variable) {
            continue;
        }
        if (piece->field < 0 || !field_is_scalar(&method->reply->fields[piece->field]) ||
            method->reply->fields[piece->field].type !=
                GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING) {
            check_refuse(self, method->rule_place,
                         "the location of rpc %s names \"%s\", which is no string field of %s",
                         method->name, piece->text, method->reply->name);
        }
    }
}

/* What a method promises must go together. */
static void
check_promises(struct check *self, const struct def_method *method)
{
    const Depot__Rpc__V1__MethodRule *rule = method->rule;

    if (method->no_side_effects && rule->class_ == DEPOT__RPC__V1__CLASS__WRITE) {
        check_refuse(self, method->rule_place, "rpc %s is NO_SIDE_EFFECTS and of class WRITE",
                     method->name);
    }
    if (method->no_side_effects && rule->idempotency_key) {
        check_refuse(self, method->rule_place,
                     "rpc %s is NO_SIDE_EFFECTS and takes an idempotency key", method->name);
    }
    if (*rule->affinity != '\0' &&
        (method->affinity < 0 || !field_is_scalar(&method->request->fields[method->affinity]))) {
        check_refuse(self, method->rule_place,
                     "the affinity of rpc %s names \"%s\", which is no scalar field of %s",
                     method->name, rule->affinity, method->request->name);
    }
}

static void
check_name(struct check *self, const struct def_method *method)
{
    if (name_is_taken_in_c(method->snake)) {
        check_refuse(self, method->place,
                     "rpc %s would be the member %s of a struct in C, where that has another "
                     "meaning",
                     method->name, method->snake);
    }
}

void
check_method(struct check *self, const struct def_method *method)
{
    check_name(self, method);
    if (method->streaming) {
        check_refuse(self, method->place,
                     "rpc %s is streaming, which is not carried; use pages or a LIST method",
                     method->name);
    }
    if (method->rule == NULL || method->rule->access == DEPOT__RPC__V1__ROLE__ROLE_UNSPECIFIED) {
        check_refuse(self, method->place, "rpc %s does not say its access", method->name);
    }
    if (method->rule == NULL || method->rule->class_ == DEPOT__RPC__V1__CLASS__CLASS_UNSPECIFIED) {
        check_refuse(self, method->place, "rpc %s does not say its class", method->name);
    }
    if (method->rule != NULL) {
        check_promises(self, method);
        check_location(self, method);
        check_reasons(self, method);
        check_field_reasons(self, method, method->request, FIELD_DEPTH);
    }
    check_access(self, method);
    check_list(self, method);
}
