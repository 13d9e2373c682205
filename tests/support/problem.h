/* What every failure must look like, whoever found it. */
#ifndef DEPOT_TESTS_SUPPORT_PROBLEM_H
#define DEPOT_TESTS_SUPPORT_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "support/http.h"

/*
 * Asserts that the response is problem+json of the reason with this name: with the status, code,
 * title and type that the contract says, a request id that is in the header too, and places for all
 * that is wrong; and that it leaks nothing. `what` says in a failure what was asked.
 */
void problem_expect(const struct http_response *response, const char *reason, const char *what);

/* The same of an error of the Connect protocol, whose details name the reason. */
void problem_expect_connect(const struct http_response *response, const char *reason,
                            const char *what);

/*
 * Sends raw bytes to a loopback port and takes the first answer apart; status 0 if there is none.
 * Waits up to `seconds` of silence for the end of the connection; `closed` (may be NULL) tells
 * whether it came, `rest` (may be NULL) gets what follows the first answer's body, for the caller
 * to free.
 */
void problem_ask_raw(int port, const char *bytes, size_t length, int seconds, bool *closed,
                     char **rest, struct http_response *response);

#endif
