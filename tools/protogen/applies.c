#include "applies.h"

#include <string.h>

#include "listed.h"
#include "route.h"

/* What a method can be; a reason of the platform needs one of these. */
enum feature {
    ANYTHING = 1 << 0,
    BODY = 1 << 1,
    NO_BODY = 1 << 2,
    KEY = 1 << 3,
    PERIOD = 1 << 4,
    UNBOUNDED = 1 << 5,
    TIME = 1 << 6,
    MIN_LENGTH = 1 << 7,
    MAX_LENGTH = 1 << 8,
    ITEMS = 1 << 9,
    NUMBER = 1 << 10,
    VALUES = 1 << 11,
    OUTPUT_ONLY = 1 << 12,
    REQUIRED = 1 << 13,
    TYPED = 1 << 14,
    QUERY = 1 << 15,
    EFFECT = 1 << 16,
    OUTSIDE = 1 << 17,
    READY = 1 << 18,
    PEERS = 1 << 19,
    CONDITION = 1 << 20,
    FILTER = 1 << 22,
    ORDER = 1 << 23,
    CALLER = 1 << 24,
    LISTED = 1 << 21, /* no feature: only methods that list the reason */
};

/* A platform's reason that is not here can come from every method. */
static const struct {
    const char *name;
    enum feature feature;
} needs[] = {
    {"MALFORMED_JSON", BODY},
    {"WRONG_TYPE", TYPED},
    {"UNKNOWN_FIELD", BODY},
    {"DUPLICATE_FIELD", BODY},
    {"DUPLICATE_PARAMETER", QUERY},
    {"REQUIRED", REQUIRED},
    {"TOO_SHORT", MIN_LENGTH},
    {"TOO_LONG", MAX_LENGTH},
    {"TOO_MANY", ITEMS},
    {"OUT_OF_RANGE", NUMBER},
    {"UNKNOWN_VALUE", VALUES},
    {"READ_ONLY", OUTPUT_ONLY},
    {"BAD_TIMESTAMP", TIME},
    {"PERIOD_MISSING", UNBOUNDED},
    {"PERIOD_EMPTY", PERIOD},
    {"PERIOD_REVERSED", PERIOD},
    {"PERIOD_CONTRADICTORY", UNBOUNDED},
    {"BODY_NOT_ALLOWED", NO_BODY},
    {"ROUTE_UNKNOWN", OUTSIDE},
    {"METHOD_NOT_ALLOWED", OUTSIDE},
    {"REQUEST_IN_PROGRESS", KEY},
    {"IDEMPOTENCY_KEY_REUSED", KEY},
    {"MEDIA_TYPE", BODY},
    {"CONTENT_CODING", BODY},
    {"METHOD_UNKNOWN", PEERS},
    {"MALFORMED_MESSAGE", PEERS},
    {"OUTCOME_UNKNOWN", EFFECT},
    {"NOT_READY", READY},
    {"ETAG_MISMATCH", CONDITION},
    {"TOKEN_MISSING", CALLER},
    {"TOKEN_INVALID", CALLER},
    {"TOKEN_EXPIRED", CALLER},
    {"TOKEN_REVOKED", CALLER},
    {"ACCESS_UNKNOWN", CALLER},
    {"NOT_ALLOWED", CALLER},
    {"BAD_FILTER", FILTER},
    {"BAD_ORDER_BY", ORDER},
    {"RESOURCE_NOT_FOUND", LISTED},
    {"BAD_PAGE_TOKEN", LISTED},
};

static const struct {
    enum feature feature;
    const char *text;
} origins[] = {
    {ANYTHING, "every method"},
    {BODY, "methods with a body"},
    {NO_BODY, "methods without a body"},
    {KEY, "methods that honour an idempotency key"},
    {PERIOD, "methods that take a period"},
    {UNBOUNDED, "methods whose period may be unbounded"},
    {TIME, "methods that take a time"},
    {MIN_LENGTH, "methods with a string of a least length"},
    {MAX_LENGTH, "methods with a string of limited length"},
    {ITEMS, "methods with a limited list or map"},
    {NUMBER, "methods that take a number"},
    {VALUES, "methods that take one of several values"},
    {OUTPUT_ONLY, "methods whose body has read-only members"},
    {REQUIRED, "methods with a required value"},
    {TYPED, "methods that take anything but text"},
    {QUERY, "methods with query parameters"},
    {EFFECT, "methods that change something"},
    {OUTSIDE, "a path or a verb that no method has"},
    {READY, "`GET /readyz`"},
    {CONDITION, "methods that read, or that take `If-Match`"},
    {CALLER, "methods that ask who calls"},
    {FILTER, "methods that take a `filter`"},
    {ORDER, "methods that take `orderBy`"},
    {PEERS, "callers and services whose contracts differ"},
};

const char *
reason_known(size_t n)
{
    return n < sizeof needs / sizeof needs[0] ? needs[n].name : NULL;
}

static unsigned
reason_needs(const struct def_reason *reason)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (strcmp(needs[i].name, reason->name) == 0) {
            return needs[i].feature;
        }
    }
    return ANYTHING;
}

const char *
reason_origin(const struct def_reason *reason)
{
    unsigned feature = reason_needs(reason);

    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        if (origins[i].feature == feature) {
            return origins[i].text;
        }
    }
    return "every method";
}

/* --- what a method is --- */

static unsigned
type_features(const struct def_field *field)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING:
        return 0;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL:
        return TYPED;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM:
        return TYPED | VALUES;
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE:
        return field->message->known == KNOWN_TIMESTAMP ? TYPED | TIME : TYPED;
    default:
        return TYPED | NUMBER;
    }
}

/* A reason of the field's own stands in for the usual ones. */
static unsigned
field_features(const struct def_field *field)
{
    const Depot__Rpc__V1__FieldRule *rule = field->rule;
    unsigned set = type_features(field);

    if (rule->output_only) {
        return OUTPUT_ONLY;
    }
    if (*rule->reason != '\0') {
        return set;
    }
    set |= rule->required ? REQUIRED : 0;
    set |= rule->min_length != 0 ? MIN_LENGTH : 0;
    set |= rule->max_length != 0 || rule->max_key_length != 0 || rule->max_value_length != 0
               ? MAX_LENGTH
               : 0;
    set |= rule->max_items != 0 ? ITEMS : 0;
    set |= rule->n_in != 0 ? VALUES : 0;
    return set;
}

/* Messages may hold themselves; nothing new is found further down. */
static unsigned
message_features(const struct def_message *message, int depth)
{
    unsigned set = 0;

    if (message->rule->period != NULL) {
        set |= PERIOD | (*message->rule->period->unbounded != '\0' ? UNBOUNDED : 0);
    }
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct def_field *field = &message->fields[i];

        set |= field_features(field);
        if (field->message != NULL && !field->rule->output_only &&
            field->message->known == KNOWN_ORDINARY && depth > 0) {
            set |= message_features(field->message, depth - 1);
        }
    }
    return set;
}

static unsigned
method_features(const struct def_method *method)
{
    unsigned set = ANYTHING | message_features(method->request, 8);

    for (size_t i = 0; i < method->n_routes; i++) {
        set |= method->routes[i].body_field == BODY_NONE ? NO_BODY : BODY;
        for (size_t j = 0; j < method->request->n_fields; j++) {
            set |= route_has_query_field(&method->routes[i], (int)j) ? QUERY : 0;
        }
    }
    set |= method->rule->idempotency_key ? KEY : 0;
    set |= method->no_side_effects ? CONDITION : EFFECT;
    set |= method->validate_only ? QUERY | TYPED : 0; /* `validateOnly` */
    set |= method->rule->access != DEPOT__RPC__V1__ROLE__ANONYMOUS ? CALLER : 0;
    set |= listed_filter(method) != NULL ? FILTER : 0;
    set |= listed_order(method) != NULL ? ORDER : 0;
    for (size_t i = 0; i < method->request->n_fields; i++) {
        set |= method->request->fields[i].rule->if_match ? CONDITION : 0;
    }
    return set;
}

/* --- reasons of methods --- */

static bool
method_lists(const struct def_method *method, const struct def_reason *reason)
{
    for (size_t i = 0; method->rule != NULL && i < method->rule->n_reasons; i++) {
        if (strcmp(method->rule->reasons[i], reason->name) == 0) {
            return true;
        }
    }
    return false;
}

bool
reason_is_general(const struct def_reason *reason)
{
    return strcmp(reason->file->package, "depot.rpc.v1") == 0 && reason_needs(reason) != LISTED;
}

bool
reason_applies(const struct def_reason *reason, const struct def_method *method)
{
    return method_lists(method, reason) ||
           (reason_is_general(reason) && (reason_needs(reason) & method_features(method)) != 0);
}
