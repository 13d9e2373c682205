/* The page at `/`: what this is, and lines that book a car. For people; nothing in it runs. */
#ifndef DEPOT_GATEWAY_HOME_H
#define DEPOT_GATEWAY_HOME_H

#include <stdbool.h>

#include "base/buf.h"

/* The page's Content-Security-Policy: nothing is loaded, and the one style is known by its hash. */
extern const char home_policy[];

/* Appends the page for clients that reach the gateway at `base_url`; `docs`: there is /docs, too.
 */
void home_write(struct buf *out, const char *base_url, bool docs);

#endif
