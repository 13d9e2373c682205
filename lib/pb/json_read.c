#include "pb/json.h"

#include <string.h>

#include "depot/rpc/v1/reasons.schema.h"
#include "pb/json_cursor.h"
#include "pb/json_syntax.h"
#include "pb/map.h"
#include "pb/place.h"
#include "pb/value.h"
#include "pb/words.h"

struct reader {
    struct pb_json_cursor in;
    struct call *call;
    bool exhausted;        /* the arena's cap was reached: nothing that follows matters */
    const uint64_t *named; /* the fields of the whole document, once it is read */
};

/* An object that is being read. */
struct object {
    const struct pb_message *schema;
    ProtobufCMessage *message;
    const struct pb_place *place;
    uint64_t *seen; /* a bit for each field */
    size_t next;    /* the field that is likely to come next */
};

static enum pb_set read_message(struct reader *r, const struct pb_message *schema,
                                const struct pb_place *place, ProtobufCMessage **slot);

static void
refuse_and_skip(struct reader *r, const struct reason *reason, const struct pb_place *place,
                const char *detail)
{
    pb_refuse_value(r->call, reason, place, "%s", detail);
    pb_json_skip(&r->in);
}

/* What a value is by its first character. */
static const char *
kind_name(char first)
{
    switch (first) {
    case '{':
        return "an object";
    case '[':
        return "a list";
    case '"':
        return "a string";
    case 't':
    case 'f':
        return "true or false";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

static void
refuse_type(struct reader *r, const struct pb_place *place, const char *expected)
{
    pb_refuse_value(r->call, &reason_wrong_type, place, "must be %s, not %s.", expected,
                    kind_name(pb_json_peek(&r->in)));
    pb_json_skip(&r->in);
}

/* A value of a field that is no list and no map, or an element of a list. */
static enum pb_set
read_value(struct reader *r, const struct pb_field *field, const struct pb_place *place, void *slot)
{
    struct pb_token token;
    enum pb_set result;

    if (field->descriptor->type == PROTOBUF_C_TYPE_MESSAGE) {
        return read_message(r, field->message, place, slot);
    }
    if (!pb_json_token(&r->in, r->call->arena, &token)) {
        r->exhausted = true;
        return PB_EXHAUSTED;
    }
    result = pb_scalar_set(r->call, field, &token, place, slot);
    if (token.kind == PB_TOKEN_OBJECT || token.kind == PB_TOKEN_LIST) {
        pb_json_skip(&r->in);
    }
    r->exhausted |= result == PB_EXHAUSTED;
    return result;
}

static enum pb_set
read_known(struct reader *r, const struct pb_message *schema, const struct pb_place *place,
           ProtobufCMessage **slot)
{
    struct pb_token token;
    enum pb_set result;

    if (!pb_json_token(&r->in, r->call->arena, &token)) {
        r->exhausted = true;
        return PB_EXHAUSTED;
    }
    result = pb_known_set(r->call, schema, &token, place, slot);
    if (token.kind == PB_TOKEN_OBJECT || token.kind == PB_TOKEN_LIST) {
        pb_json_skip(&r->in);
    }
    r->exhausted |= result == PB_EXHAUSTED;
    return result;
}

/* An element that was refused stays as an empty one, so that the places of those behind it stay
 * right. */
static void
read_list(struct reader *r, const struct pb_field *field, const struct pb_place *place,
          ProtobufCMessage *message)
{
    struct pb_place element = {.parent = place};
    bool more;

    if (pb_json_peek(&r->in) != '[') {
        refuse_type(r, place, "a list");
        return;
    }
    for (more = pb_json_enter(&r->in); more && !r->exhausted; more = pb_json_next(&r->in)) {
        void *slot = pb_list_grow(r->call->arena, field, message);

        if (slot == NULL) {
            r->exhausted = true;
            return;
        }
        read_value(r, field, &element, slot);
        element.bytes++;
    }
}

/* One member of a map, whose key is next, into an entry. */
static bool
read_entry(struct reader *r, const struct pb_field *map, const struct pb_place *parent,
           ProtobufCMessage *message, ProtobufCMessage *entry)
{
    const struct pb_field *key = &map->message->fields[0];
    const struct pb_field *value = &map->message->fields[1];
    ProtobufCMessage **entries = *(ProtobufCMessage ***)pb_member(map, message);
    struct pb_place place = {.parent = parent};
    struct pb_token token;
    enum pb_set result;

    if (!pb_json_token(&r->in, r->call->arena, &token)) {
        r->exhausted = true;
        return false;
    }
    pb_json_colon(&r->in);
    token.kind = PB_TOKEN_PLAIN;
    place.name = token.text;
    place.bytes = token.bytes;
    result = pb_scalar_set(r->call, key, &token, &place, pb_member(key, entry));
    r->exhausted |= result == PB_EXHAUSTED;
    if (result != PB_SET) {
        pb_json_skip(&r->in);
        return false;
    }
    if (!pb_map_insert(map, entries, *pb_count(map, message))) {
        refuse_and_skip(r, &reason_duplicate_field, &place, "stands twice.");
        return false;
    }
    /* A value that was refused leaves an empty one at its key. */
    read_value(r, value, &place, pb_member(value, entry));
    return true;
}

static void
read_map(struct reader *r, const struct pb_field *field, const struct pb_place *place,
         ProtobufCMessage *message)
{
    bool more;

    if (pb_json_peek(&r->in) != '{') {
        refuse_type(r, place, "an object");
        return;
    }
    for (more = pb_json_enter(&r->in); more && !r->exhausted; more = pb_json_next(&r->in)) {
        ProtobufCMessage **entry = pb_list_grow(r->call->arena, field, message);

        if (entry == NULL) {
            r->exhausted = true;
            return;
        }
        if (!read_entry(r, field, place, message, *entry)) {
            --*pb_count(field, message);
        }
    }
}

static void
read_single(struct reader *r, const struct pb_field *field, const struct pb_place *place,
            ProtobufCMessage *message)
{
    uint32_t *chosen = NULL;

    if (pb_in_oneof(field)) {
        chosen = pb_case(field, message);
        if (*chosen != 0) {
            refuse_and_skip(r, &reason_duplicate_field, place,
                            "cannot be set beside another member of which only one may be set.");
            return;
        }
    }
    if (read_value(r, field, place, pb_member(field, message)) == PB_SET && chosen != NULL) {
        *chosen = field->descriptor->id;
    }
}

/* Members usually come in the contract's order, so the field behind the last one is tried first. */
static const struct pb_field *
find_field(struct object *object, const struct pb_token *name)
{
    const struct pb_message *schema = object->schema;
    const struct pb_field *field;

    if (object->next < schema->n_fields &&
        pb_name_is(schema->fields[object->next].json_name, name->text, name->bytes)) {
        field = &schema->fields[object->next];
    } else {
        field = pb_field_find(schema, name->text, name->bytes);
    }
    if (field != NULL) {
        object->next = (size_t)(field - object->schema->fields) + 1;
    }
    return field;
}

/* Whether the field was seen before; from now on it was. */
static bool
seen(struct object *object, const struct pb_field *field)
{
    size_t index = (size_t)(field - object->schema->fields);
    uint64_t bit = (uint64_t)1 << index % 64;
    bool before = (object->seen[index / 64] & bit) != 0;

    object->seen[index / 64] |= bit;
    return before;
}

static void
read_field(struct reader *r, struct object *object, const struct pb_field *field)
{
    struct pb_place place = {object->place, field->json_name, PB_NAME_TEXT};

    if (seen(object, field)) {
        refuse_and_skip(r, &reason_duplicate_field, &place, "stands twice.");
    } else if (pb_json_peek(&r->in) == 'n') {
        pb_json_skip(&r->in); /* null: absent */
    } else if (field->rule.output_only) {
        refuse_and_skip(r, &reason_read_only, &place, "is set by the service and cannot be sent.");
    } else if (field->is_map) {
        read_map(r, field, &place, object->message);
    } else if (pb_repeated(field)) {
        read_list(r, field, &place, object->message);
    } else {
        read_single(r, field, &place, object->message);
    }
}

static void
read_member(struct reader *r, struct object *object)
{
    const struct pb_field *field;
    struct pb_place place;
    struct pb_token name;

    if (!pb_json_token(&r->in, r->call->arena, &name)) {
        r->exhausted = true;
        return;
    }
    pb_json_colon(&r->in);
    field = find_field(object, &name);
    if (field != NULL) {
        read_field(r, object, field);
        return;
    }
    place = (struct pb_place){object->place, name.text, name.bytes};
    pb_refuse_value(r->call, &reason_unknown_field, &place,
                    "is no member here; the members are: %s.",
                    pb_words_members(object->schema).text);
    pb_json_skip(&r->in);
}

static enum pb_set
read_object(struct reader *r, const struct pb_message *schema, const struct pb_place *place,
            ProtobufCMessage **slot)
{
    struct object object = {.schema = schema, .place = place};
    bool more;

    if (pb_json_peek(&r->in) != '{') {
        refuse_type(r, place, "an object");
        return PB_REFUSED;
    }
    object.message = *slot != NULL ? *slot : pb_new(r->call->arena, schema);
    object.seen = arena_zalloc(r->call->arena, (schema->n_fields + 63) / 64 * sizeof(uint64_t));
    if (object.message == NULL || object.seen == NULL) {
        r->exhausted = true;
        return PB_EXHAUSTED;
    }
    for (more = pb_json_enter(&r->in); more && !r->exhausted; more = pb_json_next(&r->in)) {
        read_member(r, &object);
    }
    if (place->parent == NULL) {
        r->named = object.seen;
    }
    *slot = object.message;
    return PB_SET;
}

/* Calls itself through read_object, LIMIT_JSON_DEPTH times at most. */
static enum pb_set
read_message(struct reader *r, const struct pb_message *schema, const struct pb_place *place,
             ProtobufCMessage **slot)
{
    return pb_known_single(schema) ? read_known(r, schema, place, slot)
                                   : read_object(r, schema, place, slot);
}

static enum status
exhausted(struct call *call)
{
    call_fail(call, &reason_internal_error, "The request takes too much memory.");
    return STATUS_RESOURCE_EXHAUSTED;
}

static enum status
malformed(struct call *call, const struct pb_json_fault *fault)
{
    call_drop_violations(call);
    if (fault->empty) {
        return call_fail(call, &reason_malformed_json, "The body is empty.");
    }
    return call_fail(call, &reason_malformed_json, "Line %zu, column %zu: %s.", fault->line,
                     fault->column, fault->what);
}

enum status
pb_json_read_named(struct call *call, const struct pb_message *schema, const char *prefix,
                   const char *text, size_t bytes, ProtobufCMessage **message,
                   const uint64_t **named)
{
    struct reader r = {.call = call};
    struct pb_place root = {NULL, prefix, PB_NAME_TEXT};
    struct pb_json_fault fault;
    ProtobufCMessage *result = NULL;

    if (!pb_json_check(text, bytes, &fault)) {
        return malformed(call, &fault);
    }
    r.in = (struct pb_json_cursor){text, text + bytes};
    if (read_message(&r, schema, &root, &result) == PB_REFUSED) {
        result = pb_new(call->arena, schema);
    }
    if (r.exhausted || result == NULL) {
        return exhausted(call);
    }
    *message = result;
    *named = r.named;
    return STATUS_OK;
}

enum status
pb_json_read(struct call *call, const struct pb_message *schema, const char *prefix,
             const char *text, size_t bytes, ProtobufCMessage **message)
{
    const uint64_t *named;

    return pb_json_read_named(call, schema, prefix, text, bytes, message, &named);
}
