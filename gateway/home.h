/* The page at `/`: what this is, and lines that book a car. For people; nothing in it runs. */
#ifndef DEPOT_GATEWAY_HOME_H
#define DEPOT_GATEWAY_HOME_H

#include <stdbool.h>

#include "base/buf.h"

/* The page's Content-Security-Policy: nothing is loaded, and the one style is known by its hash. */
extern const char home_policy[];

struct home {
    const char *base_url; /* where clients reach the gateway */
    bool docs;            /* there is /docs, too */
    bool login;           /* nobody books without */
};

/* Appends the page. */
void home_write(struct buf *out, const struct home *home);

#endif
