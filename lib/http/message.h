/*
 * HTTP/1.1 requests from bytes: no sockets, no clock. The llhttp parser does the syntax; this file
 * adds what it lets through and what must be bounded, and refuses instead of mending: whatever two
 * parsers could read in two ways is an error, after which nothing more of the connection is read.
 *
 * The verdict does not depend on how the bytes were cut into pieces: of several errors the first
 * byte that is wrong decides.
 *
 * Refused (MALFORMED_REQUEST unless said otherwise): line ends other than CR LF, control
 * characters, an empty line before the request, more than one space between the parts of the
 * request line, methods that llhttp does not know, versions other than 1.1 and 1.0, folded fields,
 * empty or ill-formed names, a space before the colon, no or two Host fields (1.0 may have none),
 * Content-Length together with Transfer-Encoding, twice, or not all digits, a transfer coding other
 * than `chunked` alone, any coding with 1.0, expectations other than 100-continue, targets that are
 * not in origin form, absolute form (http or https, authority equal to Host) or `*` with OPTIONS;
 * URI_TOO_LONG, HEADERS_TOO_LARGE, BODY_TOO_LARGE beyond the limits of base/limits.h.
 * `Upgrade` is ignored, as are chunk extensions and trailers.
 *
 * Source: RFC 9112 (HTTP/1.1), RFC 9110 (semantics), RFC 3986 (targets).
 */
#ifndef DEPOT_HTTP_MESSAGE_H
#define DEPOT_HTTP_MESSAGE_H

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"
#include "http/scan.h"

enum http_parse {
    HTTP_PARSE_MORE,    /* everything was used, and more is needed */
    HTTP_PARSE_HEAD,    /* said once, if a body follows: the head is complete */
    HTTP_PARSE_DONE,    /* the request is complete; what was not used belongs to the next one */
    HTTP_PARSE_REFUSED, /* see `refusal`; the connection must not be read any further */
};

/* A header field, as places in `text`. The name is in lower case, the value without blanks around.
 */
struct http_field {
    uint16_t name_at, name_bytes, value_at, value_bytes;
};

struct http_message {
    /* Valid from HTTP_PARSE_HEAD or HTTP_PARSE_DONE on; pointers live until init, reset or fini. */
    const char *verb;   /* GET */
    const char *target; /* as it came, not NUL-terminated; path and query are parts of it */
    size_t target_bytes;
    const char *path; /* starts with '/', or is "*"; percent-encoded; before the '?' */
    size_t path_bytes;
    const char *query; /* after the '?'; percent-encoded */
    size_t query_bytes;
    bool keep_alive;       /* the client lets the connection live; never with 1.0 */
    bool expects_continue; /* and waits for 100 before it sends the body */
    struct buf body;       /* without chunk framing; complete at HTTP_PARSE_DONE */

    /* Valid at HTTP_PARSE_REFUSED. */
    const struct reason *refusal;
    const char *refusal_detail; /* for people; lives as the others */

    /* The parser's own. */
    llhttp_t parser;
    struct buf text;
    struct http_field fields[LIMIT_HTTP_FIELDS];
    size_t n_fields;
    uint64_t name_lengths; /* one bit for each length that a name has; the last for all above */
    struct http_scan scan;
    bool head_done, head_said, done;
    uint64_t data_left, body_limit;
    char too_large[48]; /* a detail that is no constant */
};

/* Caller's storage, kept for many requests; allocates nothing yet. */
void http_message_init(struct http_message *self);
void http_message_fini(struct http_message *self);

/* Forgets the request and is ready for the next; keeps a little memory. */
void http_message_reset(struct http_message *self);

/* Whether a byte of the request has come. */
bool http_message_begun(const struct http_message *self);

/*
 * How many bytes a body may have instead of LIMIT_HTTP_BODY_BYTES: before the first byte, or, lower
 * than before, at HTTP_PARSE_HEAD. False: the body is known to be larger; the message is refused.
 */
bool http_message_limit_body(struct http_message *self, uint64_t bytes) MUST_CHECK;

/* Takes the next bytes; `used` (of `bytes`) is set. Not to be called after DONE or REFUSED. */
enum http_parse http_message_feed(struct http_message *self, const char *data, size_t bytes,
                                  size_t *used);

/*
 * The value of the field with this name (lower case), not NUL-terminated; NULL (of 0 bytes) if
 * absent. `n` (may be NULL) says how many such fields there are; the value is that of the first.
 */
const char *http_message_field(const struct http_message *self, const char *name,
                               size_t *value_bytes, size_t *n);

/* The value of the `index`th field of this name, from 0 on; NULL if there are not so many. */
const char *http_message_field_at(const struct http_message *self, const char *name, size_t index,
                                  size_t *value_bytes);

#endif
