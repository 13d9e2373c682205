/* Servers in processes of their own, to be killed and stopped. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "support/temp.h"

static volatile sig_atomic_t told_to_end;

static void
on_term(int signal_number)
{
    (void)signal_number;
    told_to_end = 1;
}

/*
 * Before Criterion's main, in a process that child_start made: this program again, with what to do
 * in its environment. A fork alone would not do: nng cannot be used after one.
 */
__attribute__((constructor)) static void
be_child(void)
{
    const char *url = getenv("RPC_TEST_URL");
    struct service service = {.log_fd = -1};
    struct rpc_server_options options;
    struct rpc_server *server;
    struct error error;

    if (url == NULL) {
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, on_term);
    service.hold = getenv("RPC_TEST_HOLD");
    service.log_fd = open(getenv("RPC_TEST_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    options = server_options(&service, (unsigned)atoi(getenv("RPC_TEST_WORKERS")), url);
    if (rpc_server_open(&options, &server, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        _exit(1);
    }
    printf("%s\n", rpc_server_url(server));
    fflush(stdout);
    while (!told_to_end) {
        pause_ms(10);
    }
    rpc_server_close(server, 5000);
    _exit(0);
}

static void
read_line(int fd, char *line, size_t max)
{
    size_t n = 0;

    while (n + 1 < max && read(fd, &line[n], 1) == 1 && line[n] != '\n') {
        n++;
    }
    line[n] = '\0';
}

void
child_start(struct child *self, unsigned workers)
{
    char url[80], log[80], hold[96], number[32];
    char *options = getenv("ASAN_OPTIONS");
    char asan[256];
    char *environment[] = {url, log, hold, number, asan, NULL};
    char *arguments[] = {"server", NULL};
    posix_spawn_file_actions_t actions;
    int out[2];

    if (self->url[0] == '\0') {
        strcpy(self->url, "tcp://127.0.0.1:0");
        temp_template(self->log, sizeof(self->log), "rpc-test");
        close(mkstemp(self->log));
        snprintf(self->held, sizeof(self->held), "%s.held", self->log);
    }
    snprintf(url, sizeof(url), "RPC_TEST_URL=%s", self->url);
    snprintf(log, sizeof(log), "RPC_TEST_LOG=%s", self->log);
    snprintf(hold, sizeof(hold), "RPC_TEST_HOLD=%s", self->held);
    snprintf(number, sizeof(number), "RPC_TEST_WORKERS=%u", workers);
    snprintf(asan, sizeof(asan), "ASAN_OPTIONS=%s", options == NULL ? "" : options);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    cr_assert_eq(posix_spawn(&self->pid, "/proc/self/exe", &actions, NULL, arguments, environment),
                 0);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    read_line(out[0], self->url, sizeof(self->url));
    close(out[0]);
    cr_assert_eq(strncmp(self->url, "tcp://127.0.0.1:", 16), 0, "the server did not start");
}

void
child_end(struct child *self, int signal_number)
{
    kill(self->pid, signal_number);
    waitpid(self->pid, NULL, 0);
    self->pid = 0;
}

void
child_hold(const struct child *self)
{
    int fd = open(self->held, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    cr_assert_geq(fd, 0);
    close(fd);
}

void
child_release(const struct child *self)
{
    unlink(self->held);
}

void
child_remove(struct child *self)
{
    if (self->pid != 0) {
        child_end(self, SIGKILL);
    }
    unlink(self->held);
    unlink(self->log);
}

unsigned
child_count(const struct child *self, const char *request_id)
{
    FILE *file = fopen(self->log, "r");
    char line[128];
    unsigned n = 0;

    cr_assert_not_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        n += strcmp(line, request_id) == 0;
    }
    fclose(file);
    return n;
}
