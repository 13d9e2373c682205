#include "pb/map.h"

#include <string.h>

#include "pb/value.h"

static int
compare(const struct pb_field *map, const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    const struct pb_field *key = &map->message->fields[0];
    const void *left = pb_member_const(key, a);
    const void *right = pb_member_const(key, b);

    switch (key->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING:
        return strcmp(*(char *const *)left, *(char *const *)right);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return (*(const uint64_t *)left > *(const uint64_t *)right) -
               (*(const uint64_t *)left < *(const uint64_t *)right);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return (*(const int64_t *)left > *(const int64_t *)right) -
               (*(const int64_t *)left < *(const int64_t *)right);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return (*(const uint32_t *)left > *(const uint32_t *)right) -
               (*(const uint32_t *)left < *(const uint32_t *)right);
    default: /* bool and the signed types of 32 bits */
        return (*(const int32_t *)left > *(const int32_t *)right) -
               (*(const int32_t *)left < *(const int32_t *)right);
    }
}

bool
pb_map_insert(const struct pb_field *map, ProtobufCMessage **entries, size_t n)
{
    ProtobufCMessage *entry = entries[n - 1];
    size_t low = 0, high = n - 1;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(map, entries[middle], entry);

        if (order == 0) {
            return false;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    memmove(entries + low + 1, entries + low, (n - 1 - low) * sizeof(*entries));
    entries[low] = entry;
    return true;
}

static bool
is_settled(const struct pb_field *map, ProtobufCMessage *const *entries, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (compare(map, entries[i - 1], entries[i]) >= 0) {
            return false;
        }
    }
    return true;
}

/* Merges two sorted runs, of which the second came later. */
static void
merge(const struct pb_field *map, ProtobufCMessage *const *from, size_t n, size_t run,
      ProtobufCMessage **to)
{
    size_t left = 0;
    size_t middle = run < n ? run : n;
    size_t right = middle;

    while (left < middle || right < n) {
        bool take_left =
            right == n || (left < middle && compare(map, from[left], from[right]) <= 0);

        *to++ = take_left ? from[left++] : from[right++];
    }
}

/* A stable sort: the order of entries with one key tells which is the last. */
static bool
sort(struct arena *arena, const struct pb_field *map, ProtobufCMessage **entries, size_t n)
{
    ProtobufCMessage **merged = arena_alloc(arena, n * sizeof(*merged));

    if (merged == NULL) {
        return false;
    }
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t at = 0; at < n; at += 2 * run) {
            merge(map, entries + at, n - at < 2 * run ? n - at : 2 * run, run, merged + at);
        }
        memcpy(entries, merged, n * sizeof(*merged));
    }
    return true;
}

static size_t
drop_duplicates(const struct pb_field *map, ProtobufCMessage **entries, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n || compare(map, entries[i], entries[i + 1]) != 0) {
            entries[kept++] = entries[i];
        }
    }
    return kept;
}

static bool
settle(struct arena *arena, const struct pb_field *map, ProtobufCMessage *message)
{
    ProtobufCMessage **entries = *(ProtobufCMessage ***)pb_member(map, message);
    size_t *n = pb_count(map, message);

    if (is_settled(map, entries, *n)) {
        return true;
    }
    if (!sort(arena, map, entries, *n)) {
        return false;
    }
    *n = drop_duplicates(map, entries, *n);
    return true;
}

static bool
settle_within(struct arena *arena, const struct pb_field *field, ProtobufCMessage *message)
{
    void *member = pb_member(field, message);

    if (pb_repeated(field)) {
        ProtobufCMessage **list = *(ProtobufCMessage ***)member;

        for (size_t i = 0; i < *pb_count(field, message); i++) {
            if (!pb_maps_settle(arena, field->message, list[i])) {
                return false;
            }
        }
        return true;
    }
    if (pb_in_oneof(field) && *pb_case(field, message) != field->descriptor->id) {
        return true;
    }
    return *(ProtobufCMessage **)member == NULL ||
           pb_maps_settle(arena, field->message, *(ProtobufCMessage **)member);
}

/* Calls itself as deep as the message is: LIMIT_MESSAGE_DEPTH at most. */
bool
pb_maps_settle(struct arena *arena, const struct pb_message *schema, ProtobufCMessage *message)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct pb_field *field = &schema->fields[i];

        if (field->message == NULL) {
            continue;
        }
        if (field->is_map && !settle(arena, field, message)) {
            return false;
        }
        if (!settle_within(arena, field, message)) {
            return false;
        }
    }
    return true;
}
