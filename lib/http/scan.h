/*
 * The lines of a request, looked at byte by byte before llhttp gets them: their ends, their
 * characters, their lengths and their number. What stands in a line is llhttp's business.
 */
#ifndef DEPOT_HTTP_SCAN_H
#define DEPOT_HTTP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Where in a request the next line stands. */
enum http_section {
    HTTP_REQUEST_LINE,
    HTTP_FIELD_LINE,
    HTTP_CHUNK_LINE, /* the size of a chunk, and extensions */
    HTTP_TRAILER_LINE,
};

/* Zero before the first byte of a request. */
struct http_scan {
    enum http_section section;
    size_t line_bytes, header_bytes, framing_bytes;
    unsigned n_spaces, n_version, n_fields;
    bool begun, after_cr, after_space;
};

/* Why a byte is wrong. */
struct http_refusal {
    const struct reason *reason; /* NULL: it is not */
    const char *detail;          /* a constant, for people */
};

/*
 * How many of the bytes may go on: those of the line, its LF being the last, or up to the one that
 * is wrong, of which `refusal` then says why. Behind the request line come field lines; the other
 * sections are the caller's to set.
 */
size_t http_scan_line(struct http_scan *self, const char *data, size_t bytes,
                      struct http_refusal *refusal);

/* The next byte begins a line of this section. */
void http_scan_section(struct http_scan *self, enum http_section section);

#endif
