#include "support/cut_proxy.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/assert.h"
#include "support/temp.h"

static int
unix_socket(const char *path, struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ASSERT(fd >= 0 && strlen(path) < sizeof(address->sun_path));
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, strlen(path));
    return fd;
}

static void
accept_link(struct cut_proxy *self)
{
    struct sockaddr_un address;
    int client = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = unix_socket(self->upstream, &address);

    ASSERT(client >= 0 && self->n_links < CUT_PROXY_LINKS);
    if (connect(server, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(client);
        close(server);
        return;
    }
    self->links[self->n_links].client = client;
    self->links[self->n_links].server = server;
    self->links[self->n_links++].cut = false;
}

static void
close_link(struct cut_proxy *self, int i)
{
    close(self->links[i].client);
    close(self->links[i].server);
    self->links[i].client = self->links[i].server = -1;
}

static void
send_all(int fd, const char *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = send(fd, data, bytes, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }
        data += n;
        bytes -= (size_t)n;
    }
}

/* Passes on what one side has said; false at its end. */
static bool
pass(struct cut_proxy *self, int i, bool from_client)
{
    const char *word = atomic_load(&self->word);
    int from = from_client ? self->links[i].client : self->links[i].server;
    int to = from_client ? self->links[i].server : self->links[i].client;
    char data[65536];
    ssize_t n = recv(from, data, sizeof(data), 0);

    if (n <= 0) {
        return false;
    }
    if (from_client && word != NULL && !self->links[i].cut &&
        memmem(data, (size_t)n, word, strlen(word)) != NULL) {
        self->links[i].cut = true;
        atomic_fetch_add(&self->n_cut, 1);
    }
    if (from_client || !self->links[i].cut) {
        send_all(to, data, (size_t)n);
    }
    return true;
}

static void
turn(struct cut_proxy *self)
{
    struct pollfd fds[2 * CUT_PROXY_LINKS + 1] = {{.fd = self->listener, .events = POLLIN}};
    int n_links = self->n_links;

    for (int i = 0; i < n_links; i++) {
        fds[1 + 2 * i] = (struct pollfd){.fd = self->links[i].client, .events = POLLIN};
        fds[2 + 2 * i] = (struct pollfd){.fd = self->links[i].server, .events = POLLIN};
    }
    if (poll(fds, (nfds_t)(2 * n_links + 1), 20) <= 0) {
        return;
    }
    for (int i = 0; i < n_links; i++) {
        if ((fds[1 + 2 * i].revents != 0 && !pass(self, i, true)) ||
            (fds[2 + 2 * i].revents != 0 && !pass(self, i, false))) {
            close_link(self, i);
        }
    }
    if (fds[0].revents != 0) {
        accept_link(self);
    }
}

static void *
run(void *arg)
{
    struct cut_proxy *self = arg;

    while (!atomic_load(&self->stop)) {
        turn(self);
        if (atomic_load(&self->n_cut) < 0) {
            for (int i = 0; i < self->n_links; i++) {
                if (self->links[i].cut && self->links[i].client >= 0) {
                    close_link(self, i);
                }
            }
            atomic_store(&self->n_cut, 0);
        }
    }
    return NULL;
}

void
cut_proxy_start(struct cut_proxy *self, const struct test_database *database)
{
    const char *port = strstr(database->url, "&port=");
    struct sockaddr_un address;
    char path[128];

    *self = (struct cut_proxy){0};
    temp_template(self->folder, sizeof(self->folder), "depot-cut");
    ASSERT(port != NULL && mkdtemp(self->folder) != NULL);
    snprintf(self->upstream, sizeof(self->upstream), "%s/.s.PGSQL.%s", test_cluster_host(),
             port + strlen("&port="));
    snprintf(self->url, sizeof(self->url), "postgresql://%s@/%s?host=%s&port=5432",
             test_cluster_user(), database->name, self->folder);
    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", self->folder);
    self->listener = unix_socket(path, &address);
    ASSERT(bind(self->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
           listen(self->listener, 16) == 0);
    ASSERT(pthread_create(&self->thread, NULL, run, self) == 0);
}

void
cut_proxy_at(struct cut_proxy *self, const char *word)
{
    atomic_store(&self->word, word);
}

/* The thread owns the links: it is told by a negative number, and answers with 0. */
void
cut_proxy_close_cut(struct cut_proxy *self)
{
    atomic_store(&self->n_cut, -1);
    while (atomic_load(&self->n_cut) < 0) {
        usleep(1000);
    }
}

void
cut_proxy_stop(struct cut_proxy *self)
{
    char path[128];

    atomic_store(&self->stop, true);
    pthread_join(self->thread, NULL);
    for (int i = 0; i < self->n_links; i++) {
        if (self->links[i].client >= 0) {
            close_link(self, i);
        }
    }
    close(self->listener);
    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", self->folder);
    unlink(path);
    rmdir(self->folder);
}
