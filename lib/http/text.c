#include "http/text.h"

#include <string.h>
#include <strings.h>

bool
http_text_is(struct http_text self, const char *text)
{
    return self.bytes == strlen(text) && strncasecmp(self.text, text, self.bytes) == 0;
}

static struct http_text
trim(const char *start, const char *end)
{
    while (start < end && (*start == ' ' || *start == '\t')) {
        start++;
    }
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    return (struct http_text){start, (size_t)(end - start)};
}

bool
http_text_next(struct http_text *rest, char separator, struct http_text *out)
{
    const char *at = rest->text;
    const char *end;
    bool quoted = false;

    if (at == NULL) {
        return false;
    }
    for (end = at + rest->bytes; at < end && (quoted || *at != separator); at++) {
        if (quoted && *at == '\\' && at + 1 < end) {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        }
    }
    *out = trim(rest->text, at);
    *rest = at < end ? (struct http_text){at + 1, (size_t)(end - at - 1)} : (struct http_text){0};
    return true;
}

void
http_text_parameter(struct http_text parameter, struct http_text *name, struct http_text *value)
{
    const char *end = parameter.text + parameter.bytes;
    const char *equals = memchr(parameter.text, '=', parameter.bytes);

    *name = trim(parameter.text, equals == NULL ? end : equals);
    *value = equals == NULL ? (struct http_text){"", 0} : trim(equals + 1, end);
    if (value->bytes >= 2 && value->text[0] == '"' && value->text[value->bytes - 1] == '"') {
        *value = (struct http_text){value->text + 1, value->bytes - 2};
    }
}

int
http_text_quality(struct http_text value)
{
    int quality = 0;
    int unit = 1000;

    if (value.bytes == 0 || value.bytes > 5 || (value.bytes > 1 && value.text[1] != '.')) {
        return -1;
    }
    for (size_t i = 0; i < value.bytes; i++) {
        if (i == 1) {
            continue;
        }
        if (value.text[i] < '0' || value.text[i] > '9') {
            return -1;
        }
        quality += (value.text[i] - '0') * unit;
        unit /= 10;
    }
    return quality > 1000 ? -1 : quality;
}
