/*
 * What a service does by itself every so often: its methods with `every_ms`, with empty requests.
 * A thread of its own runs them; each has succeeded once before the service serves anybody.
 */
#ifndef DEPOT_SERVICE_UPKEEP_H
#define DEPOT_SERVICE_UPKEEP_H

#include "service/handler.h"
#include "service/insider.h"

struct upkeep;

struct upkeep *upkeep_new(const struct service *service, struct insider *insider);
void upkeep_free(struct upkeep *self);

/*
 * Runs each once, with retries as of the database: at most `max_retry` of them, with back-off.
 * UNAVAILABLE, naming the method and its problem; STATUS_CANCELLED when `wait` (which waits for so
 * many milliseconds) says that the process is to stop.
 */
enum status upkeep_first(struct upkeep *self, int max_retry, bool (*wait)(int ms),
                         struct error *error) MUST_CHECK;

/*
 * Starts the thread. A failure is logged once, until it is over; the next attempt comes after its
 * usual time, or a back-off that is longer.
 */
void upkeep_start(struct upkeep *self);

#endif
