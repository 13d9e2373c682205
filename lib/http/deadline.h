/*
 * How long a client will wait, in whichever way its protocol says it: Request-Timeout (seconds),
 * Connect-Timeout-Ms (the Connect protocol), Grpc-Timeout (gRPC and gRPC-Web).
 */
#ifndef DEPOT_HTTP_DEADLINE_H
#define DEPOT_HTTP_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/message.h"

/*
 * The shortest time that any of the fields gives, in milliseconds; INT32_MAX if none is there.
 * Returns NULL, or the name of a field that stands twice or has not its form.
 */
const char *http_deadline_read(const struct http_message *message, int32_t *out_ms);

/* Reads up to ten digits; more than a day is a day. False if it is not that. */
bool http_connect_timeout_parse(const char *text, size_t bytes, int32_t *out_ms);

/*
 * Reads up to eight digits and a unit (H, M, S, m, u, n); parts of milliseconds count as whole
 * ones, more than a day is a day. False if it is not that.
 */
bool http_grpc_timeout_parse(const char *text, size_t bytes, int32_t *out_ms);

#endif
