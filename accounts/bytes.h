/* Bytes as the texts that parameters and columns of queries are. */
#ifndef DEPOT_ACCOUNTS_BYTES_H
#define DEPOT_ACCOUNTS_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* As a parameter `:'name'::bytea`: \x and hexadecimal digits. NULL: the arena is at its cap. */
const char *bytes_param(struct arena *arena, const unsigned char *data, size_t bytes);

/* Back from a column `encode(name, 'hex')`; false if it is not exactly so many. */
bool bytes_read(const char *hex, unsigned char *data, size_t bytes);

#endif
