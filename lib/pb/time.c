#include "pb/time.h"

#include <string.h>

enum { DAY_SECONDS = 86400, NANOS_PER_US = 1000 };

static const int64_t first_second = -62135596800; /* 0001-01-01T00:00:00Z */
static const int64_t last_second = 253402300799;  /* 9999-12-31T23:59:59Z */

struct civil {
    int year, month, day;
};

/*
 * Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back. Years are counted
 * from March, so that the leap day is a year's last. Source: Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms".
 */
static int64_t
days_from_civil(struct civil date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static struct civil
civil_from_days(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct civil date = {
        .year = (int)(year_of_era + era * 400),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };

    date.year += date.month <= 2;
    return date;
}

static int
days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* `count` digits at `text`; -1 if one of them is none. */
static int
digits(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* `2026-03-01T09:00:00` as if in UTC. */
static bool
parse_local(const char *text, int64_t *seconds)
{
    struct civil date = {digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
    int hour = digits(text + 11, 2);
    int minute = digits(text + 14, 2);
    int second = digits(text + 17, 2);

    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
        text[13] != ':' || text[16] != ':') {
        return false;
    }
    if (date.year < 0 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month)) {
        return false;
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return false;
    }
    *seconds = days_from_civil(date) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return true;
}

/* `.123456`: one to six digits. Returns the bytes read; -1 if it is something else. */
static int
parse_fraction(const char *text, size_t bytes, int32_t *nanos)
{
    int32_t unit = 100000000;
    int at = 1;

    *nanos = 0;
    if (bytes == 0 || text[0] != '.') {
        return 0;
    }
    for (; (size_t)at < bytes && text[at] >= '0' && text[at] <= '9'; at++) {
        if (at > 6) {
            return -1;
        }
        *nanos += (text[at] - '0') * unit;
        unit /= 10;
    }
    return at > 1 ? at : -1;
}

/* `Z` or `+01:00`, which must be all that is left. */
static bool
parse_offset(const char *text, size_t bytes, int64_t *seconds)
{
    int hours, minutes;

    if (bytes == 1 && (text[0] == 'Z' || text[0] == 'z')) {
        *seconds = 0;
        return true;
    }
    if (bytes != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return false;
    }
    hours = digits(text + 1, 2);
    minutes = digits(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return false;
    }
    *seconds = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
    return true;
}

bool
pb_time_parse(const char *text, size_t bytes, Google__Protobuf__Timestamp *out)
{
    const size_t local_bytes = strlen("2026-03-01T09:00:00");
    int64_t seconds, offset;
    int32_t nanos;
    int fraction_bytes;

    if (bytes <= local_bytes || !parse_local(text, &seconds)) {
        return false;
    }
    text += local_bytes;
    bytes -= local_bytes;
    fraction_bytes = parse_fraction(text, bytes, &nanos);
    if (fraction_bytes < 0 ||
        !parse_offset(text + fraction_bytes, bytes - (size_t)fraction_bytes, &offset)) {
        return false;
    }
    seconds -= offset;
    if (seconds < first_second || seconds > last_second) {
        return false;
    }
    out->seconds = seconds;
    out->nanos = nanos;
    return true;
}

static char *
put_digits(char *out, unsigned value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

static char *
put_fraction(char *out, unsigned nanos)
{
    if (nanos == 0) {
        return out;
    }
    *out++ = '.';
    if (nanos % 1000000 == 0) {
        return put_digits(out, nanos / 1000000, 3);
    }
    if (nanos % 1000 == 0) {
        return put_digits(out, nanos / 1000, 6);
    }
    return put_digits(out, nanos, 9);
}

size_t
pb_time_format(const Google__Protobuf__Timestamp *time, char out[static PB_TIME_TEXT_BYTES])
{
    int64_t seconds = time->seconds;
    int32_t nanos = time->nanos < 0 || time->nanos > 999999999 ? 0 : time->nanos;
    struct civil date;
    unsigned of_day;
    char *at = out;

    seconds = seconds < first_second ? first_second : seconds;
    seconds = seconds > last_second ? last_second : seconds;
    /* Counted from the first second, so that nothing below is negative. */
    of_day = (unsigned)((seconds - first_second) % DAY_SECONDS);
    date = civil_from_days((seconds - of_day) / DAY_SECONDS);

    at = put_digits(at, (unsigned)date.year, 4);
    *at++ = '-';
    at = put_digits(at, (unsigned)date.month, 2);
    *at++ = '-';
    at = put_digits(at, (unsigned)date.day, 2);
    *at++ = 'T';
    at = put_digits(at, of_day / 3600, 2);
    *at++ = ':';
    at = put_digits(at, of_day / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, of_day % 60, 2);
    at = put_fraction(at, (unsigned)nanos);
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

bool
pb_time_valid(const Google__Protobuf__Timestamp *time)
{
    return time->seconds >= first_second && time->seconds <= last_second && time->nanos >= 0 &&
           time->nanos <= 999999999 && time->nanos % NANOS_PER_US == 0;
}

void
pb_time_from_us(int64_t us, Google__Protobuf__Timestamp *out)
{
    int64_t seconds = us / 1000000;
    int64_t rest = us % 1000000;

    if (rest < 0) {
        seconds--;
        rest += 1000000;
    }
    out->seconds = seconds;
    out->nanos = (int32_t)rest * NANOS_PER_US;
}
