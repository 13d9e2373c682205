/* Columns become message fields by name. */
#include "db/read.h"

#include <libpq-fe.h>
#include <string.h>

#include "base/assert.h"
#include "db/rows.h"
#include "db/types_pg.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "pb/time.h"

enum { COLUMNS_MAX = 64 };

static char *
value_text(struct arena *arena, const struct db_value *value)
{
    struct db_value plain;
    char *text;

    ASSERT(db_value_is_text(value));
    if (value->type == DB_TYPE_UUID) {
        text = arena_alloc(arena, DB_UUID_TEXT_BYTES + 1);
        if (text != NULL) {
            db_value_uuid(value, text);
            text[DB_UUID_TEXT_BYTES] = '\0';
        }
        return text;
    }
    plain = db_value_plain(value);
    return arena_copy(arena, plain.data, plain.bytes);
}

/* A name that this build's contract does not know was written by a newer one: it stays 0. */
static int
value_enum(const struct pb_field *field, const struct db_value *value)
{
    char name[256];
    const ProtobufCEnumValue *found;

    ASSERT(db_value_is_text(value) && value->bytes < sizeof(name));
    memcpy(name, value->data, value->bytes);
    name[value->bytes] = '\0';
    found = protobuf_c_enum_descriptor_get_value_by_name(field->enumeration->descriptor, name);
    return found == NULL ? 0 : found->value;
}

static void
read_integer(ProtobufCType type, int64_t number, void *member)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        ASSERT(number >= INT32_MIN && number <= INT32_MAX);
        *(int32_t *)member = (int32_t)number;
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        ASSERT(number >= 0 && number <= UINT32_MAX);
        *(uint32_t *)member = (uint32_t)number;
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        ASSERT(number >= 0);
        *(uint64_t *)member = (uint64_t)number;
        break;
    default:
        ASSERT(type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_SINT64 ||
               type == PROTOBUF_C_TYPE_SFIXED64);
        *(int64_t *)member = number;
    }
}

static bool
read_bytes(struct arena *arena, const struct db_value *value, ProtobufCBinaryData *out)
{
    char *copy;

    ASSERT(value->type == DB_TYPE_BYTEA);
    copy = arena_copy(arena, value->data, value->bytes);
    if (copy == NULL) {
        return false;
    }
    *out = (ProtobufCBinaryData){.len = value->bytes, .data = (uint8_t *)copy};
    return true;
}

static bool
read_scalar(struct arena *arena, const struct pb_field *field, const struct db_value *value,
            void *member)
{
    char *text;

    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING:
        text = value_text(arena, value);
        if (text == NULL) {
            return false;
        }
        memcpy(member, &text, sizeof(text));
        return true;
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(arena, value, member);
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)member = db_value_bool(value);
        return true;
    case PROTOBUF_C_TYPE_ENUM:
        *(int *)member = value_enum(field, value);
        return true;
    case PROTOBUF_C_TYPE_FLOAT:
        *(float *)member = (float)db_value_float(value);
        return true;
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)member = db_value_float(value);
        return true;
    default:
        read_integer(field->descriptor->type, db_value_int(value), member);
        return true;
    }
}

/* A message of its own for a time or a wrapper; an infinite time is an unset one. */
static bool
read_message(struct arena *arena, const struct pb_field *field, const struct db_value *value,
             void *member)
{
    ProtobufCMessage *inner;
    int64_t us = 0;

    ASSERT(field->message->known == PB_TIMESTAMP || field->message->known == PB_WRAPPER);
    if (field->message->known == PB_TIMESTAMP) {
        us = db_value_time_us(value);
        if (us == INT64_MAX || us == INT64_MIN) {
            return true;
        }
    }
    inner = pb_new(arena, field->message);
    if (inner == NULL) {
        return false;
    }
    memcpy(member, &inner, sizeof(inner));
    if (field->message->known == PB_TIMESTAMP) {
        pb_time_from_us(us, (Google__Protobuf__Timestamp *)(void *)inner);
        return true;
    }
    return read_scalar(arena, &field->message->fields[0], value,
                       pb_member(&field->message->fields[0], inner));
}

static void
choose(const struct pb_field *field, ProtobufCMessage *message)
{
    int number = (int)field->descriptor->id;

    if ((field->descriptor->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        memcpy((char *)message + field->descriptor->quantifier_offset, &number, sizeof(number));
    }
}

/* NULL leaves the field alone. False when the arena's cap is reached. */
static bool
read_field(struct arena *arena, const struct pb_field *field, const struct db_value *value,
           ProtobufCMessage *message)
{
    void *member = pb_member(field, message);

    if (value->data == NULL) {
        return true;
    }
    if (field->is_map) {
        return db_read_map(arena, field, value, message);
    }
    if (field->descriptor->label == PROTOBUF_C_LABEL_REPEATED) {
        return db_read_strings(arena, field, value, message);
    }
    choose(field, message);
    if (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE) {
        return read_message(arena, field, value, member);
    }
    return read_scalar(arena, field, value, member);
}

/* Which field each column fills; NULL: none. Looked up once for all rows. */
struct columns {
    const struct pb_field *fields[COLUMNS_MAX];
    int n;
};

static void
columns_find(struct columns *self, const struct pg_result *result, const struct pb_message *schema)
{
    self->n = PQnfields(result);
    ASSERT(self->n <= COLUMNS_MAX);
    for (int i = 0; i < self->n; i++) {
        const char *name = PQfname(result, i);

        self->fields[i] = pb_field_named(schema, name, strlen(name));
    }
}

static bool
read_row(struct arena *arena, const struct columns *columns, const struct pg_result *result,
         size_t row, ProtobufCMessage *message)
{
    for (int i = 0; i < columns->n; i++) {
        struct db_value value;

        if (columns->fields[i] == NULL) {
            continue;
        }
        value = db_value_at(result, row, i);
        if (!read_field(arena, columns->fields[i], &value, message)) {
            return false;
        }
    }
    return true;
}

static enum status
too_large(struct call *call)
{
    return call_fail(call, &reason_reply_too_large, "The answer needs more memory than allowed.");
}

enum status
db_read(struct call *call, const struct db_rows *rows, size_t statement, size_t row,
        const struct pb_message *schema, ProtobufCMessage *message)
{
    struct columns columns;

    ASSERT(row < db_row_count(rows, statement));
    columns_find(&columns, rows->results[statement], schema);
    return read_row(call->arena, &columns, rows->results[statement], row, message)
               ? STATUS_OK
               : too_large(call);
}

enum status
db_read_list(struct call *call, const struct db_rows *rows, size_t statement, size_t n,
             const struct pb_message *schema, ProtobufCMessage ***messages)
{
    struct columns columns;
    ProtobufCMessage **list = arena_alloc(call->arena, n * sizeof(*list));

    ASSERT(n <= db_row_count(rows, statement));
    if (list == NULL) {
        return too_large(call);
    }
    columns_find(&columns, rows->results[statement], schema);
    for (size_t i = 0; i < n; i++) {
        list[i] = pb_new(call->arena, schema);
        if (list[i] == NULL ||
            !read_row(call->arena, &columns, rows->results[statement], i, list[i])) {
            return too_large(call);
        }
    }
    *messages = list;
    return STATUS_OK;
}
