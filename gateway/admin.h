/*
 * The gateway's own paths: health, metrics, the derived OpenAPI document.
 */
#ifndef DEPOT_GATEWAY_ADMIN_H
#define DEPOT_GATEWAY_ADMIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/call.h"

struct gateway;

struct admin_path {
    const char *path, *name, *content_type;
    bool for_operators; /* served on ADMIN_PORT, if there is one */
    /*
     * Gives the content, which lives until the next request; or fails, with the call's problem.
     * NULL: the content is `content`.
     */
    enum status (*serve)(struct gateway *gateway, struct call *call, const char **content,
                         size_t *content_bytes);

    /* Of a document that is not for operators; its content lives for ever, unless it changes. */
    bool changes;
    bool is_page;               /* for people: Accept must admit text/html */
    const char *content_policy; /* Content-Security-Policy; NULL: that of what is no page */
    const char *cache_control;  /* NULL: that of all documents */
    const char *content;
    size_t content_bytes;
};

/* The names of all paths, for metrics; ends with NULL. */
extern const char *const admin_names[];

/* The path on the public or the admin port, or NULL. */
const struct admin_path *admin_find(struct gateway *gateway, bool admin_port, const char *path,
                                    size_t path_bytes);

/* The n-th path that is always there, or NULL: for a test. */
const struct admin_path *admin_known(size_t n);

#endif
