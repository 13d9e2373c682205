#include "pb/rule.h"

#include <string.h>

#include "base/uuid.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/number.h"
#include "pb/pattern.h"
#include "pb/value.h"
#include "pb/words.h"

const struct reason *
pb_rule_reason(const struct pb_rule *rule, const struct reason *usual)
{
    return rule->reason != NULL ? rule->reason : usual;
}

/* Code points of valid UTF-8. */
static size_t
count_characters(const char *text, size_t bytes)
{
    size_t n = 0;

    for (size_t i = 0; i < bytes; i++) {
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return n;
}

static bool
check_length(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
             size_t length, const char *unit)
{
    if (rule->max_length != 0 && length > rule->max_length) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_too_long), place,
                        "must have at most %u %s, not %zu.", rule->max_length, unit, length);
        return false;
    }
    if (length < rule->min_length) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_too_short), place,
                        "must have at least %u %s, not %zu.", rule->min_length, unit, length);
        return false;
    }
    return true;
}

static bool
is_listed(const char *const *list, const char *text)
{
    for (; *list != NULL; list++) {
        if (strcmp(*list, text) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_string(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
             const char *text)
{
    size_t bytes = strlen(text);
    bool long_enough = rule->min_length == 0 && bytes <= rule->max_length;

    /* A text has no more characters than bytes: most need no counting. */
    if ((rule->min_length != 0 || rule->max_length != 0) && !long_enough &&
        !check_length(call, rule, place, count_characters(text, bytes), "characters")) {
        return;
    }
    if (rule->in != NULL && !is_listed(rule->in, text)) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_unknown_value), place,
                        "must be one of %s, not %s.", pb_words_list(rule->in).text,
                        pb_words_quote(text, bytes).text);
    } else if (rule->format == PB_FORMAT_UUID && !uuid_valid(text, bytes)) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_bad_format), place,
                        "must be a UUID, not %s.", pb_words_quote(text, bytes).text);
    } else if (rule->pattern != NULL && !pb_pattern_matches(rule->pattern, text)) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_bad_format), place,
                        "must have the form %s, not be %s.", rule->pattern,
                        pb_words_quote(text, bytes).text);
    }
}

static void
refuse_number(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
              const char *number, size_t bytes)
{
    pb_refuse_value(call, pb_rule_reason(rule, &reason_out_of_range), place,
                    "must be from %lld to %lld, not `%.*s`.", (long long)rule->range_min,
                    (long long)rule->range_max, (int)bytes, number);
}

static void
check_signed(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
             int64_t value)
{
    char text[PB_NUMBER_TEXT_BYTES];

    if (rule->has_range && (value < rule->range_min || value > rule->range_max)) {
        refuse_number(call, rule, place, text, pb_number_write_signed(value, text));
    }
}

static void
check_unsigned(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
               uint64_t value)
{
    bool above = rule->range_min <= 0 || value >= (uint64_t)rule->range_min;
    bool below = rule->range_max >= 0 && value <= (uint64_t)rule->range_max;
    char text[PB_NUMBER_TEXT_BYTES];

    if (rule->has_range && !(above && below)) {
        refuse_number(call, rule, place, text, pb_number_write_unsigned(value, text));
    }
}

/* NaN is never inside. */
static void
check_real(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
           double value)
{
    bool inside = value >= (double)rule->range_min && value <= (double)rule->range_max;
    char text[PB_NUMBER_TEXT_BYTES];

    if (rule->has_range && !inside) {
        refuse_number(call, rule, place, text, pb_number_write_double(value, text));
    }
}

static void
check_enum(struct call *call, const struct pb_field *field, const struct pb_rule *rule,
           const struct pb_place *place, int32_t value)
{
    const ProtobufCEnumDescriptor *descriptor = field->descriptor->descriptor;

    if (protobuf_c_enum_descriptor_get_value(descriptor, value) == NULL) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_unknown_value), place,
                        "must be one of %s, not `%d`.", pb_words_enum(descriptor).text, value);
    }
}

void
pb_rule_check_key(struct call *call, const struct pb_rule *rule, const struct pb_place *place,
                  const char *key)
{
    size_t length = count_characters(key, strlen(key));

    if (rule->max_key_length != 0 && length > rule->max_key_length) {
        pb_refuse_value(call, pb_rule_reason(rule, &reason_too_long), place,
                        "is too long a key: it must have at most %u characters, not %zu.",
                        rule->max_key_length, length);
    }
}

void
pb_rule_check(struct call *call, const struct pb_field *field, const struct pb_rule *rule,
              const struct pb_place *place, const void *value)
{
    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        check_signed(call, rule, place, *(const int32_t *)value);
        return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        check_signed(call, rule, place, *(const int64_t *)value);
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        check_unsigned(call, rule, place, *(const uint32_t *)value);
        return;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        check_unsigned(call, rule, place, *(const uint64_t *)value);
        return;
    case PROTOBUF_C_TYPE_FLOAT:
        check_real(call, rule, place, (double)*(const float *)value);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
        check_real(call, rule, place, *(const double *)value);
        return;
    case PROTOBUF_C_TYPE_ENUM:
        check_enum(call, field, rule, place, *(const int32_t *)value);
        return;
    case PROTOBUF_C_TYPE_STRING:
        check_string(call, rule, place, *(const char *const *)value);
        return;
    case PROTOBUF_C_TYPE_BYTES:
        check_length(call, rule, place, ((const ProtobufCBinaryData *)value)->len, "bytes");
        return;
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_MESSAGE:
        return;
    }
}

bool
pb_rule_is_empty(const struct pb_field *field, const void *value)
{
    static const char zeros[8];

    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING:
        return **(const char *const *)value == '\0';
    case PROTOBUF_C_TYPE_BYTES:
        return ((const ProtobufCBinaryData *)value)->len == 0;
    default:
        return memcmp(value, zeros, pb_slot_bytes(field)) == 0;
    }
}
