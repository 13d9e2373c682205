#include "base/host.h"

#include <arpa/inet.h>
#include <string.h>

bool
host_is_loopback(const char *host, size_t bytes)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    struct in_addr v4;

    if (bytes >= 2 && host[0] == '[' && host[bytes - 1] == ']') {
        host++;
        bytes -= 2;
    }
    if (bytes >= sizeof(address)) {
        return false;
    }
    memcpy(address, host, bytes);
    address[bytes] = '\0';
    if (strcmp(address, "localhost") == 0) {
        return true;
    }
    if (inet_pton(AF_INET, address, &v4) == 1) {
        return (ntohl(v4.s_addr) >> 24) == 127;
    }
    return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
