#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"

Test(uuid, is_a_version_7_of_now)
{
    uint64_t before_ms = (uint64_t)clock_wall_us() / 1000;
    char text[UUID_TEXT_BYTES], digits[13] = {0};
    uint64_t ms;

    uuid_v7(text);
    cr_assert_eq(strlen(text), 36);
    cr_assert(uuid_valid(text, 36));
    cr_assert_eq(text[14], '7');
    cr_assert_not_null(strchr("89ab", text[19]));
    memcpy(digits, text, 8);
    memcpy(digits + 8, text + 9, 4);
    ms = strtoull(digits, NULL, 16);
    cr_assert_geq(ms, before_ms);
    cr_assert_leq(ms, (uint64_t)clock_wall_us() / 1000);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

Test(uuid, never_twice)
{
    enum { N = 20000 };
    static char texts[N][UUID_TEXT_BYTES];

    for (size_t i = 0; i < N; i++) {
        uuid_v7(texts[i]);
    }
    qsort(texts, N, sizeof(texts[0]), compare);
    for (size_t i = 1; i < N; i++) {
        cr_assert_str_neq(texts[i - 1], texts[i]);
    }
}

Test(uuid, valid)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5f", true},
        {"0190D3A4-7B1C-7CC2-8F6E-3A1B2C3D4E5F", true},
        {"00000000-0000-0000-0000-000000000000", true},
        {"", false},
        {"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5", false},
        {"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5f0", false},
        {"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5g", false},
        {"0190d3a4-7b1c-7cc2-8f6e+3a1b2c3d4e5f", false},
        {"0190d3a-47b1c-7cc2-8f6e-3a1b2c3d4e5f", false},
        {"0190d3a47b1c7cc28f6e3a1b2c3d4e5f", false},
        {"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5 ", false},
        {"----------------------------------- ", false},
        {"------------------------------------", false},
        {"{190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5}", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(uuid_valid(cases[i].text, strlen(cases[i].text)), cases[i].valid, "%s",
                     cases[i].text);
    }
    cr_assert_not(uuid_valid("0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5\0", 36));
}

Test(uuid, canonical_text)
{
    char out[UUID_TEXT_BYTES];
    static const char other[] = "01900000-0000-7000-8000-00000000000G";

    cr_assert_str_eq(uuid_canonical("01900000-0000-7000-8000-0000000000AF", out),
                     "01900000-0000-7000-8000-0000000000af");
    cr_assert_str_eq(uuid_canonical("abcdef00-0000-7000-8000-0000000000af", out),
                     "abcdef00-0000-7000-8000-0000000000af");
    cr_assert_eq(uuid_canonical(other, out), other);
    cr_assert_str_eq(uuid_canonical("", out), "");
    cr_assert_str_eq(uuid_canonical("CAR", out), "CAR");
}
