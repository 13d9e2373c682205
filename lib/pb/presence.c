#include "pb/presence.h"

#include "pb/rule.h"
#include "pb/value.h"

bool
pb_is_set(const struct pb_field *field, const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *descriptor = field->descriptor;

    if (pb_in_oneof(field)) {
        const char *chosen = (const char *)message + descriptor->quantifier_offset;

        return *(const uint32_t *)(const void *)chosen == descriptor->id;
    }
    return descriptor->type != PROTOBUF_C_TYPE_MESSAGE ||
           *(const ProtobufCMessage *const *)pb_member_const(field, message) != NULL;
}

bool
pb_is_filled(const struct pb_field *field, const ProtobufCMessage *message)
{
    if (pb_repeated(field)) {
        return *(const size_t *)(const void *)((const char *)message +
                                               field->descriptor->quantifier_offset) != 0;
    }
    return pb_is_set(field, message) && (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE ||
                                         !pb_rule_is_empty(field, pb_member_const(field, message)));
}
