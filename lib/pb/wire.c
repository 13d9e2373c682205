#include "pb/wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "pb/map.h"
#include "pb/value.h"

/*
 * Before protobuf-c unpacks, everything that it trusts is looked at: a scan over the bytes that
 * takes no memory.
 */
struct scan {
    const uint8_t *at, *end;
    struct count *count;
};

/* At all levels so far. */
struct count {
    unsigned fields, map_entries;
};

static bool scan_message(struct scan *s, const struct pb_message *schema, unsigned depth);

static bool
read_varint(struct scan *s, uint64_t *out)
{
    uint64_t value = 0;

    if (s->at < s->end && *s->at < 0x80) { /* most are one byte long */
        *out = *s->at++;
        return true;
    }
    for (unsigned shift = 0; shift < 70 && s->at < s->end; shift += 7) {
        uint8_t byte = *s->at++;

        if (shift == 63 && byte > 1) {
            return false; /* more than 64 bits */
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* A length and as many bytes; `part` is these bytes. */
static bool
read_part(struct scan *s, struct scan *part)
{
    uint64_t bytes;

    if (!read_varint(s, &bytes) || bytes > (uint64_t)(s->end - s->at)) {
        return false;
    }
    *part = (struct scan){s->at, s->at + bytes, s->count};
    s->at += bytes;
    return true;
}

static bool
skip(struct scan *s, size_t bytes)
{
    if ((size_t)(s->end - s->at) < bytes) {
        return false;
    }
    s->at += bytes;
    return true;
}

static ProtobufCWireType
wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* Whether a value would survive being cut to the field's type. */
static bool
fits(ProtobufCType type, uint64_t value)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        return value <= INT32_MAX || value >= (uint64_t)(int64_t)INT32_MIN;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return value <= UINT32_MAX;
    case PROTOBUF_C_TYPE_BOOL:
        return value <= 1;
    default:
        return true;
    }
}

static bool
scan_varint(struct scan *s, const struct pb_field *field)
{
    uint64_t value;

    return read_varint(s, &value) && (field == NULL || fits(field->descriptor->type, value));
}

/* Many values of a scalar type, one behind the other. */
static bool
scan_packed(struct scan *s, const struct pb_field *field)
{
    switch (wire_type_of(field->descriptor->type)) {
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return (s->end - s->at) % 4 == 0;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return (s->end - s->at) % 8 == 0;
    default:
        break;
    }
    while (s->at < s->end) {
        if (!scan_varint(s, field)) {
            return false;
        }
    }
    return true;
}

static bool
scan_part(struct scan *s, const struct pb_field *field, unsigned depth)
{
    struct scan part;

    if (!read_part(s, &part)) {
        return false;
    }
    if (field == NULL) {
        return true;
    }
    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = (const char *)part.at;
        size_t bytes = (size_t)(part.end - part.at);

        return memchr(text, '\0', bytes) == NULL && utf8_valid(text, bytes, NULL);
    }
    case PROTOBUF_C_TYPE_BYTES:
        return true;
    case PROTOBUF_C_TYPE_MESSAGE:
        s->count->map_entries += field->is_map;
        return scan_message(&part, field->message, depth + 1);
    default:
        return pb_repeated(field) && scan_packed(&part, field);
    }
}

static const struct pb_field *
find_field(const struct pb_message *schema, uint64_t number)
{
    const ProtobufCFieldDescriptor *found =
        protobuf_c_message_descriptor_get_field(schema->descriptor, (unsigned)number);

    return found == NULL ? NULL : &schema->fields[found - schema->descriptor->fields];
}

static bool
scan_field(struct scan *s, const struct pb_message *schema, unsigned depth)
{
    const struct pb_field *field;
    uint64_t tag;

    if (++s->count->fields > LIMIT_MESSAGE_FIELDS || !read_varint(s, &tag) || tag > UINT32_MAX ||
        tag >> 3 == 0) {
        return false;
    }
    field = find_field(schema, tag >> 3);
    if (field != NULL && (tag & 7) != wire_type_of(field->descriptor->type) &&
        (tag & 7) != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
        return false;
    }
    switch (tag & 7) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return scan_varint(s, field);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return skip(s, 8);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return skip(s, 4);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return scan_part(s, field, depth);
    default:
        return false; /* groups are no part of proto3 */
    }
}

/* Calls itself through scan_part, LIMIT_MESSAGE_DEPTH times at most. */
static bool
scan_message(struct scan *s, const struct pb_message *schema, unsigned depth)
{
    if (depth > LIMIT_MESSAGE_DEPTH) {
        return false;
    }
    while (s->at < s->end) {
        if (!scan_field(s, schema, depth)) {
            return false;
        }
    }
    return true;
}

struct room {
    struct arena *arena;
    bool exhausted;
};

static void *
room_alloc(void *data, size_t bytes)
{
    struct room *room = data;
    void *memory = arena_alloc(room->arena, bytes);

    room->exhausted |= memory == NULL;
    return memory;
}

static void
room_free(void *data, void *memory)
{
    (void)data; /* the arena gives all back at once */
    (void)memory;
}

enum status
pb_unpack(struct arena *arena, const struct pb_message *schema, const uint8_t *data, size_t bytes,
          ProtobufCMessage **message)
{
    struct count count = {0};
    struct scan scan = {data, bytes == 0 ? data : data + bytes, &count};
    struct room room = {.arena = arena};
    ProtobufCAllocator allocator = {room_alloc, room_free, &room};
    ProtobufCMessage *result;

    if (!scan_message(&scan, schema, 1)) {
        return STATUS_INVALID_ARGUMENT;
    }
    result = protobuf_c_message_unpack(schema->descriptor, &allocator, bytes, data);
    if (result == NULL) {
        return room.exhausted ? STATUS_RESOURCE_EXHAUSTED : STATUS_INVALID_ARGUMENT;
    }
    if (count.map_entries > 1 && !pb_maps_settle(arena, schema, result)) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    *message = result;
    return STATUS_OK;
}

uint8_t *
pb_pack(struct arena *arena, const ProtobufCMessage *message, size_t *bytes)
{
    size_t packed_bytes = protobuf_c_message_get_packed_size(message);
    uint8_t *data = arena_alloc(arena, packed_bytes);

    if (data != NULL) {
        *bytes = protobuf_c_message_pack(message, data);
    }
    return data;
}
