#include "http/validate_only.h"

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/place.h"
#include "pb/value.h"

bool
http_validate_only_is(const struct pb_method *method, const char *name, size_t bytes)
{
    return method->validate_only &&
           (pb_name_is("validateOnly", name, bytes) || pb_name_is("validate_only", name, bytes));
}

void
http_validate_only_read(struct call *call, const char *value, size_t bytes, bool *seen)
{
    static const struct pb_place root = {NULL, "", 0};
    static const struct pb_place place = {&root, "validateOnly", PB_NAME_TEXT};
    bool is_true = value != NULL && pb_name_is("true", value, bytes);

    if (*seen) {
        pb_refuse_value(call, &reason_duplicate_parameter, &place,
                        "may stand only once in the query; `validate_only` is the same.");
    } else if (!is_true && (value == NULL || !pb_name_is("false", value, bytes))) {
        pb_refuse_value(call, &reason_wrong_type, &place, "must be true or false.");
    }
    call->validate_only = call->validate_only || is_true;
    *seen = true;
}
