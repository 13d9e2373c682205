/* What a process writes to its standard error: its log. */
#ifndef DEPOT_TESTS_SUPPORT_CAPTURE_H
#define DEPOT_TESTS_SUPPORT_CAPTURE_H

#include <stddef.h>

struct capture {
    int file, standard_error;
};

/* From now on standard error goes to a file. One at a time. */
void capture_begin(struct capture *self);

/* What has been written so far; the caller frees it. */
char *capture_text(const struct capture *self);

/* Gives standard error back, and what was written; the caller frees it. */
char *capture_end(struct capture *self);

/* How many lines of a text hold `part`. */
size_t count_lines(const char *text, const char *part);

#endif
