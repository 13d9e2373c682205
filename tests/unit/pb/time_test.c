#include "fixture.h"

#include <inttypes.h>
#include <time.h>

#include "pb/time.h"

static bool
parse(const char *text, Google__Protobuf__Timestamp *out)
{
    char *copy = malloc(strlen(text) + 1);
    bool ok;

    memcpy(copy, text, strlen(text));
    ok = pb_time_parse(copy, strlen(text), out);
    free(copy);
    return ok;
}

Test(time, reads_rfc_3339)
{
    static const struct {
        const char *text;
        int64_t seconds;
        int32_t nanos;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1970-01-01T00:00:00.000001Z", 0, 1000},
        {"1969-12-31T23:59:59.5Z", -1, 500000000},
        {"2026-03-01T09:00:00Z", 1772355600, 0},
        {"2026-03-01t09:00:00z", 1772355600, 0},
        {"2026-03-01T10:00:00+01:00", 1772355600, 0},
        {"2026-03-01T03:30:00-05:30", 1772355600, 0},
        {"2026-03-01T09:00:00-00:00", 1772355600, 0},
        {"2026-03-01T09:00:00.1Z", 1772355600, 100000000},
        {"2026-03-01T09:00:00.123456+00:00", 1772355600, 123456000},
        {"2024-02-29T00:00:00Z", 1709164800, 0},
        {"2000-02-29T00:00:00Z", 951782400, 0},
        {"2000-03-01T00:00:00Z", 951868800, 0},
        {"1900-03-01T00:00:00Z", -2203891200, 0},
        {"1900-02-28T00:00:00Z", -2203977600, 0},
        {"0001-01-01T00:00:00Z", -62135596800, 0},
        {"0000-12-31T23:00:00-01:00", -62135596800, 0},
        {"9999-12-31T23:59:59.999999Z", 253402300799, 999999000},
        {"9999-12-31T23:59:59+23:59", 253402300799 - 86340, 0},
        {"2038-01-19T03:14:08Z", 2147483648, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Google__Protobuf__Timestamp time = {.seconds = 77, .nanos = 77};

        cr_assert(parse(cases[i].text, &time), "%s", cases[i].text);
        cr_assert_eq(time.seconds, cases[i].seconds, "%s: %" PRId64, cases[i].text, time.seconds);
        cr_assert_eq(time.nanos, cases[i].nanos, "%s", cases[i].text);
        cr_assert(pb_time_valid(&time), "%s", cases[i].text);
    }
}

Test(time, refuses_everything_else)
{
    static const char *const cases[] = {
        "",
        "2026",
        "2026-03-01",
        "2026-03-01T09:00:00",
        "2026-03-01 09:00:00Z",
        "2026-03-01T09:00:00 Z",
        " 2026-03-01T09:00:00Z",
        "2026-03-01T09:00:00Z ",
        "2026-03-01T09:00:00ZZ",
        "2026-03-01T09:00:00.Z",
        "2026-03-01T09:00:00,5Z",
        "2026-03-01T09:00:00.1234567Z",
        "2026-03-01T09:00:00.1234560Z",
        "2026-03-01T09:00:00.123456789Z",
        "2026-03-01T09:00:00.12345a",
        "2026-03-01T09:00:00.123456",
        "2026-03-01T09:00Z",
        "2026-03-01T09:00:60Z",
        "2016-12-31T23:59:60Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T09:60:00Z",
        "2026-00-01T09:00:00Z",
        "2026-13-01T09:00:00Z",
        "2026-03-00T09:00:00Z",
        "2026-03-32T09:00:00Z",
        "2026-04-31T09:00:00Z",
        "2023-02-29T09:00:00Z",
        "1900-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-3-1T09:00:00Z",
        "26-03-01T09:00:00Z",
        "12026-03-01T09:00:00Z",
        "-026-03-01T09:00:00Z",
        "+026-03-01T09:00:00Z",
        "2026-03-01T09:00:00+1:00",
        "2026-03-01T09:00:00+0100",
        "2026-03-01T09:00:00+01",
        "2026-03-01T09:00:00+24:00",
        "2026-03-01T09:00:00+01:60",
        "2026-03-01T09:00:00+01:00Z",
        "2026-03-01T09:00:00\xe2\x88\x92"
        "01:00",
        "2026/03/01T09:00:00Z",
        "2026-03-01T09.00.00Z",
        "0000-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-W09-7T09:00:00Z",
        "2026-060T09:00:00Z",
        "now",
        "infinity",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Google__Protobuf__Timestamp time = {.seconds = 77, .nanos = 78};

        cr_assert_not(parse(cases[i], &time), "%s", cases[i]);
        cr_assert_eq(time.seconds, 77);
        cr_assert_eq(time.nanos, 78);
    }
}

Test(time, writes_as_few_digits_as_are_needed)
{
    static const struct {
        int64_t seconds;
        int32_t nanos;
        const char *text;
    } cases[] = {
        {1772355600, 0, "2026-03-01T09:00:00Z"},
        {1772355600, 120000000, "2026-03-01T09:00:00.120Z"},
        {1772355600, 123456000, "2026-03-01T09:00:00.123456Z"},
        {1772355600, 1, "2026-03-01T09:00:00.000000001Z"},
        {-1, 500000000, "1969-12-31T23:59:59.500Z"},
        {-62135596800, 0, "0001-01-01T00:00:00Z"},
        {253402300799, 999999999, "9999-12-31T23:59:59.999999999Z"},
        {INT64_MIN, 0, "0001-01-01T00:00:00Z"},
        {INT64_MAX, 0, "9999-12-31T23:59:59Z"},
        {0, -1, "1970-01-01T00:00:00Z"},
        {0, INT32_MAX, "1970-01-01T00:00:00Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
        char text[PB_TIME_TEXT_BYTES];

        time.seconds = cases[i].seconds;
        time.nanos = cases[i].nanos;
        cr_assert_eq(pb_time_format(&time, text), strlen(cases[i].text));
        cr_assert_str_eq(text, cases[i].text);
    }
}

/* Every day of four centuries, and some seconds around each midnight, against the C library. */
Test(time, agrees_with_the_c_library)
{
    for (int64_t day = -60000; day < 100000; day++) {
        Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
        Google__Protobuf__Timestamp back = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
        time_t seconds = (time_t)(day * 86400 - (day & 1));
        char wanted[64], text[PB_TIME_TEXT_BYTES];
        struct tm tm;

        gmtime_r(&seconds, &tm);
        strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%SZ", &tm);
        time.seconds = seconds;
        pb_time_format(&time, text);
        cr_assert_str_eq(text, wanted);
        cr_assert(parse(text, &back));
        cr_assert_eq(back.seconds, seconds, "%s", text);
    }
}

Test(time, from_microseconds)
{
    static const struct {
        int64_t us, seconds;
        int32_t nanos;
    } cases[] = {
        {0, 0, 0},
        {1, 0, 1000},
        {-1, -1, 999999000},
        {999999, 0, 999999000},
        {1000000, 1, 0},
        {-999999, -1, 1000},
        {-1000000, -1, 0},
        {-1000001, -2, 999999000},
        {1772355600123456, 1772355600, 123456000},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

        pb_time_from_us(cases[i].us, &time);
        cr_assert(pb_time_valid(&time));
        cr_assert_eq(time.seconds, cases[i].seconds);
        cr_assert_eq(time.nanos, cases[i].nanos);
    }
}

Test(time, valid_means_years_and_whole_microseconds)
{
    static const struct {
        int64_t seconds;
        int32_t nanos;
        bool valid;
    } cases[] = {
        {0, 0, true},
        {0, 999999000, true},
        {0, 1000, true},
        {0, 1, false},
        {0, 999999999, false},
        {0, 1000000000, false},
        {0, -1000, false},
        {-62135596800, 0, true},
        {-62135596801, 999999000, false},
        {253402300799, 999999000, true},
        {253402300800, 0, false},
        {INT64_MAX, 0, false},
        {INT64_MIN, 0, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

        time.seconds = cases[i].seconds;
        time.nanos = cases[i].nanos;
        cr_assert_eq(pb_time_valid(&time), cases[i].valid, "%zu", i);
    }
}
