/* Fields of messages as the text of parameters. */
#include <inttypes.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "db/params.h"
#include "pb/time.h"

static const char *
hex_text(struct arena *arena, const ProtobufCBinaryData *bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 2 * bytes->len + 3);
    char *out = text;

    if (text == NULL) {
        return NULL;
    }
    *out++ = '\\';
    *out++ = 'x';
    for (size_t i = 0; i < bytes->len; i++) {
        *out++ = digits[bytes->data[i] >> 4];
        *out++ = digits[bytes->data[i] & 15];
    }
    *out = '\0';
    return text;
}

static const char *
enum_text(const struct pb_field *field, int value)
{
    const ProtobufCEnumValue *found =
        protobuf_c_enum_descriptor_get_value(field->enumeration->descriptor, value);

    ASSERT(found != NULL); /* validation knows the values */
    return found->name;
}

/* Numbers are never cut: the widest form of each kind is written. */
static const char *
number_text(struct arena *arena, ProtobufCType type, const void *member)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return arena_printf(arena, "%" PRId32, *(const int32_t *)member);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return arena_printf(arena, "%" PRIu32, *(const uint32_t *)member);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return arena_printf(arena, "%" PRId64, *(const int64_t *)member);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return arena_printf(arena, "%" PRIu64, *(const uint64_t *)member);
    case PROTOBUF_C_TYPE_FLOAT:
        return arena_printf(arena, "%.9g", (double)*(const float *)member);
    default:
        ASSERT(type == PROTOBUF_C_TYPE_DOUBLE);
        return arena_printf(arena, "%.17g", *(const double *)member);
    }
}

static const char *
scalar_text(struct arena *arena, const struct pb_field *field, const void *member)
{
    const char *text;

    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING:
        memcpy(&text, member, sizeof(text));
        return text == NULL ? "" : text;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)member ? "t" : "f";
    case PROTOBUF_C_TYPE_ENUM:
        return enum_text(field, *(const int *)member);
    case PROTOBUF_C_TYPE_BYTES:
        return hex_text(arena, member);
    default:
        return number_text(arena, field->descriptor->type, member);
    }
}

static const char *
map_text(struct arena *arena, const struct pb_field *field, const ProtobufCMessage *message)
{
    const char *base = (const char *)message;
    const struct pb_field *key = &field->message->fields[0];
    const struct pb_field *value = &field->message->fields[1];
    ProtobufCMessage *const *entries;
    struct buf json = BUF_INIT;
    const char *text;
    size_t n;

    memcpy(&entries, base + field->descriptor->offset, sizeof(entries));
    memcpy(&n, base + field->descriptor->quantifier_offset, sizeof(n));
    buf_putc(&json, '{');
    for (size_t i = 0; i < n; i++) {
        const char *name = scalar_text(arena, key, pb_member_const(key, entries[i]));
        const char *content = scalar_text(arena, value, pb_member_const(value, entries[i]));

        if (i > 0) {
            buf_putc(&json, ',');
        }
        buf_put_json_string(&json, name, strlen(name));
        buf_putc(&json, ':');
        buf_put_json_string(&json, content, strlen(content));
    }
    buf_putc(&json, '}');
    text = arena_copy(arena, json.data, json.length_bytes);
    buf_fini(&json);
    return text;
}

static const char *
list_text(struct arena *arena, const struct pb_field *field, const ProtobufCMessage *message)
{
    const char *base = (const char *)message;
    struct buf json = BUF_INIT;
    char *const *items;
    const char *text;
    size_t n;

    memcpy(&items, base + field->descriptor->offset, sizeof(items));
    memcpy(&n, base + field->descriptor->quantifier_offset, sizeof(n));
    buf_putc(&json, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_putc(&json, ',');
        }
        buf_put_json_string(&json, items[i], strlen(items[i]));
    }
    buf_putc(&json, ']');
    text = arena_copy(arena, json.data, json.length_bytes);
    buf_fini(&json);
    return text;
}

static bool
is_text_map(const struct pb_field *field)
{
    return field->is_map && field->message->fields[0].descriptor->type == PROTOBUF_C_TYPE_STRING &&
           field->message->fields[1].descriptor->type == PROTOBUF_C_TYPE_STRING;
}

/* Timestamps and wrappers; `*value` is NULL when unset or out of memory. */
static bool
message_text(struct arena *arena, const struct pb_field *field, const void *member,
             const char **value, bool *exhausted)
{
    const ProtobufCMessage *message;
    char text[PB_TIME_TEXT_BYTES];

    if (field->message->known != PB_TIMESTAMP && field->message->known != PB_WRAPPER) {
        return false;
    }
    memcpy(&message, member, sizeof(message));
    *value = NULL;
    if (message == NULL) {
        return true;
    }
    if (field->message->known == PB_TIMESTAMP) {
        const Google__Protobuf__Timestamp *time = (const void *)message;

        *value = arena_copy(arena, text, pb_time_format(time, text));
    } else {
        const struct pb_field *inner = &field->message->fields[0];

        *value = scalar_text(arena, inner, pb_member_const(inner, message));
    }
    *exhausted = *exhausted || *value == NULL;
    return true;
}

static bool
is_unchosen(const struct pb_field *field, const ProtobufCMessage *message)
{
    int chosen;

    if ((field->descriptor->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
        return false;
    }
    memcpy(&chosen, (const char *)message + field->descriptor->quantifier_offset, sizeof(chosen));
    return chosen != (int)field->descriptor->id;
}

bool
db_field_text(struct arena *arena, const struct pb_field *field, const ProtobufCMessage *message,
              const char **value, bool *exhausted)
{
    const void *member = pb_member_const(field, message);
    const char *text;

    if (field->descriptor->label == PROTOBUF_C_LABEL_REPEATED) {
        if (is_text_map(field)) {
            text = map_text(arena, field, message);
        } else if (field->descriptor->type == PROTOBUF_C_TYPE_STRING) {
            text = list_text(arena, field, message);
        } else {
            return false;
        }
    } else if (is_unchosen(field, message)) {
        *value = NULL;
        return true;
    } else if (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE) {
        return message_text(arena, field, member, value, exhausted);
    } else {
        text = scalar_text(arena, field, member);
    }
    *exhausted = *exhausted || text == NULL;
    *value = text;
    return true;
}
