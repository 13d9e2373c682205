#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

static char captured[1 << 20];
static int pipe_in, real_stderr;

/* From here on standard error goes into a file. */
static void
capture(void)
{
    char name[] = "/tmp/depot-log-test-XXXXXX";

    pipe_in = mkstemp(name);
    unlink(name);
    real_stderr = dup(STDERR_FILENO);
    dup2(pipe_in, STDERR_FILENO);
}

static const char *
release(void)
{
    ssize_t n;

    dup2(real_stderr, STDERR_FILENO);
    n = pread(pipe_in, captured, sizeof(captured) - 1, 0);
    cr_assert_geq(n, 0);
    captured[n] = '\0';
    return captured;
}

/* Each line is one JSON object; how many there are. */
static size_t
check_lines(const char *text)
{
    size_t n = 0;

    while (*text != '\0') {
        const char *end = strchr(text, '\n');
        json_t *json;

        cr_assert_not_null(end, "a line without an end: %s", text);
        json = json_loadb(text, (size_t)(end - text), JSON_REJECT_DUPLICATES, NULL);
        cr_assert_not_null(json, "%.*s", (int)(end - text), text);
        cr_assert(json_is_string(json_object_get(json, "time")));
        cr_assert(json_is_string(json_object_get(json, "level")));
        json_decref(json);
        text = end + 1;
        n++;
    }
    return n;
}

Test(log, one_line_with_everything)
{
    struct log_line line;
    const char *text;
    json_t *json;

    log_open("tester", LOG_INFO);
    capture();
    log_begin(&line, LOG_WARN, "event \"quoted\"");
    log_str(&line, "text", "a\nb\xff");
    log_strn(&line, "part", "abcdef", 3);
    log_int(&line, "number", -7);
    log_end(&line);
    text = release();
    cr_assert_eq(check_lines(text), 1);
    json = json_loads(text, 0, NULL);
    cr_assert_str_eq(json_string_value(json_object_get(json, "program")), "tester");
    cr_assert_str_eq(json_string_value(json_object_get(json, "level")), "warn");
    cr_assert_str_eq(json_string_value(json_object_get(json, "event")), "event \"quoted\"");
    cr_assert_str_eq(json_string_value(json_object_get(json, "text")), "a\nb\xef\xbf\xbd");
    cr_assert_str_eq(json_string_value(json_object_get(json, "part")), "abc");
    cr_assert_eq(json_integer_value(json_object_get(json, "number")), -7);
    cr_assert_eq(strlen(json_string_value(json_object_get(json, "time"))), 27);
    json_decref(json);
}

Test(log, levels_that_are_off_write_nothing)
{
    struct log_line line;

    log_open("tester", LOG_WARN);
    capture();
    log_begin(&line, LOG_INFO, "quiet");
    log_str(&line, "a", "b");
    log_int(&line, "c", 1);
    log_end(&line);
    log_message(LOG_DEBUG, "quiet", "%d", 1);
    log_message(LOG_ERROR, "loud", "%d", 1);
    cr_assert_eq(check_lines(release()), 1);
    cr_assert_not_null(strstr(captured, "\"message\":\"1\""));
}

/* Members of every length around the line's end: what does not fit is left out whole. */
Test(log, long_lines_stay_whole)
{
    static char value[2 * LOG_LINE_BYTES];

    log_open("tester", LOG_INFO);
    capture();
    memset(value, '"', sizeof(value));
    for (size_t bytes = 0; bytes < sizeof(value); bytes += 37) {
        struct log_line line;

        log_begin(&line, LOG_INFO, "long");
        log_strn(&line, "first", value, bytes);
        log_strn(&line, "second", value, 100);
        log_int(&line, "third", INT64_MIN);
        log_end(&line);
    }
    cr_assert_gt(check_lines(release()), 200);
}

/* However long texts are, and whatever is in them, what follows them is there. */
Test(log, long_texts_crowd_nothing_out)
{
    static const char *const fills[] = {"x", "\"", "\x01", "\xff", "ü"};
    static char value[2 * LOG_LINE_BYTES];

    log_open("tester", LOG_INFO);
    capture();
    for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
        struct log_line line;

        for (size_t at = 0; at < sizeof(value); at++) {
            value[at] = fills[i][at % strlen(fills[i])];
        }
        log_begin(&line, LOG_INFO, "long");
        log_strn(&line, "id", value, sizeof(value));
        log_strn(&line, "path", value, sizeof(value) - 1);
        log_str(&line, "code", "OK");
        log_int(&line, "durationUs", 7);
        log_end(&line);
    }
    cr_assert_eq(check_lines(release()), 5);
    for (const char *at = captured; *at != '\0'; at = strchr(at, '\n') + 1) {
        json_t *json = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
        const char *path = json_string_value(json_object_get(json, "path"));

        cr_assert_str_eq(json_string_value(json_object_get(json, "code")), "OK");
        cr_assert_eq(json_integer_value(json_object_get(json, "durationUs")), 7);
        cr_assert_geq(strlen(path), LIMIT_LOG_TEXT_BYTES / 6 - 1);
        cr_assert(strchr(path, 'x') != NULL || strstr(path, "ü\xef") == NULL, "cut in a character");
        json_decref(json);
    }
}

/* A member without room is left out by itself. */
Test(log, what_finds_room_behind_it_is_put_in)
{
    static char value[LIMIT_LOG_TEXT_BYTES + 1];
    struct log_line line;

    memset(value, 'x', LIMIT_LOG_TEXT_BYTES);
    log_open("tester", LOG_INFO);
    capture();
    log_begin(&line, LOG_INFO, "full");
    log_str(&line, "a", value);
    log_str(&line, "b", value);
    log_str(&line, "c", value);
    log_str(&line, "d", value);
    log_str(&line, "code", "OK");
    log_end(&line);
    cr_assert_eq(check_lines(release()), 1);
    cr_assert_null(strstr(captured, "\"d\""));
    cr_assert_not_null(strstr(captured, "\"code\":\"OK\""));
}

Test(log, every_length_at_the_edge)
{
    log_open("tester", LOG_INFO);
    capture();
    for (size_t bytes = LOG_LINE_BYTES - 300; bytes < LOG_LINE_BYTES + 10; bytes++) {
        static char value[2 * LOG_LINE_BYTES];
        struct log_line line;

        memset(value, 'x', bytes);
        log_begin(&line, LOG_INFO, "edge");
        log_strn(&line, "value", value, bytes);
        log_int(&line, "n", 1);
        log_end(&line);
    }
    cr_assert_eq(check_lines(release()), 310);
}

Test(log, an_event_that_is_too_long_does_not_break_the_line)
{
    static char event[2 * LOG_LINE_BYTES];

    memset(event, 'e', sizeof(event) - 1);
    log_open("tester", LOG_INFO);
    capture();
    log_message(LOG_INFO, event, "%s", event);
    cr_assert_eq(check_lines(release()), 1);
}

Test(log, held_lines_come_with_the_flush)
{
    log_open("tester", LOG_INFO);
    capture();
    log_hold();
    log_message(LOG_INFO, "held", "%d", 1);
    cr_assert_eq(lseek(pipe_in, 0, SEEK_END), 0);
    log_flush();
    log_flush();
    cr_assert_eq(check_lines(release()), 1);
}

Test(log, held_lines_are_bounded)
{
    log_open("tester", LOG_INFO);
    capture();
    log_hold();
    for (int i = 0; i < 1000; i++) {
        log_message(LOG_INFO, "held", "%0100d", i);
    }
    cr_assert_gt(lseek(pipe_in, 0, SEEK_END), 32 * 1024);
    log_flush();
    cr_assert_eq(check_lines(release()), 1000);
}

static void *
log_many(void *arg)
{
    for (int i = 0; i < 200; i++) {
        log_message(LOG_INFO, arg, "%d", i);
    }
    return NULL;
}

Test(log, threads_do_not_mix_their_lines)
{
    char names[4][2] = {"a", "b", "c", "d"};
    pthread_t threads[4];

    log_open("tester", LOG_INFO);
    capture();
    for (size_t i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, log_many, names[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    cr_assert_eq(check_lines(release()), 800);
}

Test(log, levels_by_name)
{
    enum log_level level = LOG_INFO;

    cr_assert(log_level_parse("error", &level));
    cr_assert_eq(level, LOG_ERROR);
    cr_assert(log_level_parse("debug", &level));
    cr_assert_eq(level, LOG_DEBUG);
    cr_assert_not(log_level_parse("DEBUG", &level));
    cr_assert_not(log_level_parse("", &level));
    cr_assert_eq(level, LOG_DEBUG);
}
