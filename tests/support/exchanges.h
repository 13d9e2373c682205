/*
 * What the tests' HTTP client has sent and received, kept for the check at the end of a run that
 * the contract's document says all of it (tests/npm/exchanges_test.mjs). Bytes that no client of
 * the contract would send go through http_raw and are not kept.
 */
#ifndef DEPOT_TESTS_SUPPORT_EXCHANGES_H
#define DEPOT_TESTS_SUPPORT_EXCHANGES_H

#include <stddef.h>

/*
 * Appends the exchange as one line of JSON to the file that the environment's TEST_EXCHANGES names;
 * nothing without that, or when there was no answer (status 0). `headers` is the answer's head as
 * it came. Many processes may append at once. Thread-safe.
 */
void exchange_keep(const char *verb, const char *url, int status, const char *headers,
                   const char *body, size_t body_bytes);

#endif
