#include "http/field.h"

#include <string.h>
#include <strings.h>

#include "http/text.h"

/* 0, 0.0, 0.00 and 0.000 mean "not this". */
static bool
is_zero(struct http_text quality)
{
    size_t zeroes = 0;

    while (zeroes < quality.bytes && strchr("0.", quality.text[zeroes]) != NULL) {
        zeroes++;
    }
    return quality.bytes > 0 && zeroes == quality.bytes && quality.text[0] == '0';
}

/* `application/` and a star for application/json. */
static bool
is_kind_of(struct http_text range, const char *type)
{
    size_t bytes = strcspn(type, "/") + 1;

    return range.bytes == bytes + 1 && strncasecmp(range.text, type, bytes) == 0 &&
           range.text[bytes] == '*';
}

/* How well one media range matches: 0 not at all, 3 exactly; and whether it refuses. */
static int
match_range(struct http_text range, const char *type, bool *refused)
{
    struct http_text rest = range;
    struct http_text name = {0}, parameter, value;
    int match;

    http_text_next(&rest, ';', &name);
    match = http_text_is(name, type) ? 3 : is_kind_of(name, type) ? 2 : http_text_is(name, "*/*");
    *refused = false;
    while (http_text_next(&rest, ';', &parameter)) {
        http_text_parameter(parameter, &name, &value);
        if (http_text_is(name, "q")) {
            *refused = is_zero(value);
        }
    }
    return match;
}

static bool
accepts(const struct http_message *message, const char *type)
{
    int best = 0;
    bool admitted = false;
    struct http_text value;

    for (size_t i = 0;
         (value.text = http_message_field_at(message, "accept", i, &value.bytes)) != NULL; i++) {
        struct http_text range;

        while (http_text_next(&value, ',', &range)) {
            bool refused;
            int match = match_range(range, type, &refused);

            if (match > best || (match == best && match > 0 && !refused)) {
                best = match;
                admitted = !refused;
            }
        }
    }
    return admitted;
}

/* Whether there is no Accept, or one that admits everything, as most clients send. */
static bool
accepts_all(const struct http_message *message)
{
    size_t bytes, n;
    const char *first = http_message_field(message, "accept", &bytes, &n);

    return n == 0 || (n == 1 && (bytes == 0 || (bytes == 3 && memcmp(first, "*/*", 3) == 0)));
}

bool
http_accepts(const struct http_message *message, const char *type)
{
    return accepts_all(message) || accepts(message, type);
}

bool
http_accepts_json(const struct http_message *message)
{
    return accepts_all(message) || accepts(message, "application/json") ||
           accepts(message, "application/problem+json");
}

bool
http_content_is_json(const struct http_message *message)
{
    struct http_text rest, type, parameter, name, value;
    size_t n;

    rest.text = http_message_field(message, "content-type", &rest.bytes, &n);
    if (n != 1 || !http_text_next(&rest, ';', &type) || !http_text_is(type, "application/json")) {
        return false;
    }
    while (http_text_next(&rest, ';', &parameter)) {
        if (parameter.bytes == 0) {
            continue;
        }
        http_text_parameter(parameter, &name, &value);
        if (!http_text_is(name, "charset") || !http_text_is(value, "utf-8")) {
            return false;
        }
    }
    return true;
}

bool
http_printable(const char *text, size_t bytes, size_t max_bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < 0x20 || text[i] >= 0x7f) {
            return false;
        }
    }
    return bytes > 0 && bytes <= max_bytes;
}

/* Lower-case hexadecimal digits, not all of them 0. */
static bool
is_id(const char *text, size_t bytes, bool may_be_zero)
{
    bool zero = true;

    for (size_t i = 0; i < bytes; i++) {
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) {
            return false;
        }
        zero = zero && text[i] == '0';
    }
    return may_be_zero || !zero;
}

bool
http_traceparent_valid(const char *text, size_t bytes)
{
    return bytes == 55 && memcmp(text, "00-", 3) == 0 && is_id(text + 3, 32, false) &&
           text[35] == '-' && is_id(text + 36, 16, false) && text[52] == '-' &&
           is_id(text + 53, 2, true);
}

bool
http_seconds_parse(const char *text, size_t bytes, int32_t *out_ms)
{
    int32_t ms = 0;
    size_t decimals = 0;
    bool point = false;

    if (bytes == 0 || bytes > 9 || text[0] == '.' || text[bytes - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '.' && !point) {
            point = true;
        } else if (text[i] >= '0' && text[i] <= '9' && decimals < 3 && ms <= 86400 * 1000) {
            ms = ms * 10 + (text[i] - '0');
            decimals += point ? 1 : 0;
        } else {
            return false;
        }
    }
    for (; decimals < 3; decimals++) {
        if (ms > 86400 * 1000) {
            return false;
        }
        ms *= 10;
    }
    if (ms > 86400 * 1000) {
        return false;
    }
    *out_ms = ms;
    return true;
}
