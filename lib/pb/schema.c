#include "pb/schema.h"

#include <string.h>

#include "base/arena.h"
#include "pb/value.h"

const struct pb_field *
pb_field_find(const struct pb_message *schema, const char *name, size_t bytes)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct pb_field *field = &schema->fields[i];

        if (pb_name_is(field->json_name, name, bytes) || pb_name_is(field->name, name, bytes)) {
            return field;
        }
    }
    return NULL;
}

const struct pb_field *
pb_field_named(const struct pb_message *schema, const char *name, size_t bytes)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (pb_name_is(schema->fields[i].name, name, bytes)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

const struct pb_method *
pb_method_find(const struct pb_service *const *services, const char *path)
{
    for (; *services != NULL; services++) {
        for (size_t i = 0; i < (*services)->n_methods; i++) {
            if (strcmp((*services)->methods[i]->path, path) == 0) {
                return (*services)->methods[i];
            }
        }
    }
    return NULL;
}

void *
pb_member(const struct pb_field *field, ProtobufCMessage *message)
{
    return (char *)message + field->descriptor->offset;
}

const void *
pb_member_const(const struct pb_field *field, const ProtobufCMessage *message)
{
    return (const char *)message + field->descriptor->offset;
}

ProtobufCMessage *
pb_new(struct arena *arena, const struct pb_message *schema)
{
    ProtobufCMessage *message = arena_alloc(arena, schema->descriptor->sizeof_message);

    if (message != NULL) {
        protobuf_c_message_init(schema->descriptor, message);
    }
    return message;
}
