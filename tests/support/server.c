#include "support/server.h"
#include "support/temp.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

void
server_make(struct server *self)
{
    *self = (struct server){0};
    temp_template(self->folder, sizeof(self->folder), "depot-server");
    cr_assert_not_null(mkdtemp(self->folder));
    snprintf(self->data, sizeof(self->data), "%s/data", self->folder);
    snprintf(self->sockets, sizeof(self->sockets), "%s/sockets", self->folder);
    snprintf(self->url, sizeof(self->url), "postgresql:///depot?host=%s&user=depot", self->sockets);
    cr_assert_eq(chmod(self->folder, 0755), 0);
}

void
server_start(struct server *self, const char *const *settings)
{
    const char *argv[32] = {"/bin/bash", DEPOT_SOURCE_FOLDER "/tests/support/server.sh", self->data,
                            self->sockets};
    size_t n = 4;

    for (size_t i = 0; settings != NULL && settings[i] != NULL; i++) {
        argv[n++] = "-c";
        argv[n++] = settings[i];
        cr_assert_lt(n, 30);
    }
    process_start(&self->process, argv, NULL);
    if (!process_wait_log(&self->process, "ready to accept connections", 120)) {
        char *log = process_log(&self->process);

        cr_assert_fail("PostgreSQL does not start: %s", log);
    }
}

void
server_kill(struct server *self)
{
    process_stop(&self->process);
}

void
server_remove(struct server *self)
{
    char command[128];

    if (self->process.pid > 0) {
        process_signal(&self->process, SIGINT);
        process_wait(&self->process, 30);
        process_stop(&self->process);
    }
    snprintf(command, sizeof(command), "rm -rf %s", self->folder);
    cr_assert_eq(system(command), 0);
}
