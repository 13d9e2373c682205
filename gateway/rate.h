/*
 * How much a client may ask for: a token bucket each. A bucket holds what may be asked for at once,
 * and fills evenly; a bucket that is full is forgotten, so memory is for those who are busy.
 *
 * All of it is whole numbers: the fifth of five is served, the sixth is not.
 */
#ifndef DEPOT_GATEWAY_RATE_H
#define DEPOT_GATEWAY_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "base/status.h"

struct rate_policy {
    uint32_t requests; /* 0: everything is served */
    uint32_t seconds;
};

/* Who asks. */
struct rate_client {
    unsigned char bytes[17];
};

struct rate_verdict {
    bool refused;
    uint32_t remaining;      /* whole requests that would be served now */
    uint32_t reset_s;        /* until the bucket is full, rounded up */
    uint32_t retry_after_ms; /* until what was refused would be served */
};

/* Reads `100/60` (requests/seconds) or `off`. INVALID_ARGUMENT: `error` names `setting`. */
enum status rate_policy_parse(const char *setting, const char *text, struct rate_policy *out,
                              struct error *error) MUST_CHECK;

/* The client with this name; if it is "", the one at this address (IPv6: in its /64 network). */
struct rate_client rate_client_of(const char *principal, const struct address *address);

struct rate_limiter;

/* The policy must have requests. */
struct rate_limiter *rate_limiter_new(struct rate_policy policy);
void rate_limiter_free(struct rate_limiter *self);

/*
 * Takes `cost` from the client's bucket, or refuses and takes nothing. What costs more than a
 * bucket holds costs a full one. `now_us` never runs backwards.
 */
struct rate_verdict rate_limiter_take(struct rate_limiter *self, const struct rate_client *client,
                                      uint32_t cost, int64_t now_us);

/* Clients that are remembered now. */
size_t rate_limiter_clients(const struct rate_limiter *self);

#endif
