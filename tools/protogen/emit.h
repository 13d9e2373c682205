/*
 * What the contract becomes. Each function writes its files below `folder` and returns false with a
 * line on standard error when one cannot be written. The results depend on nothing but the
 * contract: the same bytes on every machine.
 */
#ifndef DEPOT_PROTOGEN_EMIT_H
#define DEPOT_PROTOGEN_EMIT_H

#include <stdbool.h>

#include "base/buf.h"
#include "contract.h"

/* <stem>.schema.h and .c of a file: the tables of lib/pb/schema.h. */
bool emit_schema(const struct contract *contract, const struct def_file *file, const char *folder);

/*
 * <stem>.handlers.h and .c of a service's files, named after the first: the types of its handlers
 * and the dispatch table. The others are contracts of the platform that the service fulfils, too.
 */
bool emit_handlers(const struct contract *contract, const struct def_file *const *files,
                   size_t n_files, const char *folder);

/*
 * <stem>.queries.h and .c of a service's files, named after the first: constants from its .sql
 * files (`paths`, which lie in the folder `queries_folder`). Refuses what queries_load and
 * queries_check (queries.h) do.
 */
bool emit_queries(const struct contract *contract, const struct def_file *const *files,
                  size_t n_files, const char *folder, const char *queries_folder,
                  char *const *paths, size_t n_paths);

/*
 * routes.c: `http_contract` of lib/http/route.h, with the OpenAPI documents and the packed
 * descriptor set in it.
 */
bool emit_routes(const struct contract *contract, const struct buf *openapi,
                 const struct buf *openapi_30, const struct buf *descriptor, const char *folder);

/* The OpenAPI document, 3.1 or 3.0.3. `version` is that of the system. */
void emit_openapi(const struct contract *contract, const char *version, bool openapi_30,
                  struct buf *out);

/*
 * The contract as a packed FileDescriptorSet with all imports, for clients: generated and dynamic
 * ones need nothing else. Comments are in it.
 */
void emit_descriptor(const struct contract *contract, struct buf *out);

/* The text of docs/errors.md. */
void emit_errors(const struct contract *contract, struct buf *out);

#endif
