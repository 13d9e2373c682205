#include "http/deadline.h"

#include "http/field.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static const struct {
    const char *name, *field;
    bool (*parse)(const char *text, size_t bytes, int32_t *out_ms);
} fields[] = {
    {"Request-Timeout", "request-timeout", http_seconds_parse},
    {"Connect-Timeout-Ms", "connect-timeout-ms", http_connect_timeout_parse},
    {"Grpc-Timeout", "grpc-timeout", http_grpc_timeout_parse},
};

const char *
http_deadline_read(const struct http_message *message, int32_t *out_ms)
{
    int32_t shortest = INT32_MAX;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t bytes, n;
        const char *text = http_message_field(message, fields[i].field, &bytes, &n);
        int32_t ms;

        if (n == 0) {
            continue;
        }
        if (n > 1 || !fields[i].parse(text, bytes, &ms)) {
            return fields[i].name;
        }
        shortest = ms < shortest ? ms : shortest;
    }
    *out_ms = shortest;
    return NULL;
}

/* At most ten digits, which a 64-bit number holds whatever unit they are in. */
static bool
parse_digits(const char *text, size_t bytes, size_t max_bytes, int64_t *out)
{
    int64_t number = 0;

    if (bytes == 0 || bytes > max_bytes) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = number * 10 + (text[i] - '0');
    }
    *out = number;
    return true;
}

static int32_t
at_most_a_day(int64_t ms)
{
    return ms < DAY_MS ? (int32_t)ms : DAY_MS;
}

bool
http_connect_timeout_parse(const char *text, size_t bytes, int32_t *out_ms)
{
    int64_t ms;

    if (!parse_digits(text, bytes, 10, &ms)) {
        return false;
    }
    *out_ms = at_most_a_day(ms);
    return true;
}

bool
http_grpc_timeout_parse(const char *text, size_t bytes, int32_t *out_ms)
{
    int64_t number;

    if (bytes == 0 || !parse_digits(text, bytes - 1, 8, &number)) {
        return false;
    }
    switch (text[bytes - 1]) {
    case 'H':
        number *= 60 * 60 * 1000;
        break;
    case 'M':
        number *= 60 * 1000;
        break;
    case 'S':
        number *= 1000;
        break;
    case 'm':
        break;
    case 'u':
        number = (number + 999) / 1000;
        break;
    case 'n':
        number = (number + 999999) / 1000000;
        break;
    default:
        return false;
    }
    *out_ms = at_most_a_day(number);
    return true;
}
