/* What `<service> call METHOD [JSON]` does. */
#ifndef DEPOT_SERVICE_COMMAND_H
#define DEPOT_SERVICE_COMMAND_H

#include <stdio.h>

#include "service/handler.h"
#include "service/insider.h"

/* The OPERATOR's method of that name (without its path), or NULL. */
const struct pb_method *command_find(const struct service *service, const char *name);

/* One line for each OPERATOR's method of the service. */
void command_list(const struct service *service, FILE *out);

/*
 * Runs the method with a request of that JSON ("-": what `in` holds; NULL: {}), prints the reply's
 * JSON to `out` or the problem to `err`; returns the exit code.
 */
int command_run(struct insider *self, const struct pb_method *method, const char *json, FILE *in,
                FILE *out, FILE *err);

#endif
