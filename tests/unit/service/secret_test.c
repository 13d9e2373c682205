/* Keys for purposes, from one secret. */
#include "service/secret.h"

#include <criterion/criterion.h>
#include <string.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void
expect_differ(const char *one, const char *other)
{
    unsigned char a[SECRET_BYTES], b[SECRET_BYTES];

    service_secret(one, a);
    service_secret(other, b);
    cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
}

Test(secret, keys_are_of_the_secret_and_the_purpose)
{
    static const unsigned char nothing[SECRET_BYTES];
    unsigned char first[SECRET_BYTES], again[SECRET_BYTES];
    struct error error;

    cr_assert_eq(service_secret_open(KEY, &error), STATUS_OK);
    service_secret("refresh", first);
    service_secret("refresh", again);
    cr_assert_eq(memcmp(first, again, sizeof(first)), 0);
    expect_differ("refresh", "fingerprint");
    service_secret("fingerprint", again);
    cr_assert_eq(memcmp(service_fingerprint_key(), again, sizeof(again)), 0);
    cr_assert_neq(memcmp(first, nothing, sizeof(first)), 0);
}

/* BLAKE2b-256 of "refresh" with the key: what another program (python3: hashlib.blake2b) says. */
Test(secret, is_the_same_after_every_start)
{
    static const unsigned char known[SECRET_BYTES] = {
        0x7a, 0x47, 0xcf, 0x3b, 0x28, 0x23, 0x97, 0xca, 0xe3, 0x98, 0xf4,
        0x0e, 0xd2, 0x04, 0x33, 0xd5, 0x7d, 0x9e, 0x2f, 0x95, 0x07, 0x02,
        0x4d, 0x9a, 0xf6, 0x74, 0xed, 0x0c, 0x4d, 0xea, 0x63, 0xbc};
    unsigned char key[SECRET_BYTES];
    struct error error;

    cr_assert_eq(service_secret_open(KEY, &error), STATUS_OK);
    service_secret("refresh", key);
    cr_assert_eq(memcmp(key, known, sizeof(key)), 0);
}

Test(secret, without_one_keys_are_random_but_that_of_fingerprints)
{
    static const unsigned char nothing[SECRET_BYTES];
    unsigned char key[SECRET_BYTES], again[SECRET_BYTES];
    struct error error;

    cr_assert_eq(service_secret_open(NULL, &error), STATUS_OK);
    service_secret("refresh", key);
    service_secret("refresh", again);
    cr_assert_eq(memcmp(key, again, sizeof(key)), 0);
    cr_assert_neq(memcmp(key, nothing, sizeof(key)), 0);
    cr_assert_eq(memcmp(service_fingerprint_key(), nothing, sizeof(nothing)), 0);
}

Test(secret, is_64_hexadecimal_digits)
{
    static const char *const bad[] = {
        "",
        "00",
        KEY "0",
        KEY "00",
        "0001020304050607 8090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error error;

        cr_assert_eq(service_secret_open(bad[i], &error), STATUS_INVALID_ARGUMENT, "%s", bad[i]);
        cr_assert_not_null(strstr(error.text, "SECRET_KEY"));
        cr_assert_null(strstr(error.text, "0102"), "a secret is not shown");
    }
}
