#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "pb/base64.h"
#include "pb/json.h"
#include "pb/known_write.h"
#include "pb/number.h"
#include "pb/value.h"

static void write_message(struct buf *out, const struct pb_message *schema,
                          const ProtobufCMessage *message, const struct pb_json_style *style);

/* Numbers of 64 bits stand in quotes, since a JavaScript number would lose some of them. */
static void
write_signed(struct buf *out, int64_t value, bool quoted)
{
    char *at = buf_reserve(out, PB_NUMBER_TEXT_BYTES + 2);
    size_t n;

    at[0] = '"';
    n = pb_number_write_signed(value, at + quoted);
    at[n + 1] = '"';
    buf_grown(out, n + (quoted ? 2 : 0));
}

static void
write_unsigned(struct buf *out, uint64_t value, bool quoted)
{
    char *at = buf_reserve(out, PB_NUMBER_TEXT_BYTES + 2);
    size_t n;

    at[0] = '"';
    n = pb_number_write_unsigned(value, at + quoted);
    at[n + 1] = '"';
    buf_grown(out, n + (quoted ? 2 : 0));
}

/* True if the value is none that JSON can write as a number. */
static bool
write_word(struct buf *out, double value)
{
    if (isnan(value)) {
        buf_puts(out, "\"NaN\"");
        return true;
    }
    if (isinf(value)) {
        buf_puts(out, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return true;
    }
    return false;
}

static void
write_double(struct buf *out, double value)
{
    if (!write_word(out, value)) {
        buf_grown(out, pb_number_write_double(value, buf_reserve(out, PB_NUMBER_TEXT_BYTES)));
    }
}

static void
write_float(struct buf *out, float value)
{
    if (!write_word(out, (double)value)) {
        buf_grown(out, pb_number_write_float(value, buf_reserve(out, PB_NUMBER_TEXT_BYTES)));
    }
}

/* A number that the contract has no name for stays a number. */
static void
write_enum(struct buf *out, const ProtobufCEnumDescriptor *descriptor, int32_t number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);

    if (value == NULL) {
        write_signed(out, number, false);
        return;
    }
    buf_putc(out, '"');
    buf_puts(out, value->name);
    buf_putc(out, '"');
}

static void
write_string(struct buf *out, const char *text)
{
    buf_put_json_string(out, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

/* A path that is there becomes a URL; what is empty leads nowhere and stays empty. */
static void
write_link(struct buf *out, const char *prefix, const char *path)
{
    struct buf url = BUF_INIT;

    if (path != NULL && path[0] != '\0') {
        buf_puts(&url, prefix);
        buf_puts(&url, path);
    }
    buf_put_json_string(out, url.data == NULL ? "" : url.data, url.length_bytes);
    buf_fini(&url);
}

static void
write_bytes(struct buf *out, const ProtobufCBinaryData *value)
{
    size_t length = pb_base64_encoded(value->len);
    char *at = buf_reserve(out, length + 2);

    at[0] = '"';
    pb_base64_encode(value->data, value->len, at + 1);
    at[length + 1] = '"';
    buf_grown(out, length + 2);
}

/* A message where one must stand although none is set: its empty value. */
static void
write_unset(struct buf *out, const struct pb_message *schema, const struct pb_json_style *style)
{
    ProtobufCMessage *message = malloc(schema->descriptor->sizeof_message);

    ASSERT(message != NULL);
    protobuf_c_message_init(schema->descriptor, message);
    write_message(out, schema, message, style);
    free(message);
}

static void
write_value(struct buf *out, const struct pb_field *field, const void *value,
            const struct pb_json_style *style)
{
    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        write_signed(out, *(const int32_t *)value, false);
        return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        write_signed(out, *(const int64_t *)value, true);
        return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        write_unsigned(out, *(const uint32_t *)value, false);
        return;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        write_unsigned(out, *(const uint64_t *)value, true);
        return;
    case PROTOBUF_C_TYPE_FLOAT:
        write_float(out, *(const float *)value);
        return;
    case PROTOBUF_C_TYPE_DOUBLE:
        write_double(out, *(const double *)value);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        buf_puts(out, *(const protobuf_c_boolean *)value ? "true" : "false");
        return;
    case PROTOBUF_C_TYPE_ENUM:
        write_enum(out, field->descriptor->descriptor, *(const int32_t *)value);
        return;
    case PROTOBUF_C_TYPE_STRING:
        write_string(out, *(const char *const *)value);
        return;
    case PROTOBUF_C_TYPE_BYTES:
        write_bytes(out, value);
        return;
    case PROTOBUF_C_TYPE_MESSAGE:
        if (*(ProtobufCMessage *const *)value == NULL) {
            write_unset(out, field->message, style);
        } else {
            write_message(out, field->message, *(ProtobufCMessage *const *)value, style);
        }
        return;
    }
    ASSERT_NEVER("a type that does not exist");
}

/* An element of a field: a path, with what belongs before it, or any value. */
static void
write_element(struct buf *out, const struct pb_field *field, const void *value,
              const struct pb_json_style *style)
{
    const char *path;

    if (!field->rule.link || style->link_prefix == NULL) {
        write_value(out, field, value, style);
        return;
    }
    if (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE) { /* a wrapper's */
        value = pb_member_const(&field->message->fields[0], *(ProtobufCMessage *const *)value);
    }
    path = *(const char *const *)value;
    write_link(out, style->link_prefix, path);
}

static void
write_list(struct buf *out, const struct pb_field *field, const char *list, size_t n,
           const struct pb_json_style *style)
{
    size_t bytes = pb_slot_bytes(field);

    buf_putc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i != 0) {
            buf_putc(out, ',');
        }
        write_element(out, field, list + i * bytes, style);
    }
    buf_putc(out, ']');
}

/* A map's key: as its type's value, but always in quotes. */
static void
write_key(struct buf *out, const struct pb_field *key, const ProtobufCMessage *entry,
          const struct pb_json_style *style)
{
    bool bare =
        key->descriptor->type != PROTOBUF_C_TYPE_STRING && pb_slot_bytes(key) == sizeof(int32_t);

    if (bare) {
        buf_putc(out, '"');
    }
    write_value(out, key, pb_member_const(key, entry), style);
    if (bare) {
        buf_putc(out, '"');
    }
}

static void
write_map(struct buf *out, const struct pb_field *field, ProtobufCMessage *const *entries, size_t n,
          const struct pb_json_style *style)
{
    const struct pb_field *key = &field->message->fields[0];
    const struct pb_field *value = &field->message->fields[1];

    buf_putc(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i != 0) {
            buf_putc(out, ',');
        }
        write_key(out, key, entries[i], style);
        buf_putc(out, ':');
        write_value(out, value, pb_member_const(value, entries[i]), style);
    }
    buf_putc(out, '}');
}

static bool
is_unset(const struct pb_field *field, const ProtobufCMessage *message)
{
    return field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE && !pb_repeated(field) &&
           *(ProtobufCMessage *const *)pb_member_const(field, message) == NULL;
}

static void
write_field(struct buf *out, const struct pb_field *field, const ProtobufCMessage *message,
            const struct pb_json_style *style)
{
    const void *value = pb_member_const(field, message);

    if (pb_repeated(field)) {
        size_t n = *(const size_t *)(const void *)((const char *)message +
                                                   field->descriptor->quantifier_offset);

        if (field->is_map) {
            write_map(out, field, *(ProtobufCMessage *const *const *)value, n, style);
        } else {
            write_list(out, field, *(const char *const *)value, n, style);
        }
        return;
    }
    if (is_unset(field, message)) {
        buf_puts(out, "null");
        return;
    }
    write_element(out, field, value, style);
}

/* Whether the member is left out: not chosen, an unset message, only for requests, or, unless the
 * whole is asked for, the ETag. */
static bool
is_absent(const struct pb_field *field, const ProtobufCMessage *message,
          const struct pb_json_style *style)
{
    const ProtobufCFieldDescriptor *descriptor = field->descriptor;

    if (field->rule.input_only || (field->rule.etag && !style->versions)) {
        return true;
    }
    if (pb_in_oneof(field)) {
        const char *chosen = (const char *)message + descriptor->quantifier_offset;

        return *(const uint32_t *)(const void *)chosen != descriptor->id;
    }
    return !field->rule.nullable && is_unset(field, message);
}

static void
write_members(struct buf *out, const struct pb_message *schema, const ProtobufCMessage *message,
              bool comma, const struct pb_json_style *style)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct pb_field *field = &schema->fields[i];

        if (is_absent(field, message, style)) {
            continue;
        }
        if (comma) {
            buf_putc(out, ',');
        }
        comma = true;
        buf_put_json_string(out, field->json_name, strlen(field->json_name));
        buf_putc(out, ':');
        write_field(out, field, message, style);
    }
}

static void
write_message(struct buf *out, const struct pb_message *schema, const ProtobufCMessage *message,
              const struct pb_json_style *style)
{
    switch (schema->known) {
    case PB_TIMESTAMP:
        pb_known_write_time(out, message);
        return;
    case PB_DURATION:
        pb_known_write_duration(out, schema, message);
        return;
    case PB_FIELD_MASK:
        pb_known_write_mask(out, schema, message);
        return;
    case PB_WRAPPER:
        write_field(out, &schema->fields[0], message, style);
        return;
    case PB_ORDINARY:
    case PB_EMPTY:
        break;
    }
    buf_putc(out, '{');
    write_members(out, schema, message, false, style);
    buf_putc(out, '}');
}

static const struct pb_json_style plain, whole = {.versions = true};

void
pb_json_write(struct buf *out, const struct pb_message *schema, const ProtobufCMessage *message)
{
    write_message(out, schema, message, &plain);
}

void
pb_json_write_whole(struct buf *out, const struct pb_message *schema,
                    const ProtobufCMessage *message)
{
    write_message(out, schema, message, &whole);
}

void
pb_json_write_styled(struct buf *out, const struct pb_message *schema,
                     const ProtobufCMessage *message, const struct pb_json_style *style)
{
    write_message(out, schema, message, style);
}

void
pb_json_write_members(struct buf *out, const struct pb_message *schema,
                      const ProtobufCMessage *message)
{
    write_members(out, schema, message, true, &plain);
}
