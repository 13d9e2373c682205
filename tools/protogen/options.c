#include "options.h"

#include <string.h>

static void *
take(void *arena, size_t bytes)
{
    return arena_alloc(arena, bytes);
}

static void
leave(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

ProtobufCAllocator
arena_allocator(struct arena *arena)
{
    return (ProtobufCAllocator){take, leave, arena};
}

/* The bytes behind the length of a length-prefixed unknown field. */
static const uint8_t *
payload(const ProtobufCMessageUnknownField *field, size_t *bytes)
{
    size_t i = 0;

    while (i < field->len && (field->data[i] & 0x80) != 0) {
        i++;
    }
    i++;
    *bytes = i < field->len ? field->len - i : 0;
    return field->data + (i < field->len ? i : field->len);
}

/*
 * An option that is set member by member stands several times; the meaning of that is the merged
 * message, which is what the joined bytes are.
 */
static uint8_t *
join(struct arena *arena, const ProtobufCMessage *options, unsigned number, size_t *bytes)
{
    uint8_t *out = NULL;

    *bytes = 0;
    for (unsigned i = 0; options != NULL && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];
        size_t more;
        const uint8_t *data;
        uint8_t *joined;

        if (field->tag != number || field->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
            continue;
        }
        data = payload(field, &more);
        joined = arena_alloc(arena, *bytes + more + 1);
        if (out != NULL) {
            memcpy(joined, out, *bytes);
        }
        memcpy(joined + *bytes, data, more);
        out = joined;
        *bytes += more;
    }
    return out;
}

ProtobufCMessage *
option_read(struct arena *arena, const ProtobufCMessage *options, unsigned number,
            const ProtobufCMessageDescriptor *descriptor)
{
    ProtobufCAllocator allocator = arena_allocator(arena);
    size_t bytes;
    uint8_t *data = join(arena, options, number, &bytes);

    if (data == NULL) {
        return NULL;
    }
    return protobuf_c_message_unpack(descriptor, &allocator, bytes, data);
}

bool
option_no_generate(struct arena *arena, const ProtobufCMessage *file_options)
{
    size_t bytes;
    const uint8_t *data = join(arena, file_options, OPTION_PB_C_FILE, &bytes);

    /* no_generate is field 1 of ProtobufCFileOptions, and it comes first on the wire. */
    return data != NULL && bytes >= 2 && data[0] == 1 << 3 && data[1] == 1;
}
