/*
 * A port that is free now. Between this and its use another program may take it: whoever listens
 * must still be ready to be refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl.h"

int
ctl_free_port(struct ctl *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int code = 0;

    (void)self;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &bytes) != 0) {
        code = ctl_fail(EXIT_UNAVAILABLE, "cannot get a port of 127.0.0.1: %s", strerror(errno));
    } else {
        printf("%d\n", ntohs(address.sin_port));
    }
    if (fd >= 0) {
        close(fd);
    }
    return code;
}
