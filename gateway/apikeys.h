/*
 * API keys: what the authority gives for them, and what is remembered of that. Services only know
 * access tokens, so a key is exchanged for one, which serves until shortly before it expires.
 *
 * A key is remembered as a keyed hash; its text is kept only while it is asked about. Requests that
 * come with one new key wait for one exchange. A key that was refused is refused for a moment
 * without asking. All of it is bounded: the least lately used goes first.
 */
#ifndef DEPOT_GATEWAY_APIKEYS_H
#define DEPOT_GATEWAY_APIKEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "rpc/client.h"

/* What is known of a key. */
struct apikeys_answer {
    const struct reason *reason; /* NULL: it is good. Else of code UNAUTHENTICATED: it is not; or
                                    UNAVAILABLE, DEADLINE_EXCEEDED: nobody can tell now */
    const char *token; /* not NUL-terminated; lives until the next call, or the end of `done` */
    size_t token_bytes;
    uint32_t retry_after_ms; /* 0: not said */
};

/* Somebody who waits for an exchange: the caller's storage, untouched until done or cancel. */
struct apikeys_wait {
    /* Called once, from apikeys_run or while rpc clients run. May ask, drop and cancel. */
    void (*done)(struct apikeys_wait *self, const struct apikeys_answer *answer);
    int64_t deadline_us;
    const char *request_id, *client_address; /* go with the exchange; copied */

    /* Its own; `list` is NULL while nothing is waited for. */
    struct apikeys_wait **list;
    struct apikeys_wait *next, *previous;
};

/* Where exchanges go: see rpc/client.h for what happens to the request. */
struct apikeys_authority {
    void *closure;
    void (*submit)(void *closure, struct rpc_request *request);
    void (*cancel)(void *closure, struct rpc_request *request);
};

struct apikeys;

struct apikeys *apikeys_new(const struct apikeys_authority *authority);

/* Nobody may wait any more; exchanges under way are cancelled. */
void apikeys_free(struct apikeys *self);

/* Whether the answer is known without asking. `bytes` is at most CREDENTIALS_API_KEY_MAX_BYTES. */
bool apikeys_find(struct apikeys *self, const char *key, size_t bytes, int64_t now_us,
                  struct apikeys_answer *out);

/*
 * Asks, or joins those who wait for the same key already. False if too many keys are asked about at
 * this time; nothing happens then.
 */
bool apikeys_ask(struct apikeys *self, const char *key, size_t bytes, int64_t now_us,
                 struct apikeys_wait *wait) MUST_CHECK;

/* Nobody waits there any more: `done` is not called. The exchange goes on, for the next request. */
void apikeys_cancel(struct apikeys_wait *wait);

/* Forgets the key's token: it turned out to be no good. */
void apikeys_drop(struct apikeys *self, const char *key, size_t bytes);

/* Ends the waits whose deadline has passed. When that is due: apikeys_next_us. */
void apikeys_run(struct apikeys *self, int64_t now_us);
int64_t apikeys_next_us(const struct apikeys *self);

/* Keys with a token, keys refused, keys asked about at this time; exchanges in all. */
struct apikeys_counts {
    size_t n_good, n_refused, n_asked;
    uint64_t exchanges;
};
void apikeys_counts(const struct apikeys *self, struct apikeys_counts *out);

#endif
