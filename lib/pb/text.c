#include "pb/text.h"

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/place.h"
#include "pb/value.h"

static enum pb_set
set_value(struct call *call, const struct pb_field *field, const struct pb_token *token,
          const struct pb_place *place, void *slot)
{
    if (field->descriptor->type != PROTOBUF_C_TYPE_MESSAGE) {
        return pb_scalar_set(call, field, token, place, slot);
    }
    if (!pb_known_single(field->message)) {
        pb_refuse_value(call, &reason_wrong_type, place, "cannot be written as text.");
        return PB_REFUSED;
    }
    return pb_known_set(call, field->message, token, place, slot);
}

static enum pb_set
set_single(struct call *call, const struct pb_field *field, const struct pb_token *token,
           const struct pb_place *place, ProtobufCMessage *message)
{
    uint32_t *chosen = pb_in_oneof(field) ? pb_case(field, message) : NULL;
    enum pb_set result;

    if (chosen != NULL && *chosen != 0 && *chosen != field->descriptor->id) {
        pb_refuse_value(call, &reason_duplicate_field, place,
                        "cannot be set beside another member of which only one may be set.");
        return PB_REFUSED;
    }
    result = set_value(call, field, token, place, pb_member(field, message));
    if (result == PB_SET && chosen != NULL) {
        *chosen = field->descriptor->id;
    }
    return result;
}

/* An element that is refused stays as an empty one, as in a JSON list. */
static enum pb_set
set_element(struct call *call, const struct pb_field *field, const struct pb_token *token,
            const struct pb_place *place, ProtobufCMessage *message)
{
    void *slot;

    if (field->is_map || (field->message != NULL && !pb_known_single(field->message))) {
        pb_refuse_value(call, &reason_wrong_type, place, "cannot be written as text.");
        return PB_REFUSED;
    }
    slot = pb_list_grow(call->arena, field, message);
    return slot == NULL ? PB_EXHAUSTED : set_value(call, field, token, place, slot);
}

enum status
pb_text_set(struct call *call, const struct pb_field *field, ProtobufCMessage *message,
            const char *text, size_t bytes)
{
    const struct pb_place root = {NULL, "", 0};
    const struct pb_place place = {&root, field->json_name, PB_NAME_TEXT};
    const struct pb_token token = {.kind = PB_TOKEN_PLAIN, .text = text, .bytes = bytes};
    enum pb_set result = pb_repeated(field) ? set_element(call, field, &token, &place, message)
                                            : set_single(call, field, &token, &place, message);

    if (result == PB_EXHAUSTED) {
        call_fail(call, &reason_internal_error, "The request takes too much memory.");
        return STATUS_RESOURCE_EXHAUSTED;
    }
    return STATUS_OK;
}
