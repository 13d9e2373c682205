#include "gateway/address.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct address
address(const char *text)
{
    struct address out;

    cr_assert(address_parse(text, strlen(text), &out), "%s", text);
    return out;
}

static void
expect_text(struct address self, const char *expected)
{
    char text[ADDRESS_TEXT_BYTES];

    address_format(&self, text);
    cr_assert_str_eq(text, expected);
}

Test(address, text_and_back)
{
    expect_text(address("192.0.2.1"), "192.0.2.1");
    expect_text(address("::1"), "::1");
    expect_text(address("2001:DB8::1"), "2001:db8::1");
    expect_text(address("::ffff:192.0.2.1"), "192.0.2.1"); /* a dual-stack socket's name for it */
}

Test(address, what_is_none)
{
    static const char *const bad[] = {"",          " ",          "1",        "1.2.3",
                                      "1.2.3.4.5", "256.1.1.1",  "1.2.3.4 ", "example.org",
                                      "[::1]",     "1.2.3.4:80", ":::",      "unknown"};
    struct address out;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_not(address_parse(bad[i], strlen(bad[i]), &out), "%s", bad[i]);
    }
}

static struct networks
networks(const char *text)
{
    struct networks out;
    struct error error;

    cr_assert_eq(networks_parse("X", text, &out, &error), STATUS_OK, "%s", error.text);
    return out;
}

static bool
contains(const char *list, const char *text)
{
    struct networks self = networks(list);
    struct address member = address(text);

    return networks_contain(&self, &member);
}

Test(networks, members)
{
    cr_assert(contains("10.0.0.0/8", "10.255.255.255"));
    cr_assert_not(contains("10.0.0.0/8", "11.0.0.0"));
    cr_assert(contains("10.1.2.128/25", "10.1.2.129"));
    cr_assert_not(contains("10.1.2.128/25", "10.1.2.127"));
    cr_assert(contains("192.0.2.1", "192.0.2.1"));
    cr_assert_not(contains("192.0.2.1", "192.0.2.2"));
    cr_assert(contains("0.0.0.0/0", "203.0.113.9"));
    cr_assert_not(contains("0.0.0.0/0", "2001:db8::1"), "IPv4 networks hold no IPv6 addresses");
    cr_assert(contains("2001:db8::/32", "2001:db8:ffff::1"));
    cr_assert_not(contains("2001:db8::/33", "2001:db8:8000::1"));
    cr_assert(contains("::/0", "::1"));
    cr_assert(contains("::1, 10.0.0.0/8,127.0.0.1", "127.0.0.1"));
    cr_assert_not(contains("", "127.0.0.1"));
    cr_assert_not(contains(NULL, "127.0.0.1"));
}

Test(networks, bad_lists_name_setting_and_part)
{
    static const char *const bad[] = {"10.0.0.0/33",  "10.0.0.0/", "10.0.0.0/x",   "10.0.0.0/-1",
                                      "10.0.0.0/+8",  "::/129",    "localhost",    "10.0.0/8",
                                      "10.0.0.0/8/8", "/8",        "10.0.0.0/0008"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char list[64];
        struct networks out;
        struct error error;

        snprintf(list, sizeof(list), "::1,%s", bad[i]);
        cr_assert_eq(networks_parse("PROXIES", list, &out, &error), STATUS_INVALID_ARGUMENT, "%s",
                     list);
        cr_assert_not_null(strstr(error.text, "PROXIES"));
        cr_assert_not_null(strstr(error.text, bad[i]));
    }
}

static void
expect_behind(const char *trusted, const char *peer, const char *forwarded, const char *expected)
{
    struct networks list = networks(trusted);

    expect_text(address_behind(&list, address(peer), forwarded, strlen(forwarded)), expected);
}

Test(address, behind_proxies)
{
    expect_behind("10.0.0.0/8", "10.0.0.1", "192.0.2.7", "192.0.2.7");
    expect_behind("10.0.0.0/8", "10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7");
    /* What a client itself wrote in front does not count. */
    expect_behind("10.0.0.0/8", "10.0.0.1", "127.0.0.1, 192.0.2.7 , 10.0.0.2", "192.0.2.7");
    expect_behind("10.0.0.0/8", "192.0.2.7", "127.0.0.1", "192.0.2.7");
    expect_behind("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1");
    expect_behind("10.0.0.0/8", "10.0.0.1", "nonsense", "10.0.0.1");
    expect_behind("10.0.0.0/8", "10.0.0.1", "192.0.2.7, nonsense, 10.0.0.2", "10.0.0.2");
    expect_behind("10.0.0.0/8", "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3");
    expect_behind("10.0.0.0/8", "10.0.0.1", ",,,", "10.0.0.1");
    expect_behind("10.0.0.0/8", "10.0.0.1", "2001:db8::5", "2001:db8::5");
    expect_behind("", "10.0.0.1", "192.0.2.7", "10.0.0.1");
}

/* A chain of trusted entries without end must not cost time without end. */
Test(address, long_chains_are_cut)
{
    char text[4096] = "192.0.2.7";

    for (int i = 0; i < 100; i++) {
        strcat(text, ",10.0.0.2");
    }
    expect_behind("10.0.0.0/8", "10.0.0.1", text, "10.0.0.2");
}

Test(address, counts)
{
    struct address_counts *counts = address_counts_new();
    struct address one = address("192.0.2.1"), other = address("192.0.2.2");

    cr_assert_eq(address_counts_get(counts, &one), 0);
    address_counts_add(counts, &one);
    address_counts_add(counts, &one);
    address_counts_add(counts, &other);
    cr_assert_eq(address_counts_get(counts, &one), 2);
    cr_assert_eq(address_counts_get(counts, &other), 1);
    address_counts_remove(counts, &one);
    address_counts_remove(counts, &other);
    cr_assert_eq(address_counts_get(counts, &one), 1);
    cr_assert_eq(address_counts_get(counts, &other), 0);
    address_counts_free(counts);
}

Test(address, ipv6_is_counted_by_network)
{
    struct address_counts *counts = address_counts_new();
    struct address one = address("2001:db8::1"), neighbour = address("2001:db8::2:1");
    struct address other = address("2001:db8:0:1::1");

    address_counts_add(counts, &one);
    cr_assert_eq(address_counts_get(counts, &neighbour), 1);
    cr_assert_eq(address_counts_get(counts, &other), 0);
    address_counts_free(counts);
}

Test(address, thousands_of_counts)
{
    struct address_counts *counts = address_counts_new();

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 20000; i++) {
            struct address self = {{1, 2, (unsigned char)(i >> 8), (unsigned char)i}};

            if (round == 0) {
                cr_assert_eq(address_counts_get(counts, &self), 0);
                address_counts_add(counts, &self);
            } else {
                cr_assert_eq(address_counts_get(counts, &self), 1);
                address_counts_remove(counts, &self);
            }
        }
    }
    address_counts_free(counts);
}
