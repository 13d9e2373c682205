#include "run.h"
#include "support/temp.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int
run(char output[static RUN_OUTPUT_BYTES], const char *format, ...)
{
    char command[8192];
    va_list args;
    size_t n;
    int status;
    FILE *pipe;

    va_start(args, format);
    n = (size_t)vsnprintf(command, sizeof command, format, args);
    va_end(args);
    cr_assert_lt(n + 8, sizeof command);
    snprintf(command + n, sizeof command - n, " 2>&1");
    pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    n = fread(output, 1, RUN_OUTPUT_BYTES - 1, pipe);
    output[n] = '\0';
    status = pclose(pipe);
    cr_assert(WIFEXITED(status), "%s: %s", command, output);
    return WEXITSTATUS(status);
}

void
run_enter(char folder[static 64])
{
    temp_template(folder, 64, "depot-contract");
    cr_assert_not_null(mkdtemp(folder));
}

void
run_leave(const char *folder)
{
    char output[RUN_OUTPUT_BYTES];

    cr_assert_eq(run(output, "rm -r %s", folder), 0);
}

char *
run_read(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text;
    long size;

    cr_assert_not_null(in, "%s", path);
    cr_assert_eq(fseek(in, 0, SEEK_END), 0);
    size = ftell(in);
    cr_assert_geq(size, 0);
    rewind(in);
    text = malloc((size_t)size + 1);
    cr_assert_not_null(text);
    cr_assert_eq(fread(text, 1, (size_t)size, in), (size_t)size);
    text[size] = '\0';
    fclose(in);
    return text;
}

void
run_write(const char *folder, const char *name, const char *content)
{
    char path[512];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    out = fopen(path, "wb");
    cr_assert_not_null(out, "%s", path);
    cr_assert_geq(fputs(content, out), 0);
    fclose(out);
}
