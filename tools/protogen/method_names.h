/*
 * Names that a contract may not use, since what is made of them has a meaning already.
 */
#ifndef DEPOT_PROTOGEN_METHOD_NAMES_H
#define DEPOT_PROTOGEN_METHOD_NAMES_H

#include <stdbool.h>

#include "contract.h"

/* Whether a method's snake name can be no member of protobuf-c's struct of the service. */
bool name_is_taken_in_c(const char *snake);

/* caller_id and its kind: parameters of queries that the platform sets (lib/db/query.h). */
bool name_is_reserved_parameter(const char *name);

/* Whether files of the two methods have one name: get_abc, or get_then beside a second get. */
bool methods_collide(const struct def_method *a, const struct def_method *b);

#endif
