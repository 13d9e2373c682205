/* The second pass of loading: names become pointers. */
#ifndef DEPOT_PROTOGEN_RESOLVE_H
#define DEPOT_PROTOGEN_RESOLVE_H

#include "contract.h"

/*
 * Connects fields with their types, loads services with their methods and routes, and marks what a
 * client of HTTP can see. `set` is what the files were loaded from, in the same order.
 */
void contract_resolve(struct contract *self, const Google__Protobuf__FileDescriptorSet *set);

#endif
