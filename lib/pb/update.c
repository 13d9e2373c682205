#include "pb/update.h"

#include <string.h>

#include "pb/presence.h"

const Google__Protobuf__FieldMask *
pb_update_mask(const struct pb_message *schema, const ProtobufCMessage *request)
{
    const void *member = pb_member_const(&schema->fields[schema->update->mask], request);

    return *(const Google__Protobuf__FieldMask *const *)member;
}

const struct pb_message *
pb_update_target_schema(const struct pb_message *schema)
{
    return schema->fields[schema->update->target].message;
}

const ProtobufCMessage *
pb_update_target(const struct pb_message *schema, const ProtobufCMessage *request)
{
    const void *member = pb_member_const(&schema->fields[schema->update->target], request);

    return *(const ProtobufCMessage *const *)member;
}

bool
pb_update_names(const struct pb_message *schema, const ProtobufCMessage *request,
                const struct pb_field *field)
{
    const Google__Protobuf__FieldMask *mask = pb_update_mask(schema, request);

    if (mask == NULL) {
        return pb_is_filled(field, pb_update_target(schema, request));
    }
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], field->name) == 0) {
            return true;
        }
    }
    return false;
}

void
pb_update_path_write(const char *path, char out[static PB_PATH_TEXT_BYTES])
{
    size_t n = 0;

    for (; *path != '\0' && n < PB_PATH_TEXT_BYTES - 1; path++) {
        if (*path == '_' && path[1] >= 'a' && path[1] <= 'z') {
            path++;
            out[n++] = (char)(*path - 'a' + 'A');
        } else {
            out[n++] = *path;
        }
    }
    out[n] = '\0';
}
