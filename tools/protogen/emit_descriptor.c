/*
 * The descriptor set that clients get. Of the places in the sources only those with comments stay:
 * they are what a generated client shows to its reader, the rest is four fifths of the set.
 */
#include <string.h>

#include "emit.h"

static bool
begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Everybody has these files, with their comments. */
static bool
is_well_known(const Google__Protobuf__FileDescriptorProto *file)
{
    return begins_with(file->name, "google/protobuf/") || begins_with(file->name, "protobuf-c/");
}

static bool
says_something(const Google__Protobuf__SourceCodeInfo__Location *location)
{
    return location->leading_comments != NULL || location->trailing_comments != NULL ||
           location->n_leading_detached_comments != 0;
}

static Google__Protobuf__SourceCodeInfo *
comments_of(struct arena *arena, const Google__Protobuf__SourceCodeInfo *info)
{
    Google__Protobuf__SourceCodeInfo *self = arena_alloc(arena, sizeof *self);

    google__protobuf__source_code_info__init(self);
    self->location = arena_alloc(arena, info->n_location * sizeof(*self->location));
    for (size_t i = 0; i < info->n_location; i++) {
        if (says_something(info->location[i])) {
            self->location[self->n_location++] = info->location[i];
        }
    }
    return self;
}

static Google__Protobuf__FileDescriptorProto *
file_for_clients(struct arena *arena, const Google__Protobuf__FileDescriptorProto *file)
{
    Google__Protobuf__FileDescriptorProto *self = arena_alloc(arena, sizeof *self);

    *self = *file;
    self->source_code_info = is_well_known(file) || file->source_code_info == NULL
                                 ? NULL
                                 : comments_of(arena, file->source_code_info);
    return self;
}

void
emit_descriptor(const struct contract *contract, struct buf *out)
{
    Google__Protobuf__FileDescriptorSet set = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_SET__INIT;
    struct arena arena;
    size_t bytes;

    arena_init(&arena, 1 << 16, 0);
    set.n_file = contract->set->n_file;
    set.file = arena_alloc(&arena, (set.n_file + 1) * sizeof(*set.file));
    for (size_t i = 0; i < set.n_file; i++) {
        set.file[i] = file_for_clients(&arena, contract->set->file[i]);
    }
    bytes = google__protobuf__file_descriptor_set__get_packed_size(&set);
    google__protobuf__file_descriptor_set__pack(&set, (uint8_t *)buf_reserve(out, bytes));
    buf_grown(out, bytes);
    arena_fini(&arena);
}
