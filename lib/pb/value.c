#include "pb/value.h"

#include <string.h>

#include "base/assert.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/base64.h"
#include "pb/number.h"
#include "pb/words.h"

static bool
is_text(const struct pb_token *token)
{
    return token->kind == PB_TOKEN_STRING || token->kind == PB_TOKEN_PLAIN;
}

/* Numbers may also stand in strings. */
static bool
may_be_number(const struct pb_token *token)
{
    return token->kind == PB_TOKEN_NUMBER || is_text(token);
}

enum pb_set
pb_wrong_type(struct call *call, const struct pb_token *token, const struct pb_place *place,
              const char *expected)
{
    const struct pb_words quote = pb_words_quote(token->text, token->bytes);
    const char *came = quote.text;

    if (token->kind == PB_TOKEN_OBJECT) {
        came = "an object";
    } else if (token->kind == PB_TOKEN_LIST) {
        came = "a list";
    }
    pb_refuse_value(call, &reason_wrong_type, place, "must be %s, not %s%s.", expected,
                    is_text(token) && token->bytes != 0 ? "the text " : "", came);
    return PB_REFUSED;
}

/* The field's own range is the narrower one. */
static enum pb_set
bad_number(struct call *call, const struct pb_field *field, const struct pb_token *token,
           const struct pb_place *place, enum pb_number result, const char *expected,
           const char *range)
{
    const struct pb_words came = pb_words_quote(token->text, token->bytes);

    if (result != PB_NUMBER_TOO_LARGE) {
        return pb_wrong_type(call, token, place, expected);
    }
    if (field->rule.has_range) {
        pb_refuse_value(call, &reason_out_of_range, place, "must be from %lld to %lld, not %s.",
                        (long long)field->rule.range_min, (long long)field->rule.range_max,
                        came.text);
    } else {
        pb_refuse_value(call, &reason_out_of_range, place, "must be %s, not %s.", range, came.text);
    }
    return PB_REFUSED;
}

static enum pb_set
set_signed(struct call *call, const struct pb_field *field, const struct pb_token *token,
           const struct pb_place *place, bool wide, void *slot)
{
    int64_t value;
    enum pb_number result = PB_NUMBER_MALFORMED;

    if (may_be_number(token)) {
        result = pb_number_signed(token->text, token->bytes, wide ? INT64_MIN : INT32_MIN,
                                  wide ? INT64_MAX : INT32_MAX, &value);
    }
    if (result != PB_NUMBER_OK) {
        return bad_number(call, field, token, place, result, "a whole number",
                          wide ? "from -9223372036854775808 to 9223372036854775807"
                               : "from -2147483648 to 2147483647");
    }
    if (wide) {
        *(int64_t *)slot = value;
    } else {
        *(int32_t *)slot = (int32_t)value;
    }
    return PB_SET;
}

static enum pb_set
set_unsigned(struct call *call, const struct pb_field *field, const struct pb_token *token,
             const struct pb_place *place, bool wide, void *slot)
{
    uint64_t value;
    enum pb_number result = PB_NUMBER_MALFORMED;

    if (may_be_number(token)) {
        result =
            pb_number_unsigned(token->text, token->bytes, wide ? UINT64_MAX : UINT32_MAX, &value);
    }
    if (result != PB_NUMBER_OK) {
        return bad_number(call, field, token, place, result, "a whole number",
                          wide ? "from 0 to 18446744073709551615" : "from 0 to 4294967295");
    }
    if (wide) {
        *(uint64_t *)slot = value;
    } else {
        *(uint32_t *)slot = (uint32_t)value;
    }
    return PB_SET;
}

/* The token's text with a NUL behind it: in `room` if it is short, else in the arena. */
static const char *
terminated(struct call *call, const struct pb_token *token, char *room, size_t room_bytes)
{
    if (token->kept) {
        return token->text;
    }
    if (token->bytes >= room_bytes) {
        return arena_copy(call->arena, token->text, token->bytes);
    }
    memcpy(room, token->text, token->bytes);
    room[token->bytes] = '\0';
    return room;
}

static enum pb_set
set_real(struct call *call, const struct pb_field *field, const struct pb_token *token,
         const struct pb_place *place, bool wide, void *slot)
{
    enum pb_number result = PB_NUMBER_MALFORMED;
    char room[64];

    if (may_be_number(token)) {
        const char *text = terminated(call, token, room, sizeof(room));

        if (text == NULL) {
            return PB_EXHAUSTED;
        }
        result = wide ? pb_number_double(text, token->bytes, is_text(token), slot)
                      : pb_number_float(text, token->bytes, is_text(token), slot);
    }
    if (result != PB_NUMBER_OK) {
        return bad_number(call, field, token, place, result, "a number",
                          wide ? "within the range of a double" : "within the range of a float");
    }
    return PB_SET;
}

static enum pb_set
set_bool(struct call *call, const struct pb_token *token, const struct pb_place *place, void *slot)
{
    bool literal = token->kind == PB_TOKEN_BOOL || token->kind == PB_TOKEN_PLAIN;

    if (literal && token->bytes == 4 && memcmp(token->text, "true", 4) == 0) {
        *(protobuf_c_boolean *)slot = true;
        return PB_SET;
    }
    if (literal && token->bytes == 5 && memcmp(token->text, "false", 5) == 0) {
        *(protobuf_c_boolean *)slot = false;
        return PB_SET;
    }
    return pb_wrong_type(call, token, place, "true or false");
}

static const ProtobufCEnumValue *
find_enum_name(const ProtobufCEnumDescriptor *descriptor, const char *text, size_t bytes)
{
    for (unsigned i = 0; i < descriptor->n_value_names; i++) {
        const ProtobufCEnumValueIndex *entry = &descriptor->values_by_name[i];

        if (pb_name_is(entry->name, text, bytes)) {
            return &descriptor->values[entry->index];
        }
    }
    return NULL;
}

static enum pb_set
set_enum(struct call *call, const struct pb_field *field, const struct pb_token *token,
         const struct pb_place *place, void *slot)
{
    const ProtobufCEnumDescriptor *descriptor = field->descriptor->descriptor;
    const ProtobufCEnumValue *value = NULL;
    enum pb_number result = PB_NUMBER_MALFORMED;
    int64_t number;

    if (!may_be_number(token)) {
        return pb_wrong_type(call, token, place, "the name of a value");
    }
    if (is_text(token)) {
        value = find_enum_name(descriptor, token->text, token->bytes);
    }
    if (value == NULL && token->kind != PB_TOKEN_STRING) {
        result = pb_number_signed(token->text, token->bytes, INT32_MIN, INT32_MAX, &number);
    }
    if (result == PB_NUMBER_OK) {
        value = protobuf_c_enum_descriptor_get_value(descriptor, (int)number);
    }
    if (value == NULL) {
        pb_refuse_value(call, &reason_unknown_value, place, "must be one of %s, not %s.",
                        pb_words_enum(descriptor).text,
                        pb_words_quote(token->text, token->bytes).text);
        return PB_REFUSED;
    }
    *(int32_t *)slot = value->value;
    return PB_SET;
}

/* Not protobuf-c's own empty string, by whose address it tells that a oneof's member is not set. */
static const char empty_string[] = "";

static enum pb_set
set_string(struct call *call, const struct pb_token *token, const struct pb_place *place,
           void *slot)
{
    char *copy;

    if (!is_text(token)) {
        return pb_wrong_type(call, token, place, "a string");
    }
    if (memchr(token->text, '\0', token->bytes) != NULL) {
        pb_refuse_value(call, &reason_bad_format, place, "must not hold NUL characters.");
        return PB_REFUSED;
    }
    if (token->bytes == 0) {
        *(const char **)slot = empty_string;
        return PB_SET;
    }
    if (token->kept) {
        *(const char **)slot = token->text;
        return PB_SET;
    }
    copy = arena_copy(call->arena, token->text, token->bytes);
    if (copy == NULL) {
        return PB_EXHAUSTED;
    }
    *(char **)slot = copy;
    return PB_SET;
}

static enum pb_set
set_bytes(struct call *call, const struct pb_token *token, const struct pb_place *place, void *slot)
{
    ProtobufCBinaryData value = {0};

    if (!is_text(token)) {
        return pb_wrong_type(call, token, place, "a string of base64");
    }
    value.data = arena_alloc(call->arena, pb_base64_decoded_max(token->bytes));
    if (value.data == NULL) {
        return PB_EXHAUSTED;
    }
    if (!pb_base64_decode(token->text, token->bytes, value.data, &value.len)) {
        pb_refuse_value(call, &reason_bad_format, place, "must be base64, not %s.",
                        pb_words_quote(token->text, token->bytes).text);
        return PB_REFUSED;
    }
    *(ProtobufCBinaryData *)slot = value;
    return PB_SET;
}

enum pb_set
pb_scalar_set(struct call *call, const struct pb_field *field, const struct pb_token *token,
              const struct pb_place *place, void *slot)
{
    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return set_signed(call, field, token, place, false, slot);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return set_signed(call, field, token, place, true, slot);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return set_unsigned(call, field, token, place, false, slot);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return set_unsigned(call, field, token, place, true, slot);
    case PROTOBUF_C_TYPE_FLOAT:
        return set_real(call, field, token, place, false, slot);
    case PROTOBUF_C_TYPE_DOUBLE:
        return set_real(call, field, token, place, true, slot);
    case PROTOBUF_C_TYPE_BOOL:
        return set_bool(call, token, place, slot);
    case PROTOBUF_C_TYPE_ENUM:
        return set_enum(call, field, token, place, slot);
    case PROTOBUF_C_TYPE_STRING:
        return set_string(call, token, place, slot);
    case PROTOBUF_C_TYPE_BYTES:
        return set_bytes(call, token, place, slot);
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    ASSERT_NEVER("not a scalar");
}
