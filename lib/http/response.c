#include "http/response.h"

#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/http_status.h"

void
http_number_write(struct buf *out, uint64_t number)
{
    char digits[20];
    size_t n = 0;

    do {
        digits[sizeof(digits) - ++n] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buf_append(out, digits + sizeof(digits) - n, n);
}

void
http_field_write(struct buf *out, const char *name, const char *value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ASSERT((unsigned char)value[i] >= 0x20 && value[i] != 0x7f);
    }
    buf_puts(out, name);
    buf_append(out, value, bytes);
    buf_append(out, "\r\n", 2);
}

static void
put_content(struct buf *out, const struct http_response *response)
{
    buf_puts(out, "Content-Type: ");
    buf_puts(out, response->content_type);
    buf_puts(out, "\r\nContent-Length: ");
    http_number_write(out, response->content_bytes);
    buf_append(out, "\r\n", 2);
}

static void
put_optional(struct buf *out, const struct http_response *response)
{
    if (response->request_id[0] != '\0') {
        http_field_write(out, "X-Request-Id: ", response->request_id, strlen(response->request_id));
    }
    if (response->location != NULL) {
        http_field_write(out, "Location: ", response->location, response->location_bytes);
    }
    if (response->allow != NULL) {
        http_field_write(out, "Allow: ", response->allow, strlen(response->allow));
    }
    if (response->retry_after_s > 0) {
        buf_puts(out, "Retry-After: ");
        http_number_write(out, response->retry_after_s);
        buf_append(out, "\r\n", 2);
    }
    if (response->replayed) {
        buf_puts(out, "Idempotent-Replayed: true\r\n");
    }
    if (response->close) {
        buf_puts(out, "Connection: close\r\n");
    }
}

/*
 * What an answer may be used for. No browser guesses its type, keeps its address from other sites,
 * embeds it elsewhere; what is no page loads nothing and stands in no frame.
 */
static void
put_policies(struct buf *out, const struct http_response *response)
{
    static const char common[] = "X-Content-Type-Options: nosniff\r\n"
                                 "Referrer-Policy: no-referrer\r\n"
                                 "Cross-Origin-Resource-Policy: same-origin\r\n";
    static const char nothing[] =
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
    static const char not_kept[] = "Cache-Control: no-store\r\n";

    buf_append(out, common, sizeof(common) - 1);
    if (response->content_policy == NULL) {
        buf_append(out, nothing, sizeof(nothing) - 1);
    } else {
        http_field_write(out, "Content-Security-Policy: ", response->content_policy,
                         strlen(response->content_policy));
    }
    if (response->cache_control == NULL) {
        buf_append(out, not_kept, sizeof(not_kept) - 1);
    } else {
        http_field_write(out, "Cache-Control: ", response->cache_control,
                         strlen(response->cache_control));
    }
}

void
http_response_write(struct buf *out, const struct http_response *response)
{
    buf_reserve(out, 1024); /* an ordinary head grows the buffer once */
    buf_puts(out, "HTTP/1.1 ");
    http_number_write(out, (uint64_t)response->status);
    buf_putc(out, ' ');
    buf_puts(out, http_status_phrase(response->status));
    buf_puts(out, "\r\nDate: ");
    buf_puts(out, response->date);
    buf_append(out, "\r\n", 2);
    if (response->content_type != NULL) {
        put_content(out, response);
    }
    put_optional(out, response);
    if (response->fields != NULL) {
        buf_append(out, response->fields->data, response->fields->length_bytes);
    }
    put_policies(out, response);
    buf_append(out, "\r\n", 2);
}

void
http_date_format(int64_t seconds, char out[static HTTP_DATE_BYTES])
{
    time_t time = (time_t)seconds;
    struct tm tm;

    /* No process here calls setlocale: the names are English. */
    gmtime_r(&time, &tm);
    ASSERT(strftime(out, HTTP_DATE_BYTES, "%a, %d %b %Y %H:%M:%S GMT", &tm) != 0);
}
