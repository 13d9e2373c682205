/*
 * What is derived from the service's SECRET_KEY (32 bytes, as 64 hexadecimal digits; also
 * SECRET_KEY_FILE). One key for each purpose, so that what leaks of one says nothing of another.
 */
#ifndef DEPOT_SERVICE_SECRET_H
#define DEPOT_SERVICE_SECRET_H

#include "base/status.h"

enum { SECRET_BYTES = 32 };

/*
 * The key for a purpose ("refresh", "fingerprint"): the same in every replica and after every
 * start with the same SECRET_KEY. Without a SECRET_KEY it is random, and the process's own. After
 * the settings were loaded; any thread.
 */
void service_secret(const char *purpose, unsigned char key[static SECRET_BYTES]);

/*
 * The key for fingerprints of requests: service_secret("fingerprint"). Without a SECRET_KEY all
 * zero, since a repeat after a restart must be known again: then a fingerprint in the database can
 * be held against guesses of the request. Any thread.
 */
const unsigned char *service_fingerprint_key(void);

/*
 * Sets the SECRET_KEY; NULL: there is none. INVALID_ARGUMENT when it is not 64 hexadecimal digits.
 * Once, before any of the above, and before there are threads.
 */
enum status service_secret_open(const char *text, struct error *error) MUST_CHECK;

#endif
