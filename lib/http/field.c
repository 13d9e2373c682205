#include "http/field.h"

#include <string.h>
#include <strings.h>

/* A piece of a field's value, without blanks around. */
struct piece {
    const char *text;
    size_t bytes;
};

static bool
is(struct piece self, const char *text)
{
    return self.bytes == strlen(text) && strncasecmp(self.text, text, self.bytes) == 0;
}

static struct piece
trim(const char *start, const char *end)
{
    while (start < end && (*start == ' ' || *start == '\t')) {
        start++;
    }
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    return (struct piece){start, (size_t)(end - start)};
}

/* Takes the text up to the next `separator` outside of quotes; false at the end. */
static bool
next_piece(struct piece *rest, char separator, struct piece *out)
{
    const char *at = rest->text;
    const char *end = rest->text + rest->bytes;
    bool quoted = false;

    if (rest->text == NULL) {
        return false;
    }
    for (; at < end && (quoted || *at != separator); at++) {
        if (quoted && *at == '\\' && at + 1 < end) {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        }
    }
    *out = trim(rest->text, at);
    *rest = at < end ? (struct piece){at + 1, (size_t)(end - at - 1)} : (struct piece){0};
    return true;
}

static void
split_parameter(struct piece parameter, struct piece *name, struct piece *value)
{
    const char *end = parameter.text + parameter.bytes;
    const char *equals = memchr(parameter.text, '=', parameter.bytes);

    *name = trim(parameter.text, equals == NULL ? end : equals);
    *value = equals == NULL ? (struct piece){"", 0} : trim(equals + 1, end);
    if (value->bytes >= 2 && value->text[0] == '"' && value->text[value->bytes - 1] == '"') {
        *value = (struct piece){value->text + 1, value->bytes - 2};
    }
}

/* 0, 0.0, 0.00 and 0.000 mean "not this". */
static bool
is_zero(struct piece quality)
{
    size_t zeroes = 0;

    while (zeroes < quality.bytes && strchr("0.", quality.text[zeroes]) != NULL) {
        zeroes++;
    }
    return quality.bytes > 0 && zeroes == quality.bytes && quality.text[0] == '0';
}

/* How well one media range matches: 0 not at all, 3 exactly; and whether it refuses. */
static int
match_range(struct piece range, const char *type, bool *refused)
{
    struct piece rest = range;
    struct piece name = {0}, parameter, value;
    int match;

    next_piece(&rest, ';', &name);
    match = is(name, type) ? 3 : is(name, "application/*") ? 2 : is(name, "*/*") ? 1 : 0;
    *refused = false;
    while (next_piece(&rest, ';', &parameter)) {
        split_parameter(parameter, &name, &value);
        if (is(name, "q")) {
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
    struct piece value;

    for (size_t i = 0;
         (value.text = http_message_field_at(message, "accept", i, &value.bytes)) != NULL; i++) {
        struct piece range;

        while (next_piece(&value, ',', &range)) {
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

bool
http_accepts_json(const struct http_message *message)
{
    size_t bytes, n;
    const char *first = http_message_field(message, "accept", &bytes, &n);

    if (n == 0 || (n == 1 && bytes == 0)) {
        return true;
    }
    if (n == 1 && bytes == 3 && memcmp(first, "*/*", 3) == 0) {
        return true; /* what most clients send */
    }
    return accepts(message, "application/json") || accepts(message, "application/problem+json");
}

bool
http_content_is_json(const struct http_message *message)
{
    struct piece rest, type, parameter, name, value;
    size_t n;

    rest.text = http_message_field(message, "content-type", &rest.bytes, &n);
    if (n != 1 || !next_piece(&rest, ';', &type) || !is(type, "application/json")) {
        return false;
    }
    while (next_piece(&rest, ';', &parameter)) {
        if (parameter.bytes == 0) {
            continue;
        }
        split_parameter(parameter, &name, &value);
        if (!is(name, "charset") || !is(value, "utf-8")) {
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
