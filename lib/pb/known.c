#include "pb/known.h"

#include <string.h>

#include "base/limits.h"
#include "pb/number.h"

static const int64_t duration_seconds_max = 315576000000;

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `.123456789`: one to nine digits up to `end`. */
static bool
parse_nanos(const char *at, const char *end, int32_t *nanos)
{
    int32_t value = 0;

    if (end - at < 2 || end - at > 10 || *at != '.') {
        return false;
    }
    at++;
    for (int i = 0; i < 9; i++) {
        char c = at < end ? *at++ : '0';

        if (!is_digit(c)) {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *nanos = value;
    return true;
}

enum pb_duration
pb_duration_parse(const char *text, size_t bytes, int64_t *seconds, int32_t *nanos)
{
    bool negative = bytes > 0 && text[0] == '-';
    const char *at = text + negative;
    const char *end = text + bytes;
    int64_t value = 0;
    int32_t rest = 0;

    if (end - at < 2 || end[-1] != 's' || !is_digit(*at)) {
        return PB_DURATION_MALFORMED;
    }
    end--;
    for (; at < end && is_digit(*at); at++) {
        /* Beyond the limit the value no longer matters; it must only not wrap. */
        value = value > duration_seconds_max ? value : value * 10 + (*at - '0');
    }
    if (at < end && !parse_nanos(at, end, &rest)) {
        return PB_DURATION_MALFORMED;
    }
    value = negative ? -value : value;
    rest = negative ? -rest : rest;
    if (!pb_duration_valid(value, rest)) {
        return PB_DURATION_TOO_LONG;
    }
    *seconds = value;
    *nanos = rest;
    return PB_DURATION_OK;
}

bool
pb_duration_valid(int64_t seconds, int32_t nanos)
{
    bool same_sign = (seconds >= 0 && nanos >= 0) || (seconds <= 0 && nanos <= 0);

    return seconds >= -duration_seconds_max && seconds <= duration_seconds_max &&
           nanos > -1000000000 && nanos < 1000000000 && same_sign;
}

size_t
pb_duration_write(int64_t seconds, int32_t nanos, char out[static PB_DURATION_TEXT_BYTES])
{
    uint64_t whole = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    uint32_t rest = nanos < 0 ? 0 - (uint32_t)nanos : (uint32_t)nanos;
    char *at = out;

    if (seconds < 0 || nanos < 0) {
        *at++ = '-';
    }
    at += pb_number_write_unsigned(whole, at);
    if (rest != 0) {
        int count = rest % 1000000 == 0 ? 3 : rest % 1000 == 0 ? 6 : 9;
        uint32_t unit = 100000000;

        *at++ = '.';
        for (int i = 0; i < count; i++) {
            *at++ = (char)('0' + rest / unit % 10);
            unit /= 10;
        }
    }
    *at++ = 's';
    return (size_t)(at - out);
}

/* One path to snake_case; `out` has room for two bytes per byte of text. */
static bool
parse_path(const char *text, size_t bytes, char *out, size_t *out_bytes)
{
    char *at = out;

    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        bool upper = c >= 'A' && c <= 'Z';
        bool first = i == 0 || text[i - 1] == '.';

        if (upper && !first) {
            *at++ = '_';
        }
        if (!upper && !is_digit(c) && !(c >= 'a' && c <= 'z') && c != '.') {
            return false;
        }
        if (first && (c == '.' || is_digit(c) || upper)) {
            return false;
        }
        *at++ = upper ? (char)(c - 'A' + 'a') : c;
    }
    *out_bytes = (size_t)(at - out);
    return bytes > 0 && text[bytes - 1] != '.';
}

static size_t
count_paths(const char *text, size_t bytes)
{
    size_t n = bytes != 0;

    for (size_t i = 0; i < bytes; i++) {
        n += text[i] == ',';
    }
    return n;
}

enum pb_mask
pb_mask_parse(struct arena *arena, const char *text, size_t bytes, char ***paths, size_t *n_paths)
{
    size_t n = count_paths(text, bytes);
    const char *end = text + bytes;
    char **list;

    if (n > LIMIT_JSON_MEMBERS) {
        return PB_MASK_MALFORMED;
    }
    list = arena_alloc(arena, n * sizeof(*list));
    for (size_t i = 0; list != NULL && i < n; i++) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        size_t length = (size_t)((comma == NULL ? end : comma) - text);
        size_t path_bytes;

        list[i] = arena_alloc(arena, 2 * length + 1);
        if (list[i] == NULL) {
            return PB_MASK_EXHAUSTED;
        }
        if (!parse_path(text, length, list[i], &path_bytes)) {
            return PB_MASK_MALFORMED;
        }
        list[i][path_bytes] = '\0';
        text += length + 1;
    }
    if (list == NULL) {
        return PB_MASK_EXHAUSTED;
    }
    *paths = list;
    *n_paths = n;
    return PB_MASK_OK;
}
