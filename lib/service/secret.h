/*
 * What is derived from the service's SECRET_KEY (32 bytes, as 64 hexadecimal digits; also
 * SECRET_KEY_FILE). One key for each purpose, so that what leaks of one says nothing of another.
 */
#ifndef DEPOT_SERVICE_SECRET_H
#define DEPOT_SERVICE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_BYTES = 32 };

/*
 * The key for a purpose ("refresh", "fingerprint"): the same in every replica and after every
 * start with the same SECRET_KEY. Without a SECRET_KEY it is random, and the process's own. After
 * the settings were loaded; any thread.
 */
void service_secret(const char *purpose, unsigned char key[static SECRET_BYTES]);

#endif
