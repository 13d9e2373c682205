/*
 * One JSON object per line on standard error. Libraries return what happened; processes log it,
 * once per request where the call ends. Never pass a secret.
 *
 *     struct log_line line;
 *     log_begin(&line, LOG_INFO, "started");
 *     log_str(&line, "listen", url);
 *     log_int(&line, "workers", 4);
 *     log_end(&line);
 */
#ifndef DEPOT_BASE_LOG_H
#define DEPOT_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum { LOG_LINE_BYTES = 4096 }; /* a member that finds no room is left out, others still come */

struct log_line {
    bool wanted; /* the level is on */
    enum log_level level;
    size_t length;
    char text[LOG_LINE_BYTES];
};

/* Sets the process's name in every line and the highest level written. Call once, at start. */
void log_open(const char *program, enum log_level level);

/* Begins a line: time, level, program and event. */
void log_begin(struct log_line *line, enum log_level level, const char *event);

/* Texts are cut to LIMIT_LOG_TEXT_BYTES. */
void log_str(struct log_line *line, const char *key, const char *value);
void log_strn(struct log_line *line, const char *key, const char *value, size_t bytes);
void log_int(struct log_line *line, const char *key, int64_t value);

/* Writes the line: at once, or after log_hold with the next log_flush. Warnings and errors never
 * wait. Thread-safe. */
void log_end(struct log_line *line);

/*
 * From now on lines are kept, until log_flush, a warning, or until 32 KiB are waiting: for an
 * event loop that calls log_flush once a turn, so that many requests share one write.
 */
void log_hold(void);
void log_flush(void);

/* A whole line with one formatted member "message". */
void log_message(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "error", "warn", "info", "debug" to a level; false if it is none of them. */
bool log_level_parse(const char *text, enum log_level *level);

#endif
