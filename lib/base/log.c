#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

enum { HELD_BYTES = 32 * 1024 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static struct {
    const char *program;
    enum log_level level;
    bool hold;
    pthread_mutex_t lock;
    struct buf held;
} the_log = {.program = "depot", .level = LOG_INFO, .lock = PTHREAD_MUTEX_INITIALIZER};

void
log_open(const char *program, enum log_level level)
{
    the_log.program = program;
    the_log.level = level;
}

static void
put(struct log_line *line, const char *text, size_t bytes)
{
    memcpy(line->text + line->length, text, bytes);
    line->length += bytes;
}

/*
 * One member; it is put in whole or not at all. Room for the closing brace and the line's end is
 * always kept.
 */
static void
put_member(struct log_line *line, const char *key, const char *value, size_t bytes)
{
    size_t key_bytes = strlen(key);
    size_t room = sizeof(line->text) - line->length - strlen(",\"\":}\n");

    if (key_bytes > room || bytes > room - key_bytes) {
        return;
    }
    if (line->length > 1) {
        put(line, ",", 1);
    }
    put(line, "\"", 1);
    put(line, key, key_bytes);
    put(line, "\":", 2);
    put(line, value, bytes);
}

void
log_begin(struct log_line *line, enum log_level level, const char *event)
{
    int64_t now_us = clock_wall_us();
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm tm;
    char time[64];
    size_t length;

    line->wanted = level <= the_log.level;
    if (!line->wanted) {
        return;
    }
    line->level = level;
    line->length = 0;
    put(line, "{", 1);
    gmtime_r(&seconds, &tm);
    length = strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(time + length, sizeof(time) - length, ".%06dZ", (int)(now_us % 1000000));
    log_str(line, "time", time);
    log_str(line, "level", level_names[level]);
    log_str(line, "program", the_log.program);
    log_str(line, "event", event);
}

/* At most so many of the bytes that no character is cut. */
static size_t
cut(const char *value, size_t bytes, size_t max)
{
    if (bytes <= max) {
        return bytes;
    }
    for (bytes = max; bytes > 0 && ((unsigned char)value[bytes] & 0xc0) == 0x80;) {
        bytes--;
    }
    return bytes;
}

void
log_strn(struct log_line *line, const char *key, const char *value, size_t bytes)
{
    struct buf text = BUF_INIT;

    if (!line->wanted) {
        return;
    }
    bytes = cut(value, bytes, LIMIT_LOG_TEXT_BYTES);
    buf_put_json_string(&text, value, bytes);
    if (text.length_bytes > LIMIT_LOG_TEXT_BYTES + strlen("\"\"")) { /* much was escaped */
        size_t most = strlen("\\u0000");

        buf_clear(&text, SIZE_MAX);
        buf_put_json_string(&text, value, cut(value, bytes, LIMIT_LOG_TEXT_BYTES / most));
    }
    put_member(line, key, text.data, text.length_bytes);
    buf_fini(&text);
}

void
log_str(struct log_line *line, const char *key, const char *value)
{
    log_strn(line, key, value, strlen(value));
}

void
log_int(struct log_line *line, const char *key, int64_t value)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%lld", (long long)value);

    if (line->wanted) {
        put_member(line, key, text, (size_t)length);
    }
}

static void
write_all(const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(STDERR_FILENO, text, bytes);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return; /* nobody to tell */
        }
        text += n;
        bytes -= (size_t)n;
    }
}

static void
flush_locked(void)
{
    write_all(the_log.held.data, the_log.held.length_bytes);
    buf_clear(&the_log.held, 2 * HELD_BYTES);
}

void
log_end(struct log_line *line)
{
    if (!line->wanted) {
        return;
    }
    line->text[line->length++] = '}';
    line->text[line->length++] = '\n';
    pthread_mutex_lock(&the_log.lock);
    if (the_log.hold) {
        buf_append(&the_log.held, line->text, line->length);
        if (line->level <= LOG_WARN || the_log.held.length_bytes >= HELD_BYTES) {
            flush_locked();
        }
    } else {
        write_all(line->text, line->length);
    }
    pthread_mutex_unlock(&the_log.lock);
}

void
log_hold(void)
{
    pthread_mutex_lock(&the_log.lock);
    the_log.hold = true;
    pthread_mutex_unlock(&the_log.lock);
}

void
log_flush(void)
{
    pthread_mutex_lock(&the_log.lock);
    if (the_log.held.length_bytes > 0) {
        flush_locked();
    }
    pthread_mutex_unlock(&the_log.lock);
}

void
log_message(enum log_level level, const char *event, const char *format, ...)
{
    struct log_line line;
    char text[1024];
    va_list args;

    log_begin(&line, level, event);
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    log_str(&line, "message", text);
    log_end(&line);
}

bool
log_level_parse(const char *text, enum log_level *level)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}
