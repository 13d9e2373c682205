/* The head of an answer as bytes. What is in it is made here or checked here. */
#ifndef DEPOT_HTTP_RESPONSE_H
#define DEPOT_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { HTTP_DATE_BYTES = 30 }; /* `Fri, 20 Nov 2026 23:04:05 GMT` and a NUL byte */

struct http_response {
    int status;
    const char *date;         /* of http_date_format */
    const char *content_type; /* NULL: no content, not even an empty one */
    size_t content_bytes;
    const char *request_id; /* "" if none was made */
    const char *location;   /* NULL: none. Not NUL-terminated */
    size_t location_bytes;
    const char *allow;          /* NULL: none */
    unsigned retry_after_s;     /* 0: none */
    const char *cache_control;  /* NULL: no-store */
    const char *content_policy; /* Content-Security-Policy; NULL: of what is no page, nothing */
    const struct buf *fields;   /* more lines, of http_field_write; NULL: none */
    bool replayed, close;
};

/*
 * Appends a line: `name` with its colon and blank ("ETag: "), the value, CR LF. A control character
 * in the value is a bug (assertion): it could make a second field of it.
 */
void http_field_write(struct buf *out, const char *name, const char *value, size_t bytes);

/* Appends a number as decimal digits. */
void http_number_write(struct buf *out, uint64_t number);

/* Appends status line, header fields and the empty line. */
void http_response_write(struct buf *out, const struct http_response *response);

/* Seconds since 1970 as an IMF-fixdate (RFC 9110, 5.6.7). */
void http_date_format(int64_t seconds, char out[static HTTP_DATE_BYTES]);

#endif
