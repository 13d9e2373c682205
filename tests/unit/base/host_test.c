/* Which hosts are this machine alone. */
#include "base/host.h"

#include <criterion/criterion.h>
#include <string.h>

Test(host, loopback)
{
    static const char *const here[] = {"localhost", "127.0.0.1", "127.255.0.9",
                                       "::1",       "[::1]",     "0:0:0:0:0:0:0:1"};

    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
        cr_expect(host_is_loopback(here[i], strlen(here[i])), "%s", here[i]);
    }
}

Test(host, everything_else)
{
    static const char *const elsewhere[] = {
        "",
        "0.0.0.0",
        "::",
        "[::]",
        "10.0.0.1",
        "128.0.0.1",
        "LOCALHOST.",
        "127.0.0.1.evil",
        "127.0.0",
        "[::1",
        "::1]",
        "::2",
        "*",
        "localhosts",
        "localhost0",
        "127.",
        "[]",
        "[",
        "::ffff:127.0.0.1",
        "0000:0000:0000:0000:0000:0000:0000:0001:0000:0000",
    };

    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        cr_expect_not(host_is_loopback(elsewhere[i], strlen(elsewhere[i])), "%s", elsewhere[i]);
    }
}

/* Hosts stand in lists, so none needs to end with a NUL. */
Test(host, ends_where_it_says)
{
    cr_expect(host_is_loopback("127.0.0.1,10.0.0.1", 9));
    cr_expect(host_is_loopback("localhost:80", 9));
    cr_expect_not(host_is_loopback("127.0.0.1", 5));
}
