/* Paths for tests that go through all routes of the contract. */
#ifndef DEPOT_TESTS_SUPPORT_ANY_PATH_H
#define DEPOT_TESTS_SUPPORT_ANY_PATH_H

#include "http/route.h"

enum { ANY_PATH_BYTES = 256 };

/* The route's pattern, with ids that nothing has in place of its variables. */
void any_path(const struct http_route *route, char path[static ANY_PATH_BYTES]);

#endif
