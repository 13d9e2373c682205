#include "support/capture.h"
#include "support/temp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
capture_begin(struct capture *self)
{
    char path[64];

    temp_template(path, sizeof(path), "depot-capture");
    self->file = mkstemp(path);
    cr_assert_geq(self->file, 0);
    unlink(path);
    self->standard_error = dup(STDERR_FILENO);
    cr_assert_geq(dup2(self->file, STDERR_FILENO), 0);
}

char *
capture_text(const struct capture *self)
{
    struct stat info;
    char *text;
    ssize_t n;

    cr_assert_eq(fstat(self->file, &info), 0);
    text = calloc(1, (size_t)info.st_size + 1);
    cr_assert_not_null(text);
    n = pread(self->file, text, (size_t)info.st_size, 0);
    cr_assert_eq(n, info.st_size);
    return text;
}

char *
capture_end(struct capture *self)
{
    char *text;

    dup2(self->standard_error, STDERR_FILENO);
    close(self->standard_error);
    text = capture_text(self);
    close(self->file);
    return text;
}

size_t
count_lines(const char *text, const char *part)
{
    size_t n = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        n += memmem(text, length, part, strlen(part)) != NULL;
        text += length + (text[length] == '\n');
    }
    return n;
}
