/*
 * Canonical proto3 JSON to protobuf-c messages and back, over the tables of schema.h. Bytes in,
 * bytes out: no I/O, no tree in between.
 *
 * Source: RFC 8259 (JSON), the "ProtoJSON format" page of the protobuf documentation, RFC 3339.
 */
#ifndef DEPOT_PB_JSON_H
#define DEPOT_PB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/call.h"
#include "pb/schema.h"

/*
 * Reads a JSON document into a new message in the call's arena. First the syntax of the whole
 * document is checked (RFC 8259, UTF-8, no lone surrogates, depth and members within the limits):
 * a fault there is the call's problem MALFORMED_JSON with line and column, and the status is
 * INVALID_ARGUMENT. Then the document is read, and everything that does not fit the contract is
 * added to the call as a violation (WRONG_TYPE, UNKNOWN_FIELD, DUPLICATE_FIELD, OUT_OF_RANGE,
 * BAD_TIMESTAMP, UNKNOWN_VALUE, READ_ONLY, BAD_FORMAT for NUL characters) with its place behind
 * `prefix` ("/resource"); the status is STATUS_OK then too, since more violations may be found by
 * pb_validate before the caller ends with call_invalid. A field whose value was refused stays
 * unset; pb_validate does not complain again about a place that already has a violation. `text`
 * need not end with NUL. Map entries are sorted by key, so that equal documents make equal
 * messages. RESOURCE_EXHAUSTED (INTERNAL_ERROR) if the arena's cap is reached.
 */
enum status pb_json_read(struct call *call, const struct pb_message *schema, const char *prefix,
                         const char *text, size_t bytes, ProtobufCMessage **message) MUST_CHECK;

/*
 * As pb_json_read, and says which fields the document names: those that are members of its object,
 * also with `null` or with a value that was refused. `named` gets a bit for each field, by its
 * index, 64 to a word, in the arena; NULL if the document is no object of fields.
 */
enum status pb_json_read_named(struct call *call, const struct pb_message *schema,
                               const char *prefix, const char *text, size_t bytes,
                               ProtobufCMessage **message, const uint64_t **named) MUST_CHECK;

/*
 * Appends the message as JSON: lowerCamelCase, all members present except unset messages (and
 * members of oneofs that are not chosen) and input-only fields, enums by name, times in UTC with
 * 0, 3, 6 or 9 fractional digits. `message` may hold strings that are not UTF-8: they are mended
 * with U+FFFD.
 */
void pb_json_write(struct buf *out, const struct pb_message *schema,
                   const ProtobufCMessage *message);

/* As pb_json_write, with what other HTTP clients see elsewhere: versions (the ETag) are members. */
void pb_json_write_whole(struct buf *out, const struct pb_message *schema,
                         const ProtobufCMessage *message);

/* How a message is written for a certain reader; zero: as pb_json_write does. */
struct pb_json_style {
    const char *link_prefix; /* put before fields with the rule `link`; NULL: nothing */
    bool versions;           /* fields with the rule `etag` are members, too */
};

void pb_json_write_styled(struct buf *out, const struct pb_message *schema,
                          const ProtobufCMessage *message, const struct pb_json_style *style);

/* As pb_json_write without the braces and with a comma before each member: to extend an object. */
void pb_json_write_members(struct buf *out, const struct pb_message *schema,
                           const ProtobufCMessage *message);

#endif
