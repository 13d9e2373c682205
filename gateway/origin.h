/*
 * Which web sites' scripts may read answers (CORS, the Fetch standard): an allow list, empty unless
 * configured. Credentials are never allowed: a call is known by its own header fields, not by
 * cookies, so that `*` is safe where everything is public.
 */
#ifndef DEPOT_GATEWAY_ORIGIN_H
#define DEPOT_GATEWAY_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/status.h"
#include "http/message.h"

struct origins {
    bool any;
    struct {
        const char *text; /* a part of the setting */
        size_t bytes;
    } list[LIMIT_CORS_ORIGINS];
    size_t n;
};

/*
 * Reads a list such as `https://app.example.org, http://localhost:3000`, or `*`; NULL or "" is an
 * empty one. The text must live as long. INVALID_ARGUMENT: `error` names `setting` and the part
 * that is wrong.
 */
enum status origins_parse(const char *setting, const char *text, struct origins *out,
                          struct error *error) MUST_CHECK;

/* Whether answers differ from origin to origin. */
bool origins_vary(const struct origins *self);

/*
 * Appends the fields that let the script read the answer; nothing if the request has no origin, or
 * one that is not allowed. An OPTIONS request that asks for leave gets it for `allow`.
 */
void origins_write(const struct origins *self, const struct http_message *message,
                   const char *allow, struct buf *fields);

#endif
