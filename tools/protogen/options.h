/*
 * Options of a contract. protobuf-c knows no extensions: in a descriptor set they are unknown
 * fields of the options messages, and are unpacked here by their numbers.
 */
#ifndef DEPOT_PROTOGEN_OPTIONS_H
#define DEPOT_PROTOGEN_OPTIONS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/arena.h"

/* The numbers of the extensions in options.proto, annotations.proto and protobuf-c.proto. */
enum {
    OPTION_METHOD = 50001,
    OPTION_MESSAGE = 50002,
    OPTION_FIELD = 50003,
    OPTION_REASON = 50004,
    OPTION_HTTP = 72295728,
    OPTION_PB_C_FILE = 1019,
};

/*
 * The option with this number, unpacked into the arena; NULL if `options` (which may be NULL) does
 * not have it, or if its bytes are no such message.
 */
ProtobufCMessage *option_read(struct arena *arena, const ProtobufCMessage *options, unsigned number,
                              const ProtobufCMessageDescriptor *descriptor);

/* Whether the file says that protobuf-c shall make no C of it. */
bool option_no_generate(struct arena *arena, const ProtobufCMessage *file_options);

/* Lets protobuf-c take its memory from the arena. */
ProtobufCAllocator arena_allocator(struct arena *arena);

#endif
