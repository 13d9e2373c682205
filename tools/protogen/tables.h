/*
 * The larger tables of lib/pb/schema.h, as C. They name protobuf-c's field descriptors, which are
 * static: the file that they are written to includes protobuf-c's (emit_schema.c).
 */
#ifndef DEPOT_PROTOGEN_TABLES_H
#define DEPOT_PROTOGEN_TABLES_H

#include "base/buf.h"
#include "contract.h"

void tables_put_message(struct buf *out, const struct contract *contract,
                        const struct def_message *message);

/* With its methods. */
void tables_put_service(struct buf *out, const struct contract *contract,
                        const struct def_service *service);

#endif
