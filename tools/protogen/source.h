/* The source information of a .proto file: where an element stands and what is said about it. */
#ifndef DEPOT_PROTOGEN_SOURCE_H
#define DEPOT_PROTOGEN_SOURCE_H

#include "contract.h"

enum { SOURCE_PATH_MAX = 32 };

/*
 * The way to an element through the fields of FileDescriptorProto, as descriptor.proto explains
 * under SourceCodeInfo: {4, 0, 2, 1} is the second field of the first message.
 */
struct source_path {
    int32_t steps[SOURCE_PATH_MAX];
    size_t n;
};

/* The path two steps further. */
struct source_path source_step(const struct source_path *path, int field, size_t index);

/* Where the element stands; line 0 if the file has no information on it. */
struct place source_place(const Google__Protobuf__FileDescriptorProto *file,
                          const struct source_path *path);

/* Where an option of the element stands, or else the element. `options_field` is the number of the
 * element's options member, `number` the extension's. */
struct place source_option_place(const Google__Protobuf__FileDescriptorProto *file,
                                 const struct source_path *path, int options_field, int number);

/*
 * The comment before the element (or behind it on its line) in the arena: lines joined, paragraphs
 * kept apart by an empty line. NULL if there is none.
 */
const char *source_comment(struct arena *arena, const Google__Protobuf__FileDescriptorProto *file,
                           const struct source_path *path);

#endif
