/* The parts of the OpenAPI document: schemas of messages, examples, and answers. */
#ifndef DEPOT_PROTOGEN_OPENAPI_H
#define DEPOT_PROTOGEN_OPENAPI_H

#include "contract.h"
#include "doc.h"

/* The name of a message among the document's schemas: Allocation; the full name if two packages
 * have one of the same name. */
const char *openapi_schema_name(const struct contract *contract, const struct def_message *message);

/* The members of the schema of a field's value into an open object. */
void openapi_field(struct doc *doc, const struct contract *contract, const struct def_field *field);

/* The members of the schema of a whole request as a body, without what comes from the path. */
void openapi_request(struct doc *doc, const struct contract *contract,
                     const struct def_route *route);

/* components/schemas: every message that a request's body or an answer can hold, and those of
 * problems. */
void openapi_schemas(struct doc *doc, const struct contract *contract);

/* An example of the message as a request body that the codec takes. If the message is the request
 * itself, `route` says what comes from the path; else it is NULL. */
void openapi_example(struct doc *doc, const char *key, const struct def_message *message,
                     const struct def_route *route);

/* The responses of a method: success, then each status of failure with its reasons. */
void openapi_responses(struct doc *doc, const struct contract *contract,
                       const struct def_method *method);

/* The message that says more about a reason: AllocationOverlap about ALLOCATION_OVERLAP of the
 * same package; NULL if there is none. */
const struct def_message *openapi_detail(const struct contract *contract,
                                         const struct def_reason *reason);

/* The schemas Problem and Violation. */
void openapi_problem_schemas(struct doc *doc);

/* The problem+json content of a response, whose reasons are among `names` (ends with NULL). */
void openapi_problem(struct doc *doc, const struct contract *contract, const char *const *names);

#endif
