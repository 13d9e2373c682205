#include "http/target.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/utf8.h"

static bool
is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Whether all characters are letters, digits, or among `others`. */
static bool
made_of(const char *text, size_t bytes, const char *others)
{
    for (size_t i = 0; i < bytes; i++) {
        if (!is_alphanumeric(text[i]) && (text[i] == '\0' || strchr(others, text[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

/* Nothing, or a colon and up to five digits. */
static bool
port_valid(const char *text, size_t bytes)
{
    if (bytes == 0) {
        return true;
    }
    for (size_t i = 1; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return text[0] == ':' && bytes <= 6;
}

bool
http_authority_valid(const char *text, size_t bytes)
{
    const char *end = text + bytes;
    const char *host_end;

    if (bytes == 0) {
        return false;
    }
    if (text[0] == '[') {
        host_end = memchr(text, ']', bytes);
        return host_end != NULL && made_of(text + 1, (size_t)(host_end - text - 1), ":.") &&
               port_valid(host_end + 1, (size_t)(end - host_end - 1));
    }
    host_end = memchr(text, ':', bytes);
    if (host_end == NULL) {
        host_end = end;
    }
    return host_end > text && made_of(text, (size_t)(host_end - text), "-._~!$&'()*+,;=%") &&
           port_valid(host_end, (size_t)(end - host_end));
}

/* Moves behind `http://authority`; false if the text starts with anything else. */
static bool
take_authority(const char **text, size_t *bytes, struct http_target *out)
{
    size_t scheme = 0;
    size_t length = 0;

    if (*bytes >= 7 && strncasecmp(*text, "http://", 7) == 0) {
        scheme = 7;
    } else if (*bytes >= 8 && strncasecmp(*text, "https://", 8) == 0) {
        scheme = 8;
    } else {
        return false;
    }
    out->authority = *text + scheme;
    while (scheme + length < *bytes && strchr("/?", out->authority[length]) == NULL) {
        length++;
    }
    out->authority_bytes = length;
    *text += scheme + length;
    *bytes -= scheme + length;
    return http_authority_valid(out->authority, length);
}

bool
http_target_parse(const char *text, size_t bytes, const char *verb, struct http_target *out)
{
    const char *mark;

    *out = (struct http_target){.query = ""};
    if (bytes == 1 && text[0] == '*' && strcmp(verb, "OPTIONS") == 0) {
        out->path = text;
        out->path_bytes = 1;
        return true;
    }
    if (bytes > 0 && text[0] != '/' && !take_authority(&text, &bytes, out)) {
        return false;
    }
    mark = bytes == 0 ? NULL : memchr(text, '?', bytes);
    out->path = text;
    out->path_bytes = mark == NULL ? bytes : (size_t)(mark - text);
    if (mark != NULL) {
        out->query = mark + 1;
        out->query_bytes = bytes - out->path_bytes - 1;
    }
    if (out->path_bytes == 0 && out->authority != NULL) {
        out->path = "/";
        out->path_bytes = 1;
    }
    return out->path_bytes > 0 && made_of(out->path, out->path_bytes, "-._~!$&'()*+,;=:@/%") &&
           made_of(out->query, out->query_bytes, "-._~!$&'()*+,;=:@/?%");
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes one segment into `out`, which has room for it. */
static bool
decode_segment(const char *text, size_t bytes, char *out, size_t *length)
{
    *length = 0;
    for (size_t at = 0; at < bytes; at++) {
        char c = text[at];

        if (c == '%') {
            int high = bytes - at > 2 ? hex_value(text[at + 1]) : -1;
            int low = bytes - at > 2 ? hex_value(text[at + 2]) : -1;

            if (high < 0 || low < 0 || high + low == 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            at += 2;
        }
        out[(*length)++] = c;
    }
    return true;
}

static bool
is_dots(const char *text, size_t bytes)
{
    return (bytes == 1 && text[0] == '.') || (bytes == 2 && memcmp(text, "..", 2) == 0);
}

bool
http_path_valid(const char *path, size_t bytes)
{
    char decoded[LIMIT_HTTP_REQUEST_LINE_BYTES];
    size_t at = 0;

    if (bytes > sizeof(decoded)) {
        return false;
    }
    while (at < bytes) {
        const char *slash = memchr(path + at, '/', bytes - at);
        size_t end = slash == NULL ? bytes : (size_t)(slash - path);
        size_t length;

        if (!decode_segment(path + at, end - at, decoded, &length) || is_dots(decoded, length) ||
            !utf8_valid(decoded, length, NULL)) {
            return false;
        }
        at = end + 1;
    }
    return true;
}
