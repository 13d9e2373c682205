/* The settings that name a database. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/options.h"
#include "support/capture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void
clear(void)
{
    for (size_t i = 0; i < db_config_n_items; i++) {
        unsetenv(db_config_items[i].name);
    }
}

TestSuite(settings, .init = clear);

/* Loading fails with a line that holds each of the parts. */
static void
refused(const char *const *parts, size_t n)
{
    struct db_settings settings = {.port = -1};
    struct error error = {""};

    cr_assert_eq(db_settings_load(&settings, &error), STATUS_INVALID_ARGUMENT);
    for (size_t i = 0; i < n; i++) {
        cr_assert_not_null(strstr(error.text, parts[i]), "%s", error.text);
    }
    cr_assert_null(strstr(error.text, "hunter2"), "%s", error.text);
    cr_assert_eq(settings.port, -1, "a failure must leave the settings alone");
}

static struct db_settings
loaded(void)
{
    struct db_settings settings;
    struct error error = {""};

    cr_assert_eq(db_settings_load(&settings, &error), STATUS_OK, "%s", error.text);
    return settings;
}

Test(settings, no_database_names_both_ways_to_give_one)
{
    static const char *const parts[] = {"DATABASE_URL", "POSTGRES_HOST", "POSTGRES_USER",
                                        "POSTGRES_DB"};

    refused(parts, N(parts));
}

Test(settings, a_part_that_is_missing_is_named)
{
    static const char *const host[] = {"POSTGRES_HOST is not set", "DATABASE_URL"};
    static const char *const user[] = {"POSTGRES_USER is not set"};
    static const char *const name[] = {"POSTGRES_DB is not set"};
    struct db_settings settings;

    setenv("POSTGRES_PASSWORD", "hunter2", 1);
    refused(host, N(host));
    setenv("POSTGRES_HOST", "db", 1);
    refused(user, N(user));
    setenv("POSTGRES_USER", "u", 1);
    refused(name, N(name));
    setenv("POSTGRES_DB", "d", 1);
    settings = loaded();
    cr_assert_eq(settings.port, 5432);
    db_settings_fini(&settings);
}

Test(settings, a_bad_value_is_named_with_its_range)
{
    static const char *const port[] = {"POSTGRES_PORT", "1 to 65535", "70000"};
    static const char *const url[] = {"DATABASE_URL"};

    setenv("POSTGRES_PORT", "70000", 1);
    refused(port, N(port));
    unsetenv("POSTGRES_PORT");
    setenv("DATABASE_URL", "postgresql://u:hunter2@hunter2@h/d", 1);
    refused(url, N(url));
}

Test(settings, the_url_wins_and_says_so)
{
    struct capture capture;
    struct db_settings settings;
    char *log;

    setenv("DATABASE_URL", "postgresql://u:hunter2@h/d", 1);
    capture_begin(&capture);
    settings = loaded();
    log = capture_end(&capture);
    cr_assert_str_empty(log);
    free(log);
    db_settings_fini(&settings);
    setenv("POSTGRES_HOST", "other", 1);
    capture_begin(&capture);
    settings = loaded();
    log = capture_end(&capture);
    cr_assert_eq(count_lines(log, "DATABASE_URL is set"), 1, "%s", log);
    cr_assert_null(strstr(log, "hunter2"));
    cr_assert_str_eq(db_settings_options(&settings, "x", NULL).url, "postgresql://u:hunter2@h/d");
    free(log);
    db_settings_fini(&settings);
}

Test(settings, defaults)
{
    struct db_settings settings;

    setenv("DATABASE_URL", "postgresql://u@h/d", 1);
    settings = loaded();
    cr_assert_eq(settings.max_retry, 10);
    cr_assert_not(settings.allow_unsafe);
    cr_assert_str_eq(settings.ssl_mode, "prefer");
    cr_assert_str_eq(settings.migrations_dir, db_default_migrations_dir);
    cr_assert_eq(settings.migrations_dir[0], '/');
    db_settings_fini(&settings);
    cr_assert_null(settings.migrations_dir);
}

Test(settings, secrets_are_marked)
{
    size_t secrets = 0;

    for (size_t i = 0; i < db_config_n_items; i++) {
        bool secret = strcmp(db_config_items[i].name, "DATABASE_URL") == 0 ||
                      strcmp(db_config_items[i].name, "POSTGRES_PASSWORD") == 0;

        cr_assert_eq(db_config_items[i].secret, secret, "%s", db_config_items[i].name);
        secrets += secret;
    }
    cr_assert_eq(secrets, 2);
}

static void
described(const struct db_options *options, const char *wanted)
{
    struct buf text = BUF_INIT;

    db_options_describe(options, &text);
    buf_putc(&text, '\0');
    cr_assert_str_eq(text.data, wanted);
    buf_fini(&text);
}

Test(settings, a_description_holds_no_password)
{
    struct db_options options = {.url = "postgresql://u:hunter2@h:1/d?sslmode=disable"};

    described(&options, "postgresql://u@h:1/d");
    options.url = "host=/run/pg port=2 user=u password=hunter2 dbname=d";
    described(&options, "postgresql://u@:2/d?host=/run/pg");
    options.url = "postgresql://u:hunter2@x@h/d";
    described(&options, "postgresql://");
    options = (struct db_options){
        .host = "h", .port = 3, .user = "u", .password = "hunter2", .name = "d"};
    described(&options, "postgresql://u@h:3/d");
}

Test(settings, libpqs_environment_says_the_same)
{
    struct db_options options = {
        .url = "postgresql://u:p%40w@h:1/d?sslmode=disable&options=-c%20a%3Db"};

    db_options_export(&options);
    cr_assert_str_eq(getenv("PGHOST"), "h");
    cr_assert_str_eq(getenv("PGPORT"), "1");
    cr_assert_str_eq(getenv("PGUSER"), "u");
    cr_assert_str_eq(getenv("PGPASSWORD"), "p@w");
    cr_assert_str_eq(getenv("PGDATABASE"), "d");
    cr_assert_str_eq(getenv("PGSSLMODE"), "disable");
    cr_assert_str_eq(getenv("PGOPTIONS"), "-c a=b");
}

Test(settings, psql_looks_into_the_schemas)
{
    struct db_options options = {.url = "postgresql://u@h/d?options=-c%20a%3Db", .schema = "x,y"};

    db_options_export(&options);
    cr_assert_str_eq(getenv("PGOPTIONS"), "-c a=b -c search_path=x,y,public");
    unsetenv("PGOPTIONS");
    options.url = "postgresql://u@h/d";
    db_options_export(&options);
    cr_assert_str_eq(getenv("PGOPTIONS"), " -c search_path=x,y,public");
}

Test(settings, a_mode_that_libpq_does_not_know_is_named)
{
    static const char *const parts[] = {"POSTGRES_SSLMODE", "verify-full", "\"verify\""};

    setenv("DATABASE_URL", "postgresql://u:hunter2@h/d", 1);
    setenv("POSTGRES_SSLMODE", "verify", 1);
    refused(parts, N(parts));
}

/* What is loaded from the environment, in production. */
static enum status
in_production(struct error *error)
{
    struct db_settings settings = loaded();
    enum status status = db_settings_check_production(&settings, error);

    db_settings_fini(&settings);
    return status;
}

Test(settings, in_production_nothing_goes_over_a_network_in_the_clear)
{
    static const char *const refused_modes[] = {"disable", "allow", "prefer"};
    static const char *const good_modes[] = {"require", "verify-ca", "verify-full"};
    struct error error = {""};

    setenv("POSTGRES_HOST", "db.example.com", 1);
    setenv("POSTGRES_USER", "u", 1);
    setenv("POSTGRES_DB", "d", 1);
    cr_assert_eq(in_production(&error), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(error.text, "sslmode is prefer"), "%s", error.text);
    cr_assert_not_null(strstr(error.text, "db.example.com"), "%s", error.text);
    for (size_t i = 0; i < N(refused_modes); i++) {
        setenv("POSTGRES_SSLMODE", refused_modes[i], 1);
        cr_assert_eq(in_production(&error), STATUS_INVALID_ARGUMENT);
    }
    for (size_t i = 0; i < N(good_modes); i++) {
        setenv("POSTGRES_SSLMODE", good_modes[i], 1);
        cr_assert_eq(in_production(&error), STATUS_OK);
    }
}

Test(settings, in_production_a_url_is_looked_at_as_libpq_reads_it)
{
    static const struct {
        const char *url;
        enum status status;
    } cases[] = {
        {"postgresql://u@h/d", STATUS_INVALID_ARGUMENT},
        {"postgresql://u@h/d?sslmode=prefer", STATUS_INVALID_ARGUMENT},
        {"postgresql://u@h/d?sslmode=require", STATUS_OK},
        {"postgresql://u@127.0.0.1,h/d", STATUS_INVALID_ARGUMENT},
        {"postgresql://u@127.0.0.1.example.com/d", STATUS_INVALID_ARGUMENT},
        {"postgresql://u@localhost.example.com/d", STATUS_INVALID_ARGUMENT},
        {"postgresql://u@localhost/d?hostaddr=10.0.0.1", STATUS_INVALID_ARGUMENT},
        {"postgresql://u@10.0.0.1/d?hostaddr=127.0.0.1", STATUS_OK},
        {"postgresql://u@127.0.0.1,localhost/d", STATUS_OK},
        {"postgresql://u@[::1]/d", STATUS_OK},
        {"postgresql:///d?host=/run/postgresql&user=u", STATUS_OK},
        {"postgresql:///d?user=u", STATUS_OK},
    };
    struct error error;

    unsetenv("PGHOST");
    unsetenv("PGSSLMODE");
    for (size_t i = 0; i < N(cases); i++) {
        setenv("DATABASE_URL", cases[i].url, 1);
        cr_assert_eq(in_production(&error), cases[i].status, "%s", cases[i].url);
    }
    setenv("PGHOST", "h", 1); /* of the last, which gives no host */
    cr_assert_eq(in_production(&error), STATUS_INVALID_ARGUMENT);
    setenv("PGSSLMODE", "verify-full", 1);
    cr_assert_eq(in_production(&error), STATUS_OK);
}
