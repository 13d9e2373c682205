/* Ports for servers whose address must be known before they listen. All others listen on port 0. */
#ifndef DEPOT_TESTS_SUPPORT_PORT_H
#define DEPOT_TESTS_SUPPORT_PORT_H

/* A loopback TCP port that was free a moment ago. No other test gets it before this one ends. */
int test_free_port(void);

#endif
