/*
 * Single values from text: what stands in a JSON document, a path or a query becomes a C member of
 * a message. What does not fit is a violation.
 */
#ifndef DEPOT_PB_VALUE_H
#define DEPOT_PB_VALUE_H

#include <stddef.h>

#include "base/call.h"
#include "pb/place.h"
#include "pb/schema.h"

enum pb_token_kind {
    PB_TOKEN_STRING, /* a JSON string, decoded */
    PB_TOKEN_NUMBER, /* a JSON number */
    PB_TOKEN_BOOL,   /* true or false */
    PB_TOKEN_NULL,
    PB_TOKEN_OBJECT, /* never has a text */
    PB_TOKEN_LIST,
    PB_TOKEN_PLAIN, /* of a path, a query or a map's key: any type may be meant */
};

struct pb_token {
    enum pb_token_kind kind;
    const char *text; /* valid UTF-8 */
    size_t bytes;
    bool kept; /* the text lives in the arena and ends with NUL: no copy is needed */
};

enum pb_set {
    PB_SET,
    PB_REFUSED,   /* there is a violation; the slot is untouched */
    PB_EXHAUSTED, /* the arena's cap is reached; the slot is untouched */
};

/* Sets a slot of a scalar or enum field's type. */
enum pb_set pb_scalar_set(struct call *call, const struct pb_field *field,
                          const struct pb_token *token, const struct pb_place *place, void *slot);

/* Refuses a value because of its type; `expected` is as in "must be %s". PB_REFUSED. */
enum pb_set pb_wrong_type(struct call *call, const struct pb_token *token,
                          const struct pb_place *place, const char *expected);

/*
 * Fills the message in a slot, which is made if there is none (NULL), and whose JSON is a single
 * value: Timestamp, Duration, FieldMask or a wrapper.
 */
enum pb_set pb_known_set(struct call *call, const struct pb_message *schema,
                         const struct pb_token *token, const struct pb_place *place,
                         ProtobufCMessage **slot);

/* Whether the JSON of such a message is a single value. */
bool pb_known_single(const struct pb_message *schema);

/*
 * A new last element of a repeated field, with its type's empty value (an empty message if it is
 * of a message type). NULL when the arena's cap is reached.
 */
void *pb_list_grow(struct arena *arena, const struct pb_field *field, ProtobufCMessage *message);

/* Bytes of one value of the field's type. */
size_t pb_slot_bytes(const struct pb_field *field);

/* A pointer to the count of a repeated field, or to the case of a oneof. */
size_t *pb_count(const struct pb_field *field, ProtobufCMessage *message);
uint32_t *pb_case(const struct pb_field *field, ProtobufCMessage *message);

/* Whether the text, which may hold NUL characters, is the name. */
static inline bool
pb_name_is(const char *name, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (name[i] == '\0' || name[i] != text[i]) {
            return false;
        }
    }
    return name[bytes] == '\0';
}

static inline bool
pb_in_oneof(const struct pb_field *field)
{
    return (field->descriptor->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static inline bool
pb_repeated(const struct pb_field *field)
{
    return field->descriptor->label == PROTOBUF_C_LABEL_REPEATED;
}

#endif
