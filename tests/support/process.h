/* Child processes of a test: started with an environment of their own, watched through their log.
 */
#ifndef DEPOT_TESTS_SUPPORT_PROCESS_H
#define DEPOT_TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t pid; /* 0: not running */
    char log_path[256];
};

/*
 * Starts `argv` (NULL-terminated; argv[0] is the program's path) with the test's environment plus
 * `environment` ("NAME=value", NULL-terminated). Its standard output and error go to a log file.
 * The child dies with the test.
 */
void process_start(struct process *self, const char *const *argv, const char *const *environment);

void process_signal(const struct process *self, int signal);

/* Waits up to `seconds` for the end; returns the exit code, 128 + n after signal n, -1 if it runs
 * on. */
int process_wait(struct process *self, int seconds);

/* Kills it if it still runs. */
void process_stop(struct process *self);

/* Waits up to `seconds` until the log holds `text`; false if it does not or the process ended
 * before. */
bool process_wait_log(struct process *self, const char *text, int seconds);

/* The value of a string member in the first log line that holds `text`; false if there is none. */
bool process_log_value(const struct process *self, const char *text, const char *member,
                       char *value, size_t value_bytes);

/* The whole log; the caller frees it. */
char *process_log(const struct process *self);

/* Calls `ready` every 20 ms until it is true; false after `seconds`. */
bool wait_until(bool (*ready)(void *closure), void *closure, int seconds);

/* The path of a built program: test_program("gateway/gateway") below the build folder. */
const char *test_program(const char *relative, char *path, size_t path_bytes);

#endif
