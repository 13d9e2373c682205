/* Which settings of access go together. */
#include "auth/settings.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct auth_settings settings;
static struct error error;

static void
drop(void)
{
    config_free(auth_config_items, auth_config_n_items, &settings);
}

TestSuite(settings, .fini = drop);

static void
load(const char *mode, const char *env)
{
    drop();
    free((char *)settings.app_env);
    free((char *)settings.accounts_addresses);
    setenv("AUTH_MODE", mode, 1);
    setenv("APP_ENV", env, 1);
    cr_assert_eq(config_load(auth_config_items, auth_config_n_items, &settings, &error), STATUS_OK,
                 "%s", error.text);
}

static enum status
check(const char *mode, const char *env, const char *host)
{
    load(mode, env);
    return auth_settings_check(&settings, "RPC_LISTEN", host, &error);
}

Test(settings, access_is_checked_unless_told_otherwise)
{
    cr_assert_eq(check("", "", "0.0.0.0"), STATUS_OK);
    cr_assert(settings.enforced);
    cr_assert_not(settings.public_read);
    cr_assert_eq(auth_settings_max_age_ms(&settings), 60000);
    cr_assert(auth_settings_policy(&settings).enforced);
}

Test(settings, off_is_for_loopback)
{
    static const char *const good[] = {"127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"};
    static const char *const bad[] = {
        "0.0.0.0", "::",        "[::]",           "10.0.0.1",       "",
        "*",       "depot.lan", "127.0.0.1.evil", "[::ffff:7f00:1]"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_expect_eq(check("off", "development", good[i]), STATUS_OK, "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(check("off", "development", bad[i]), STATUS_INVALID_ARGUMENT, "%s", bad[i]);
        cr_expect_not_null(strstr(error.text, "RPC_LISTEN"));
    }
}

Test(settings, off_is_not_for_production)
{
    cr_assert_eq(check("off", "production", "127.0.0.1"), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "APP_ENV=production"));
    cr_assert_eq(check("on", "production", "0.0.0.0"), STATUS_OK);
    cr_assert(auth_settings_in_production(&settings));
}

/* `prod` would silently be something else. */
Test(settings, an_environment_is_one_of_those_there_are)
{
    cr_assert_eq(check("on", "prod", "127.0.0.1"), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "\"prod\""));
}

Test(settings, what_is_common_is_without_addresses)
{
    for (size_t i = 0; i < auth_config_n_items; i++) {
        cr_assert_eq(strcmp(auth_config_items[i].name, "ACCOUNTS_ADDRESSES") == 0,
                     i >= auth_config_n_common);
    }
}
