#include "pb/validate.h"

#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/known.h"
#include "pb/number.h"
#include "pb/period.h"
#include "pb/place.h"
#include "pb/presence.h"
#include "pb/rule.h"
#include "pb/time.h"
#include "pb/update.h"
#include "pb/value.h"
#include "pb/words.h"

static void check_message(struct call *call, const struct pb_message *schema,
                          const ProtobufCMessage *message, const struct pb_place *place);

static void
check_time(struct call *call, const ProtobufCMessage *message, const struct pb_place *place)
{
    if (!pb_time_valid((const Google__Protobuf__Timestamp *)message)) {
        pb_refuse_value(call, &reason_bad_timestamp, place,
                        "must lie in the years 1 to 9999 and have whole microseconds.");
    }
}

static void
check_duration(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message,
               const struct pb_place *place)
{
    const int64_t *seconds = pb_member_const(&schema->fields[0], message);
    const int32_t *nanos = pb_member_const(&schema->fields[1], message);

    if (!pb_duration_valid(*seconds, *nanos)) {
        pb_refuse_value(call, &reason_out_of_range, place,
                        "must be a duration of at most 10,000 years.");
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
    const struct pb_rule value_rule = {.max_length = map->rule.max_value_length,
                                       .reason = map->rule.reason};
    char room[PB_NUMBER_TEXT_BYTES];
    struct pb_place place = key_place(key, pb_member_const(key, entry), parent, room);

    if (key->descriptor->type == PROTOBUF_C_TYPE_STRING) {
        pb_rule_check_key(call, &map->rule, &place, place.name);
    }
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
        pb_refuse_value(call, pb_rule_reason(&field->rule, &reason_required), place,
                        "must have at least one entry.");
    }
    if (field->rule.max_items != 0 && n > field->rule.max_items) {
        pb_refuse_value(call, pb_rule_reason(&field->rule, &reason_too_many), place,
                        "must have at most %u entries, not %zu.", field->rule.max_items, n);
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

/* The rules of a field without presence hold for its empty value too. */
static void
check_field(struct call *call, const struct pb_field *field, const ProtobufCMessage *message,
            const struct pb_place *parent)
{
    const struct pb_place place = {parent, field->json_name, PB_NAME_TEXT};

    if (field->rule.output_only) {
        if (pb_is_filled(field, message)) {
            pb_refuse_value(call, &reason_read_only, &place,
                            "is set by the service and cannot be sent.");
        }
    } else if (pb_repeated(field)) {
        check_list(call, field, message, &place);
    } else if (field->rule.required && !pb_is_filled(field, message)) {
        pb_refuse_value(call, pb_rule_reason(&field->rule, &reason_required), &place,
                        "is required.");
    } else if (pb_is_set(field, message)) {
        check_value(call, field, &field->rule, &place, pb_member_const(field, message));
    }
}

/* --- requests that change a part of a thing --- */

static void
check_path(struct call *call, const struct pb_message *target, const char *path,
           const struct pb_place *place)
{
    const struct pb_field *field = pb_field_named(target, path, strlen(path));

    if (field == NULL) {
        char name[PB_PATH_TEXT_BYTES];

        pb_update_path_write(path, name);
        pb_refuse_value(call, &reason_unknown_field, place,
                        "names %s, which is no member here; the members are: %s.",
                        pb_words_quote(name, strlen(name)).text, pb_words_members(target).text);
    } else if (field->rule.output_only) {
        pb_refuse_value(call, &reason_read_only, place,
                        "names `%s`, which is set by the service and cannot be sent.",
                        field->json_name);
    }
}

static void
check_mask(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
           const struct pb_place *parent)
{
    const struct pb_place place = {parent, schema->fields[schema->update->mask].json_name,
                                   PB_NAME_TEXT};
    const Google__Protobuf__FieldMask *mask = pb_update_mask(schema, request);

    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        const struct pb_place element = {&place, NULL, i};

        check_path(call, pb_update_target_schema(schema), mask->paths[i], &element);
    }
}

/* What is asked of a field that is there also holds when the mask leaves it out; but it need not be
 * there then. */
static void
check_target(struct call *call, const struct pb_message *schema, const ProtobufCMessage *request,
             const struct pb_place *parent)
{
    const struct pb_field *field = &schema->fields[schema->update->target];
    const struct pb_message *thing = field->message;
    const ProtobufCMessage *message = pb_update_target(schema, request);
    const struct pb_place place = {parent, field->json_name, PB_NAME_TEXT};

    if (message == NULL || pb_place_refused(call, &place)) {
        check_field(call, field, request, parent);
        return;
    }
    for (size_t i = 0; i < thing->n_fields; i++) {
        if (pb_is_filled(&thing->fields[i], message) ||
            pb_update_names(schema, request, &thing->fields[i])) {
            check_field(call, &thing->fields[i], message, &place);
        }
    }
    if (thing->period != NULL) {
        pb_period_check_update(call, schema, request, &place);
    }
}

/* Calls itself as deep as the message is: its reader has bounded that. */
static void
check_message(struct call *call, const struct pb_message *schema, const ProtobufCMessage *message,
              const struct pb_place *place)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (schema->update != NULL && (size_t)schema->update->target == i) {
            check_target(call, schema, message, place);
        } else {
            check_field(call, &schema->fields[i], message, place);
        }
    }
    if (schema->update != NULL) {
        check_mask(call, schema, message, place);
    }
    if (schema->period != NULL) {
        pb_period_check(call, schema, message, place);
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
