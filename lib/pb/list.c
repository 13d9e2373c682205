/* Where the values of a message stand, and repeated fields that grow in an arena. */
#include <string.h>

#include "base/assert.h"
#include "pb/value.h"

size_t *
pb_count(const struct pb_field *field, ProtobufCMessage *message)
{
    ASSERT(pb_repeated(field));
    return (size_t *)(void *)((char *)message + field->descriptor->quantifier_offset);
}

uint32_t *
pb_case(const struct pb_field *field, ProtobufCMessage *message)
{
    ASSERT(pb_in_oneof(field));
    return (uint32_t *)(void *)((char *)message + field->descriptor->quantifier_offset);
}

size_t
pb_slot_bytes(const struct pb_field *field)
{
    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(int32_t);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(int64_t);
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(ProtobufCMessage *);
    }
    ASSERT_NEVER("a type that does not exist");
}

static bool
put_empty(struct arena *arena, const struct pb_field *field, void *slot)
{
    memset(slot, 0, pb_slot_bytes(field));
    if (field->descriptor->type == PROTOBUF_C_TYPE_STRING) {
        *(const char **)slot = protobuf_c_empty_string;
    }
    if (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE) {
        *(ProtobufCMessage **)slot = pb_new(arena, field->message);
        return *(ProtobufCMessage **)slot != NULL;
    }
    return true;
}

/* The room is the count rounded up to a power of two, at least four: the count tells when it is
 * used up. */
static bool
make_room(struct arena *arena, size_t bytes, size_t n, void **list)
{
    bool full = n == 0 || (n >= 4 && (n & (n - 1)) == 0);
    size_t room = n == 0 ? 4 : 2 * n;
    void *larger;

    if (!full) {
        return true;
    }
    larger = arena_alloc(arena, room * bytes);
    if (larger == NULL) {
        return false;
    }
    if (n != 0) {
        memcpy(larger, *list, n * bytes);
    }
    *list = larger;
    return true;
}

void *
pb_list_grow(struct arena *arena, const struct pb_field *field, ProtobufCMessage *message)
{
    size_t *n = pb_count(field, message);
    void **list = pb_member(field, message);
    size_t bytes = pb_slot_bytes(field);
    void *slot;

    if (!make_room(arena, bytes, *n, list)) {
        return NULL;
    }
    slot = (char *)*list + *n * bytes;
    if (!put_empty(arena, field, slot)) {
        return NULL;
    }
    ++*n;
    return slot;
}
