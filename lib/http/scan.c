#include "http/scan.h"

#include <stddef.h>

#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"

static struct http_refusal
good(void)
{
    return (struct http_refusal){0};
}

static struct http_refusal
malformed(const char *detail)
{
    return (struct http_refusal){&reason_malformed_request, detail};
}

/* The bounds of the line that a byte is added to. */
static struct http_refusal
count_byte(struct http_scan *self)
{
    self->line_bytes++;
    switch (self->section) {
    case HTTP_REQUEST_LINE:
        if (self->line_bytes > LIMIT_HTTP_REQUEST_LINE_BYTES) {
            return (struct http_refusal){&reason_uri_too_long,
                                         "The request line may have 4,096 bytes."};
        }
        break;
    case HTTP_CHUNK_LINE:
        if (self->line_bytes > LIMIT_HTTP_CHUNK_LINE_BYTES ||
            ++self->framing_bytes > LIMIT_HTTP_CHUNK_FRAMING_BYTES) {
            return malformed("The chunks are framed by too many bytes.");
        }
        break;
    case HTTP_FIELD_LINE:
    case HTTP_TRAILER_LINE:
        if (++self->header_bytes > LIMIT_HTTP_HEADER_BYTES) {
            return (struct http_refusal){&reason_headers_too_large,
                                         "The header fields may have 16,384 bytes."};
        }
    }
    return good();
}

/* What stands behind the second space: HTTP/1.1 or HTTP/1.0, by the letter. */
static struct http_refusal
check_version_byte(struct http_scan *self, unsigned char c)
{
    static const char version[] = "HTTP/1.";
    unsigned at = self->n_version++;
    bool fits = at < 7 ? c == (unsigned char)version[at] : at == 7 && (c == '0' || c == '1');

    return fits ? good() : malformed("Only HTTP/1.1 and HTTP/1.0 are understood.");
}

static struct http_refusal
check_request_line_byte(struct http_scan *self, unsigned char c)
{
    if (c == ' ') {
        bool empty = self->line_bytes == 1 || self->after_space;

        self->after_space = true;
        return !empty && ++self->n_spaces <= 2 ? good()
                                               : malformed("The request line has too many spaces.");
    }
    self->after_space = false;
    if (self->n_spaces == 2) {
        return check_version_byte(self, c);
    }
    return c > 0x20 && c < 0x7f ? good() : malformed("The request line has a bad character.");
}

/* The first byte of a field's line. */
static struct http_refusal
check_field_start(struct http_scan *self, unsigned char c)
{
    if (c == ' ' || c == '\t') {
        return malformed("A header field is folded or has no name.");
    }
    if (c == ':') {
        return malformed("A header field has no name.");
    }
    if (++self->n_fields > LIMIT_HTTP_FIELDS) {
        return (struct http_refusal){&reason_headers_too_large, "There may be 64 header fields."};
    }
    return good();
}

static struct http_refusal
check_byte(struct http_scan *self, unsigned char c)
{
    struct http_refusal refusal;

    if (self->after_cr != (c == '\n')) {
        return malformed("Lines end with CR LF and have neither alone.");
    }
    refusal = count_byte(self);
    if (refusal.reason != NULL || c == '\n') {
        return refusal;
    }
    if (c == '\r') {
        return self->section != HTTP_REQUEST_LINE || self->line_bytes > 1
                   ? good()
                   : malformed("The request line is empty.");
    }
    if (self->section == HTTP_REQUEST_LINE) {
        return check_request_line_byte(self, c);
    }
    if ((c < 0x20 && c != '\t') || c == 0x7f) {
        return malformed("A control character stands in the head of the request.");
    }
    return self->line_bytes == 1 && self->section != HTTP_CHUNK_LINE ? check_field_start(self, c)
                                                                     : good();
}

size_t
http_scan_line(struct http_scan *self, const char *data, size_t bytes, struct http_refusal *refusal)
{
    self->begun = true;
    for (size_t at = 0; at < bytes; at++) {
        *refusal = check_byte(self, (unsigned char)data[at]);
        if (refusal->reason != NULL) {
            return at;
        }
        self->after_cr = data[at] == '\r';
        if (data[at] == '\n') {
            http_scan_section(self,
                              self->section == HTTP_REQUEST_LINE ? HTTP_FIELD_LINE : self->section);
            return at + 1;
        }
    }
    return bytes;
}

void
http_scan_section(struct http_scan *self, enum http_section section)
{
    self->section = section;
    self->line_bytes = 0;
}
