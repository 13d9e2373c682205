#include "pb/validate.h"

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/known.h"
#include "pb/number.h"
#include "pb/place.h"
#include "pb/rule.h"
#include "pb/time.h"
#include "pb/value.h"

static void check_message(struct call *call, const struct pb_message *schema,
                          const ProtobufCMessage *message, const struct pb_place *place);

static void
check_time(struct call *call, const ProtobufCMessage *message, const struct pb_place *place)
{
    if (!pb_time_valid((const Google__Protobuf__Timestamp *)message)) {
        pb_refuse(call, &reason_bad_timestamp, place,
                  "A time lies in the years 1 to 9999 and has whole microseconds.");
    }
}

static void
check_duration(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message,
               const struct pb_place *place)
{
    const int64_t *seconds = pb_member_const(&schema->fields[0], message);
    const int32_t *nanos = pb_member_const(&schema->fields[1], message);

    if (!pb_duration_valid(*seconds, *nanos)) {
        pb_refuse(call, &reason_out_of_range, place, "A duration is at most 10,000 years long.");
    }
}

/* One set message of a field: the field's own value, an element, or a map's value. */
static void
check_submessage(struct call *call, const struct pb_field *field, const struct pb_rule *rule,
                 const struct pb_place *place, const ProtobufCMessage *message)
{
    const struct pb_message *schema = field->message;

    switch (schema->known) {
    case PB_TIMESTAMP:
        check_time(call, message, place);
        return;
    case PB_DURATION:
        check_duration(call, schema, message, place);
        return;
    case PB_WRAPPER:
        pb_rule_check(call, &schema->fields[0], rule, place,
                      pb_member_const(&schema->fields[0], message));
        return;
    case PB_ORDINARY:
        /* What was refused as a whole stands in the message as an empty one. */
        if (!pb_place_refused(call, place)) {
            check_message(call, schema, message, place);
        }
        return;
    case PB_FIELD_MASK:
    case PB_EMPTY:
        return;
    }
}

static void
check_value(struct call *call, const struct pb_field *field, const struct pb_rule *rule,
            const struct pb_place *place, const void *value)
{
    if (field->descriptor->type != PROTOBUF_C_TYPE_MESSAGE) {
        pb_rule_check(call, field, rule, place, value);
    } else if (*(const ProtobufCMessage *const *)value != NULL) {
        check_submessage(call, field, rule, place, *(const ProtobufCMessage *const *)value);
    }
}

/* The name under which a map's key stands in places; `room` is for numbers. */
static struct pb_place
key_place(const struct pb_field *key, const void *value, const struct pb_place *parent,
          char room[static PB_NUMBER_TEXT_BYTES])
{
    struct pb_place place = {parent, room, 0};

    switch (key->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING:
        place.name = *(const char *const *)value;
        place.bytes = PB_NAME_TEXT;
        break;
    case PROTOBUF_C_TYPE_BOOL:
        place.name = *(const protobuf_c_boolean *)value ? "true" : "false";
        place.bytes = PB_NAME_TEXT;
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        place.bytes = pb_number_write_unsigned(*(const uint64_t *)value, room);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        place.bytes = pb_number_write_unsigned(*(const uint32_t *)value, room);
        break;
    default:
        place.bytes =
            pb_number_write_signed(pb_slot_bytes(key) == sizeof(int64_t) ? *(const int64_t *)value
                                                                         : *(const int32_t *)value,
                                   room);
        break;
    }
    return place;
}

static void
check_entry(struct call *call, const struct pb_field *map, const ProtobufCMessage *entry,
            const struct pb_place *parent)
{
    const struct pb_field *key = &map->message->fields[0];
    const struct pb_field *value = &map->message->fields[1];
    const struct pb_rule key_rule = {.max_length = map->rule.max_key_length,
                                     .reason = map->rule.reason};
    const struct pb_rule value_rule = {.max_length = map->rule.max_value_length,
                                       .reason = map->rule.reason};
    char room[PB_NUMBER_TEXT_BYTES];
    struct pb_place place = key_place(key, pb_member_const(key, entry), parent, room);

    pb_rule_check(call, key, &key_rule, &place, pb_member_const(key, entry));
    check_value(call, value, &value_rule, &place, pb_member_const(value, entry));
}

static void
check_list(struct call *call, const struct pb_field *field, const ProtobufCMessage *message,
           const struct pb_place *place)
{
    const char *list = *(const char *const *)pb_member_const(field, message);
    size_t n = *(const size_t *)(const void *)((const char *)message +
                                               field->descriptor->quantifier_offset);
    size_t bytes = pb_slot_bytes(field);
    struct pb_place element = {.parent = place};

    if (n == 0 && field->rule.required) {
        pb_refuse(call, pb_rule_reason(&field->rule, &reason_required), place,
                  "At least one is needed.");
    }
    if (field->rule.max_items != 0 && n > field->rule.max_items) {
        pb_refuse(call, pb_rule_reason(&field->rule, &reason_too_many), place,
                  "At most %u are allowed; these are %zu.", field->rule.max_items, n);
    }
    for (; element.bytes < n; element.bytes++) {
        const void *value = list + element.bytes * bytes;

        if (field->is_map) {
            check_entry(call, field, *(const ProtobufCMessage *const *)value, place);
        } else {
            check_value(call, field, &field->rule, &element, value);
        }
    }
}

/* Whether the field has a value at all: always, unless it is a message or in a oneof. */
static bool
is_set(const struct pb_field *field, const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *descriptor = field->descriptor;

    if (pb_in_oneof(field)) {
        const char *chosen = (const char *)message + descriptor->quantifier_offset;

        return *(const uint32_t *)(const void *)chosen == descriptor->id;
    }
    return descriptor->type != PROTOBUF_C_TYPE_MESSAGE ||
           *(const ProtobufCMessage *const *)pb_member_const(field, message) != NULL;
}

/* Whether a field that is set holds something: a message always does. */
static bool
is_filled(const struct pb_field *field, const ProtobufCMessage *message)
{
    if (pb_repeated(field)) {
        return *(const size_t *)(const void *)((const char *)message +
                                               field->descriptor->quantifier_offset) != 0;
    }
    return is_set(field, message) && (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE ||
                                      !pb_rule_is_empty(field, pb_member_const(field, message)));
}

/* The rules of a field without presence hold for its empty value too. */
static void
check_field(struct call *call, const struct pb_field *field, const ProtobufCMessage *message,
            const struct pb_place *parent)
{
    const struct pb_place place = {parent, field->json_name, PB_NAME_TEXT};

    if (field->rule.output_only) {
        if (is_filled(field, message)) {
            pb_refuse(call, &reason_read_only, &place, "It is set by the service.");
        }
    } else if (pb_repeated(field)) {
        check_list(call, field, message, &place);
    } else if (field->rule.required && !is_filled(field, message)) {
        pb_refuse(call, pb_rule_reason(&field->rule, &reason_required), &place, "It is required.");
    } else if (is_set(field, message)) {
        check_value(call, field, &field->rule, &place, pb_member_const(field, message));
    }
}

static const Google__Protobuf__Timestamp *
time_at(const struct pb_message *schema, int16_t index, const ProtobufCMessage *message)
{
    const void *slot = pb_member_const(&schema->fields[index], message);

    return *(const Google__Protobuf__Timestamp *const *)slot;
}

static bool
refused_at(struct call *call, const struct pb_message *schema, int16_t index,
           const struct pb_place *parent)
{
    const struct pb_place place = {parent, schema->fields[index < 0 ? 0 : index].json_name,
                                   PB_NAME_TEXT};

    return index >= 0 && pb_place_refused(call, &place);
}

static bool
is_unbounded(const struct pb_message *schema, const ProtobufCMessage *message)
{
    int16_t index = schema->period->unbounded;

    return index >= 0 &&
           *(const protobuf_c_boolean *)pb_member_const(&schema->fields[index], message);
}

static void
check_order(struct call *call, const Google__Protobuf__Timestamp *start,
            const Google__Protobuf__Timestamp *end, const struct pb_place *place)
{
    if (end->seconds == start->seconds && end->nanos == start->nanos) {
        pb_refuse(call, &reason_period_empty, place, "The end is the start.");
    } else if (end->seconds < start->seconds ||
               (end->seconds == start->seconds && end->nanos < start->nanos)) {
        pb_refuse(call, &reason_period_reversed, place, "The end lies before the start.");
    }
}

static void
check_period(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message,
             const struct pb_place *place)
{
    const struct pb_period *period = schema->period;
    const Google__Protobuf__Timestamp *start = time_at(schema, period->start, message);
    const Google__Protobuf__Timestamp *end = time_at(schema, period->end, message);
    bool unbounded = is_unbounded(schema, message);

    if (refused_at(call, schema, period->start, place) ||
        refused_at(call, schema, period->end, place) ||
        refused_at(call, schema, period->unbounded, place)) {
        return;
    }
    if (unbounded && (start != NULL || end != NULL)) {
        const struct pb_place at = {place, schema->fields[period->unbounded].json_name,
                                    PB_NAME_TEXT};

        pb_refuse(call, &reason_period_contradictory, &at,
                  "What is unbounded has neither a start nor an end.");
    } else if (start != NULL && end != NULL) {
        const struct pb_place at = {place, schema->fields[period->end].json_name, PB_NAME_TEXT};

        check_order(call, start, end, &at);
    } else if (start == NULL && end == NULL && !unbounded && period->unbounded >= 0) {
        pb_refuse(call, &reason_period_missing, place,
                  "Give a start or an end, or say that it is unbounded.");
    }
}

/* Calls itself as deep as the message is: its reader has bounded that. */
static void
check_message(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message,
              const struct pb_place *place)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        check_field(call, &schema->fields[i], message, place);
    }
    if (schema->period != NULL) {
        check_period(call, schema, message, place);
    }
}

enum status
pb_validate(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message)
{
    const struct pb_place root = {NULL, "", 0};

    if (!pb_place_refused(call, &root)) {
        check_message(call, schema, message, &root);
    }
    return call_invalid(call, &reason_validation_failed);
}

enum status
pb_validate_fields(struct call *call, const struct pb_message *schema,
                   const ProtobufCMessage *message, const int16_t *fields)
{
    const struct pb_place root = {NULL, "", 0};

    for (; *fields >= 0; fields++) {
        check_field(call, &schema->fields[*fields], message, &root);
    }
    return call_invalid(call, &reason_validation_failed);
}
