#include "http/target.h"

#include <criterion/criterion.h>
#include <string.h>

Test(target, paths_that_can_be_looked_up)
{
    static const char *const good[] = {"/",          "/v1/cars", "/a/",        "/a//b", "/%41",
                                       "/a%2Fb",     "/...",     "/.a",        "/a.",   "/%C3%A4",
                                       "/%e2%82%ac", "*",        "/a%20b/%25", "/.%2ea"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(http_path_valid(good[i], strlen(good[i])), "%s", good[i]);
    }
}

Test(target, paths_that_are_refused)
{
    static const char *const bad[] = {
        "/.",   "/..",  "/a/../b", "/a/./b",  "/%2e",       "/%2E%2e/a",     "/.%2e",    "/a/%2e.",
        "/%",   "/%4",  "/%4/a",   "/%zz",    "/%g1",       "/%1g",          "/%00",     "/a%00b",
        "/%C3", "/%ff", "/%c0%ae", "/%c0%af", "/%ed%a0%80", "/%f4%90%80%80", "/%C3/%A4",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_not(http_path_valid(bad[i], strlen(bad[i])), "%s", bad[i]);
    }
}

/* The last escape must not be read beyond the path's end. */
Test(target, an_escape_is_not_completed_by_what_follows)
{
    cr_assert_not(http_path_valid("/a%41", 4));
    cr_assert_not(http_path_valid("/a%41", 3));
    cr_assert(http_path_valid("/a%41", 5));
}

Test(target, authorities)
{
    static const char *const good[] = {"h",     "h:",      "h:80",   "127.0.0.1:8080",
                                       "[::1]", "[::1]:1", "a-b_c.d"};
    static const char *const bad[] = {"",     ":80",    "h:123456", "h:8a", "h:80:80", "u@h",
                                      "[::1", "[::1]x", "h/",       "h h",  "[::g h]", "a\"b"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(http_authority_valid(good[i], strlen(good[i])), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_not(http_authority_valid(bad[i], strlen(bad[i])), "%s", bad[i]);
    }
}
