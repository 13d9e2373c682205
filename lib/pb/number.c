#include "pb/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any text has digits, so that a saturated exponent decides as the true one would. */
static const int64_t exponent_max = (int64_t)1 << 40;

/* A number's text, taken apart. */
struct decimal {
    bool negative;
    const char *whole, *fraction; /* digits */
    size_t n_whole, n_fraction;
    int64_t exponent;
};

static size_t
digit_run(const char *text, const char *end)
{
    const char *at = text;

    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return (size_t)(at - text);
}

/* The exponent behind `e`; NULL if it is malformed, else what follows. */
static const char *
split_exponent(const char *at, const char *end, int64_t *exponent)
{
    bool negative = at < end && *at == '-';
    int64_t value = 0;
    size_t run;

    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    run = digit_run(at, end);
    if (run == 0) {
        return NULL;
    }
    for (size_t i = 0; i < run; i++) {
        value = value >= exponent_max ? exponent_max : value * 10 + (at[i] - '0');
    }
    *exponent = negative ? -value : value;
    return at + run;
}

static bool
split(const char *text, size_t bytes, struct decimal *out)
{
    const char *at = text;
    const char *end = text + bytes;

    *out = (struct decimal){.negative = bytes > 0 && *text == '-'};
    at += out->negative;
    out->whole = at;
    out->n_whole = digit_run(at, end);
    if (out->n_whole == 0 || (out->n_whole > 1 && *at == '0')) {
        return false;
    }
    at += out->n_whole;
    if (at < end && *at == '.') {
        out->fraction = ++at;
        out->n_fraction = digit_run(at, end);
        if (out->n_fraction == 0) {
            return false;
        }
        at += out->n_fraction;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at = split_exponent(at + 1, end, &out->exponent);
    }
    return at == end;
}

/* The value without its sign, exactly. */
static enum pb_number
magnitude(const struct decimal *d, uint64_t *out)
{
    int64_t point = (int64_t)d->n_whole + d->exponent; /* the digits before it are whole */
    int64_t n = (int64_t)(d->n_whole + d->n_fraction);
    uint64_t value = 0;
    bool over = false;

    for (int64_t i = 0; i < n; i++) {
        int64_t in_fraction = i - (int64_t)d->n_whole;
        unsigned digit =
            (unsigned)((in_fraction < 0 ? d->whole[i] : d->fraction[in_fraction]) - '0');

        if (i < point) {
            over |= __builtin_mul_overflow(value, 10u, &value);
            over |= __builtin_add_overflow(value, digit, &value);
        } else if (digit != 0) {
            return PB_NUMBER_FRACTIONAL;
        }
    }
    for (int64_t i = n; i < point && value != 0 && !over; i++) {
        over = __builtin_mul_overflow(value, 10u, &value);
    }
    *out = value;
    return over ? PB_NUMBER_TOO_LARGE : PB_NUMBER_OK;
}

static enum pb_number
parse_whole(const char *text, size_t bytes, bool *negative, uint64_t *out)
{
    struct decimal decimal;

    if (!split(text, bytes, &decimal)) {
        return PB_NUMBER_MALFORMED;
    }
    *negative = decimal.negative;
    return magnitude(&decimal, out);
}

enum pb_number
pb_number_signed(const char *text, size_t bytes, int64_t min, int64_t max, int64_t *out)
{
    bool negative;
    uint64_t value;
    enum pb_number result = parse_whole(text, bytes, &negative, &value);

    if (result != PB_NUMBER_OK) {
        return result;
    }
    if (value > (negative ? 0 - (uint64_t)min : (uint64_t)max)) {
        return PB_NUMBER_TOO_LARGE;
    }
    *out = (int64_t)(negative ? 0 - value : value);
    return PB_NUMBER_OK;
}

enum pb_number
pb_number_unsigned(const char *text, size_t bytes, uint64_t max, uint64_t *out)
{
    bool negative;
    uint64_t value;
    enum pb_number result = parse_whole(text, bytes, &negative, &value);

    if (result != PB_NUMBER_OK) {
        return result;
    }
    if (value > max || (negative && value != 0)) {
        return PB_NUMBER_TOO_LARGE;
    }
    *out = value;
    return PB_NUMBER_OK;
}

static bool
parse_word(const char *text, size_t bytes, double *out)
{
    static const struct {
        const char *text;
        double value;
    } words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].text) == bytes && memcmp(words[i].text, text, bytes) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

enum pb_number
pb_number_double(const char *text, size_t bytes, bool words, double *out)
{
    struct decimal decimal;
    double value;

    if (words && parse_word(text, bytes, out)) {
        return PB_NUMBER_OK;
    }
    if (!split(text, bytes, &decimal)) {
        return PB_NUMBER_MALFORMED;
    }
    value = strtod(text, NULL);
    if (isinf(value)) {
        return PB_NUMBER_TOO_LARGE;
    }
    *out = value;
    return PB_NUMBER_OK;
}

enum pb_number
pb_number_float(const char *text, size_t bytes, bool words, float *out)
{
    struct decimal decimal;
    double word;
    float value;

    if (words && parse_word(text, bytes, &word)) {
        *out = (float)word;
        return PB_NUMBER_OK;
    }
    if (!split(text, bytes, &decimal)) {
        return PB_NUMBER_MALFORMED;
    }
    value = strtof(text, NULL);
    if (isinf(value)) {
        return PB_NUMBER_TOO_LARGE;
    }
    *out = value;
    return PB_NUMBER_OK;
}

size_t
pb_number_write_unsigned(uint64_t value, char out[static PB_NUMBER_TEXT_BYTES])
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[n - 1 - i];
    }
    return n;
}

size_t
pb_number_write_signed(int64_t value, char out[static PB_NUMBER_TEXT_BYTES])
{
    char text[PB_NUMBER_TEXT_BYTES];
    size_t n;

    if (value >= 0) {
        return pb_number_write_unsigned((uint64_t)value, out);
    }
    n = pb_number_write_unsigned(0 - (uint64_t)value, text);
    out[0] = '-';
    memcpy(out + 1, text, n);
    return n + 1;
}

size_t
pb_number_write_double(double value, char out[static PB_NUMBER_TEXT_BYTES])
{
    int length = 0;

    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        length = snprintf(out, PB_NUMBER_TEXT_BYTES, "%.*g", digits, value);
        if (strtod(out, NULL) == value) {
            break;
        }
    }
    return (size_t)length;
}

size_t
pb_number_write_float(float value, char out[static PB_NUMBER_TEXT_BYTES])
{
    int length = 0;

    for (int digits = FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
        length = snprintf(out, PB_NUMBER_TEXT_BYTES, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value) {
            break;
        }
    }
    return (size_t)length;
}
