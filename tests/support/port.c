#include "support/port.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/assert.h"

/*
 * Below those that the system gives to connections, from 32768 on (one of these would take it any
 * moment), and below those that free_port of deploy/common.sh chooses from, from 16384 on: what a
 * test of the scripts starts is not asked.
 */
enum { LOWEST = 12000, HIGHEST = 16383 };

static bool
is_free(int fd, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)port)};

    return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

/*
 * Until the test ends nobody else who asks here gets the port, though nothing listens on it yet:
 * its name is taken among the sockets that have no file.
 */
static bool
reserve(int port)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int length = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "depot-test-port-%d", port);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ASSERT(fd >= 0);
    if (bind(fd, (struct sockaddr *)&name,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) != 0) {
        close(fd);
        return false;
    }
    return true;
}

int
test_free_port(void)
{
    for (;;) {
        int port = LOWEST + (int)randombytes_uniform(HIGHEST - LOWEST + 1);
        int fd;
        bool found;

        if (!reserve(port)) {
            continue;
        }
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ASSERT(fd >= 0);
        found = is_free(fd, port);
        close(fd);
        if (found) {
            return port;
        }
    }
}
