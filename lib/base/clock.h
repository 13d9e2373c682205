/* Clocks: one that never jumps, for timeouts, and the wall's, for log lines and ids only. */
#ifndef DEPOT_BASE_CLOCK_H
#define DEPOT_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds on a monotonic clock with an arbitrary start. */
int64_t clock_us(void);

/* Microseconds since 1970-01-01T00:00:00Z, as the wall clock says. */
int64_t clock_wall_us(void);

#endif
