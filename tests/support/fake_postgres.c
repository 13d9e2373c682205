#include "support/fake_postgres.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The client's first message is read before the answer, or closing would reset the connection. */
static void
serve(struct fake_postgres *self, int fd)
{
    char startup[4096];
    const char *answer = self->answer;
    size_t sent = 0;

    if (recv(fd, startup, sizeof(startup), 0) <= 0) {
        return;
    }
    while (answer != NULL && sent < self->answer_bytes) {
        ssize_t n = send(fd, answer + sent, self->answer_bytes - sent, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }
        sent += (size_t)n;
    }
    if (answer == NULL) {
        (void)recv(fd, startup, sizeof(startup), 0); /* until the client has gone */
    }
}

static void *
run(void *arg)
{
    struct fake_postgres *self = arg;
    int fd;

    while ((fd = accept(self->listener, NULL, NULL)) >= 0) {
        atomic_fetch_add(&self->clients, 1);
        serve(self, fd);
        close(fd);
    }
    return NULL;
}

void
fake_postgres_start(struct fake_postgres *self, const void *answer, size_t answer_bytes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    *self = (struct fake_postgres){.answer = answer, .answer_bytes = answer_bytes};
    self->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(self->listener, 0);
    cr_assert_eq(bind(self->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(self->listener, 16), 0);
    cr_assert_eq(getsockname(self->listener, (struct sockaddr *)&address, &length), 0);
    self->port = ntohs(address.sin_port);
    cr_assert_eq(pthread_create(&self->thread, NULL, run, self), 0);
}

void
fake_postgres_stop(struct fake_postgres *self)
{
    shutdown(self->listener, SHUT_RDWR);
    pthread_join(self->thread, NULL);
    close(self->listener);
}

static size_t
put_field(char *out, char type, const char *text)
{
    *out = type;
    strcpy(out + 1, text);
    return strlen(text) + 2;
}

size_t
fake_postgres_error(const char *severity, const char *sqlstate, const char *message, char *out,
                    size_t out_bytes)
{
    size_t n = 5;
    uint32_t length;

    cr_assert_lt(strlen(severity) + strlen(sqlstate) + strlen(message) + 32, out_bytes);
    n += put_field(out + n, 'S', severity);
    n += put_field(out + n, 'V', "FATAL");
    n += put_field(out + n, 'C', sqlstate);
    n += put_field(out + n, 'M', message);
    out[n++] = '\0';
    out[0] = 'E';
    length = htonl((uint32_t)n - 1);
    memcpy(out + 1, &length, sizeof(length));
    return n;
}

void
fake_postgres_url(const struct fake_postgres *self, char *url, size_t url_bytes)
{
    snprintf(url, url_bytes,
             "postgresql://fake:hunter2@127.0.0.1:%d/fake?sslmode=disable&gssencmode=disable",
             self->port);
}
