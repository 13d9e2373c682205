#include "support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "support/temp.h"

static void
run_child(const char *const *argv, const char *const *environment, int log)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        putenv((char *)environment[i]);
    }
    execv(argv[0], (char *const *)argv);
    fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

void
process_start(struct process *self, const char *const *argv, const char *const *environment)
{
    int log;

    temp_template(self->log_path, sizeof(self->log_path), "depot-test");
    log = mkostemp(self->log_path, O_CLOEXEC | O_APPEND);
    ASSERT(log >= 0);
    self->pid = fork();
    ASSERT(self->pid >= 0);
    if (self->pid == 0) {
        run_child(argv, environment, log);
    }
    close(log);
}

void
process_signal(const struct process *self, int signal)
{
    ASSERT(self->pid > 0);
    kill(self->pid, signal);
}

int
process_wait(struct process *self, int seconds)
{
    int64_t end_us = clock_us() + (int64_t)seconds * 1000000;
    int status;

    ASSERT(self->pid > 0);
    while (waitpid(self->pid, &status, WNOHANG) == 0) {
        if (clock_us() > end_us) {
            return -1;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    self->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
process_stop(struct process *self)
{
    if (self->pid > 0) {
        kill(self->pid, SIGKILL);
        kill(self->pid, SIGCONT);
        waitpid(self->pid, NULL, 0);
        self->pid = 0;
    }
    if (self->log_path[0] != '\0') {
        unlink(self->log_path);
        self->log_path[0] = '\0';
    }
}

char *
process_log(const struct process *self)
{
    FILE *file = fopen(self->log_path, "re");
    char *text = NULL;
    size_t length = 0;

    ASSERT(file != NULL);
    for (size_t n = 1; n != 0; length += n) {
        text = realloc(text, length + 65537);
        ASSERT(text != NULL);
        n = fread(text + length, 1, 65536, file);
    }
    fclose(file);
    text[length] = '\0';
    return text;
}

static bool
log_has(const struct process *self, const char *text)
{
    char *log = process_log(self);
    bool found = strstr(log, text) != NULL;

    free(log);
    return found;
}

bool
process_wait_log(struct process *self, const char *text, int seconds)
{
    int64_t end_us = clock_us() + (int64_t)seconds * 1000000;

    while (!log_has(self, text)) {
        if (clock_us() > end_us || (self->pid > 0 && process_wait(self, 0) != -1)) {
            return log_has(self, text);
        }
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

bool
process_log_value(const struct process *self, const char *text, const char *member, char *value,
                  size_t value_bytes)
{
    char *log = process_log(self);
    bool found = false;
    char *rest = log;
    char *line;

    while (!found && (line = strsep(&rest, "\n")) != NULL) {
        json_t *object = strstr(line, text) == NULL ? NULL : json_loads(line, 0, NULL);
        const char *string = json_string_value(json_object_get(object, member));

        if (string != NULL) {
            snprintf(value, value_bytes, "%s", string);
            found = true;
        }
        json_decref(object);
    }
    free(log);
    return found;
}

bool
wait_until(bool (*ready)(void *closure), void *closure, int seconds)
{
    int64_t end_us = clock_us() + (int64_t)seconds * 1000000;

    while (!ready(closure)) {
        if (clock_us() > end_us) {
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

const char *
test_program(const char *relative, char *path, size_t path_bytes)
{
    const char *build = getenv("DEPOT_BUILD");

    snprintf(path, path_bytes, "%s/%s", build != NULL ? build : DEPOT_BUILD_FOLDER, relative);
    return path;
}
