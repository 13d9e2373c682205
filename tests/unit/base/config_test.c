#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "support/temp.h"

struct settings {
    const char *url, *token;
    int port;
    bool safe;
};

static const struct config_item items[] = {
    {"T_URL", CONFIG_STRING, NULL, 0, 0, "", "Where.", false, offsetof(struct settings, url)},
    {"T_TOKEN", CONFIG_STRING, "none", 0, 0, "", "Who.", true, offsetof(struct settings, token)},
    {"T_PORT", CONFIG_INT, "8080", 1, 65535, "", "Which port.", false,
     offsetof(struct settings, port)},
    {"T_SAFE", CONFIG_BOOL, "on", 0, 0, "", "How.", false, offsetof(struct settings, safe)},
};

enum { N_ITEMS = sizeof(items) / sizeof(items[0]) };

static struct settings settings;
static struct error problem;

/* A process keeps its settings for ever; the tests must not. */
static void
forget(void)
{
    free((void *)(uintptr_t)settings.url);
    free((void *)(uintptr_t)settings.token);
    settings = (struct settings){0};
}

TestSuite(config, .fini = forget);

static enum status
load(void)
{
    enum status status;

    forget();
    problem.text[0] = '\0';
    status = config_load(items, N_ITEMS, &settings, &problem);
    return status;
}

/* A file with this content; the name lives until the next call. */
static const char *
file_with(const void *content, size_t bytes)
{
    static char name[64];
    int fd;

    temp_template(name, sizeof(name), "depot-config-test");
    fd = mkstemp(name);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, content, bytes), (ssize_t)bytes);
    close(fd);
    return name;
}

Test(config, fallbacks)
{
    setenv("T_PORT", "", 1);
    cr_assert_eq(load(), STATUS_OK);
    cr_assert_null(settings.url);
    cr_assert_str_eq(settings.token, "none");
    cr_assert_eq(settings.port, 8080);
    cr_assert(settings.safe);
}

Test(config, values)
{
    setenv("T_URL", "postgres://x", 1);
    setenv("T_PORT", "65535", 1);
    setenv("T_SAFE", "off", 1);
    cr_assert_eq(load(), STATUS_OK);
    cr_assert_str_eq(settings.url, "postgres://x");
    cr_assert_eq(settings.port, 65535);
    cr_assert_not(settings.safe);
}

Test(config, numbers_that_are_none_are_named_with_their_range)
{
    static const char *const texts[] = {
        "0",  "65536", "-1",  "1.5", "1e3", "0x10",    " 1",
        "1 ", "+1",    "--1", "-",   "abc", "8080abc", "99999999999999999999"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        setenv("T_PORT", texts[i], 1);
        cr_assert_eq(load(), STATUS_INVALID_ARGUMENT, "%s", texts[i]);
        cr_assert_not_null(strstr(problem.text, "T_PORT"));
        cr_assert_not_null(strstr(problem.text, "65535"));
        cr_assert_not_null(strstr(problem.text, texts[i]));
    }
}

Test(config, bools)
{
    static const struct {
        const char *text;
        bool ok, value;
    } cases[] = {{"1", true, true},      {"0", true, false},    {"on", true, true},
                 {"off", true, false},   {"true", true, true},  {"false", true, false},
                 {"TRUE", false, false}, {"yes", false, false}, {"2", false, false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setenv("T_SAFE", cases[i].text, 1);
        cr_assert_eq(load() == STATUS_OK, cases[i].ok, "%s", cases[i].text);
        if (cases[i].ok) {
            cr_assert_eq(settings.safe, cases[i].value);
        } else {
            cr_assert_not_null(strstr(problem.text, "T_SAFE"));
        }
    }
}

Test(config, secrets_from_files)
{
    const char *name = file_with("s3cret\n", 7);

    setenv("T_TOKEN_FILE", name, 1);
    cr_assert_eq(load(), STATUS_OK);
    cr_assert_str_eq(settings.token, "s3cret");
    setenv("T_TOKEN", "other", 1);
    cr_assert_eq(load(), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(problem.text, "T_TOKEN_FILE"));
    cr_assert_null(strstr(problem.text, "other"));
    unlink(name);
}

Test(config, only_the_last_line_end_is_cut)
{
    const char *name = file_with("a\n\n", 3);

    setenv("T_URL_FILE", name, 1);
    cr_assert_eq(load(), STATUS_OK);
    cr_assert_str_eq(settings.url, "a\n");
    unlink(name);
    name = file_with("b\r\n", 3);
    setenv("T_URL_FILE", name, 1);
    cr_assert_eq(load(), STATUS_OK);
    cr_assert_str_eq(settings.url, "b");
    unlink(name);
}

Test(config, files_that_cannot_be_read)
{
    static char large[100000];
    const char *name;

    setenv("T_TOKEN_FILE", "/nowhere/at/all", 1);
    cr_assert_eq(load(), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(problem.text, "/nowhere/at/all"));
    setenv("T_TOKEN_FILE", "/tmp", 1); /* a folder */
    cr_assert_eq(load(), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(problem.text, "/tmp"));
    memset(large, 'x', sizeof(large));
    name = file_with(large, sizeof(large));
    setenv("T_TOKEN_FILE", name, 1);
    cr_assert_eq(load(), STATUS_INVALID_ARGUMENT);
    unlink(name);
    name = file_with("a\0b", 3);
    setenv("T_TOKEN_FILE", name, 1);
    cr_assert_eq(load(), STATUS_INVALID_ARGUMENT);
    unlink(name);
}

Test(config, secrets_are_never_shown)
{
    struct log_line line;
    char *text = NULL;
    size_t bytes;
    FILE *out;

    setenv("T_TOKEN", "s3cret", 1);
    cr_assert_eq(load(), STATUS_OK);
    log_open("test", LOG_INFO);
    log_begin(&line, LOG_INFO, "start");
    config_log(items, N_ITEMS, &settings, &line);
    cr_assert_lt(line.length, sizeof(line.text));
    line.text[line.length] = '\0';
    cr_assert_null(strstr(line.text, "s3cret"));
    cr_assert_not_null(strstr(line.text, "\"T_TOKEN\":\"***\""));
    cr_assert_not_null(strstr(line.text, "\"T_PORT\":8080"));
    cr_assert_not_null(strstr(line.text, "\"T_SAFE\":\"on\""));
    out = open_memstream(&text, &bytes);
    config_help(items, N_ITEMS, out);
    config_markdown(items, N_ITEMS, out);
    fclose(out);
    cr_assert_null(strstr(text, "s3cret"));
    for (size_t i = 0; i < N_ITEMS; i++) {
        cr_assert_not_null(strstr(text, items[i].name));
        cr_assert_not_null(strstr(text, items[i].text));
    }
    free(text);
}

Test(config, a_secret_number_that_is_wrong_is_not_shown)
{
    static const struct config_item secret[] = {
        {"T_PIN", CONFIG_INT, "1", 1, 9999, "", "A pin.", true, 0}};
    int pin;

    setenv("T_PIN", "77777", 1);
    cr_assert_eq(config_load(secret, 1, &pin, &problem), STATUS_INVALID_ARGUMENT);
    cr_assert_null(strstr(problem.text, "77777"));
}
