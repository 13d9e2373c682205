/*
 * Entity tags and the conditions made of them (RFC 9110, 8.8.3 and 13.1). A tag stands for one
 * representation: a compressed one has the tag of what was compressed with "-gzip" behind it.
 */
#ifndef DEPOT_HTTP_ETAG_H
#define DEPOT_HTTP_ETAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/message.h"

enum { HTTP_CONTENT_TAG_BYTES = 17 }; /* 16 hexadecimal digits and a NUL byte */

/* A tag without its quotes; not NUL-terminated. */
struct http_etag {
    const char *text; /* NULL: there is none */
    size_t bytes;
    bool weak;
    bool gzip; /* of the compressed representation: "-gzip" belongs behind the text */
};

/* What a field says about tags. */
enum http_condition {
    HTTP_CONDITION_NONE, /* nothing: there is no such field */
    HTTP_CONDITION_ANY,  /* `*` */
    HTTP_CONDITION_TAGS, /* at least one tag */
    HTTP_CONDITION_BAD,  /* neither, both, or more than LIMIT_HTTP_TAGS */
};

/*
 * The tag of a service's version. None if the text is empty, longer than LIMIT_HTTP_TAG_BYTES, or
 * has characters that a tag or a list of tags cannot carry: quotes, commas, blanks, controls.
 */
struct http_etag http_etag_of_version(const char *version);

/*
 * The weak tag of content, for what has no version: equal bytes have equal tags, in every process.
 * Not cryptographic: who makes both contents can make them collide.
 */
struct http_etag http_etag_of_content(const char *content, size_t bytes,
                                      char text[static HTTP_CONTENT_TAG_BYTES]);

/* Appends the tag as a field shows it: W/"0123-gzip". */
void http_etag_write(struct buf *out, const struct http_etag *tag);

/* Reads all fields of this name (lower case: `if-match` or `if-none-match`). */
enum http_condition http_condition_read(const struct http_message *message, const char *name);

/*
 * Whether a condition that is ANY or TAGS names the tag. The weak comparison (If-None-Match) looks
 * at the text alone; the strong one (If-Match) is never met by a weak tag, and by a client that
 * knows either representation of a version.
 */
bool http_condition_names(const struct http_message *message, const char *name,
                          const struct http_etag *tag, bool strong);

/*
 * The tags of an If-Match that is TAGS as a service takes them: without quotes, joined by commas,
 * "-gzip" taken off. Tags that no version can have (weak, empty, `*` or with a comma) become one
 * `W/`, which matches nothing. NULL if the arena's cap is reached.
 */
char *http_condition_join(const struct http_message *message, const char *name,
                          struct arena *arena);

#endif
