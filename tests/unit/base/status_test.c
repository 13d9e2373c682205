#include <criterion/criterion.h>
#include <string.h>

#include "base/status.h"

Test(status, names)
{
    cr_assert_str_eq(status_name(STATUS_OK), "OK");
    cr_assert_str_eq(status_name(STATUS_UNAUTHENTICATED), "UNAUTHENTICATED");
    cr_assert_str_eq(status_name((enum status)17), "UNKNOWN");
    cr_assert_str_eq(status_name((enum status) - 1), "UNKNOWN");
    for (int i = 0; i <= 16; i++) {
        cr_assert_not_null(status_name((enum status)i));
    }
}

Test(status, long_errors_are_cut)
{
    struct error error;
    char text[2000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert_eq(error_set(&error, STATUS_UNAVAILABLE, "%s", text), STATUS_UNAVAILABLE);
    cr_assert_eq(strlen(error.text), sizeof(error.text) - 1);
}
