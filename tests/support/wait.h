/* Waiting for what another thread or process does. */
#ifndef DEPOT_TESTS_SUPPORT_WAIT_H
#define DEPOT_TESTS_SUPPORT_WAIT_H

#include <stdbool.h>

/* Asks until it is so, for a minute at most; false if it never was. */
bool test_wait(bool (*is_so)(void *closure), void *closure);

#endif
