#include "http/update.h"

#include <google/protobuf/field_mask.pb-c.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/place.h"

static void
refuse(struct call *call, const struct pb_field *thing, const struct pb_field *field)
{
    const struct pb_place root = {NULL, "", 0};
    const struct pb_place parent = {&root, thing->json_name, PB_NAME_TEXT};
    const struct pb_place place = {&parent, field->json_name, PB_NAME_TEXT};

    pb_refuse_value(call, &reason_read_only, &place, "is set by the service and cannot be sent.");
}

enum status
http_update_mask_derive(struct call *call, const struct pb_message *schema,
                        ProtobufCMessage *request, const uint64_t *named)
{
    const struct pb_field *thing = &schema->fields[schema->update->target];
    const struct pb_field *field = &schema->fields[schema->update->mask];
    Google__Protobuf__FieldMask *mask =
        (Google__Protobuf__FieldMask *)pb_new(call->arena, field->message);
    char **paths = arena_alloc(call->arena, thing->message->n_fields * sizeof(*paths));

    if (mask == NULL || paths == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    mask->paths = paths;
    for (size_t i = 0; named != NULL && i < thing->message->n_fields; i++) {
        const struct pb_field *member = &thing->message->fields[i];

        if ((named[i / 64] >> i % 64 & 1) == 0) {
            continue;
        }
        if (member->rule.output_only) {
            refuse(call, thing, member);
        } else {
            paths[mask->n_paths++] = (char *)member->name;
        }
    }
    *(Google__Protobuf__FieldMask **)pb_member(field, request) = mask;
    return STATUS_OK;
}
