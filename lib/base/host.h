/* Hosts as settings and URLs name them. */
#ifndef DEPOT_BASE_HOST_H
#define DEPOT_BASE_HOST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a host is this machine, and only it can reach it there: `localhost`, 127.0.0.0/8 or ::1,
 * in brackets or not. Names are not looked up, so that what a resolver says changes nothing.
 */
bool host_is_loopback(const char *host, size_t bytes);

#endif
