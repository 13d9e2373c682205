/*
 * The parts of the OpenAPI documents: schemas of messages, examples, header fields, operations and
 * answers. All of it is written for 3.1, or, if `doc->openapi_30` says so, for 3.0.3, whose schemas
 * are those of an older JSON Schema: one type only, `nullable`, nothing beside `$ref`.
 */
#ifndef DEPOT_PROTOGEN_OPENAPI_H
#define DEPOT_PROTOGEN_OPENAPI_H

#include "contract.h"
#include "doc.h"

/* Who writes a message: what it must and may hold differs. */
enum openapi_form {
    FORM_ANSWER, /* the service: every member is there but for unset messages */
    FORM_INPUT,  /* a client, to make something: nothing that the service sets, nothing unknown */
    FORM_PATCH,  /* a client, to change something: what is absent stays, `null` is the default */
    FORMS
};

/* All routes in the order of the contract. */
struct openapi_routes {
    const struct def_route **list;
    size_t n;
};

/* --- schemas --- */

/* The name of a message's schema: Allocation, AllocationInput, AllocationPatch; with the package in
 * front if two packages have one of the same name. */
const char *openapi_schema_name(const struct contract *contract, const struct def_message *message,
                                enum openapi_form form);

/* {"schema": {"$ref": ...}} of a message, into an open object. */
void openapi_schema_ref(struct doc *doc, const struct contract *contract,
                        const struct def_message *message, enum openapi_form form);

/* The members of the schema of a field's value into an open object, with a description. */
void openapi_field(struct doc *doc, const struct contract *contract, const struct def_field *field,
                   enum openapi_form form);

/* The description of a query or path parameter: its comment, and what a list goes by. */
void openapi_put_parameter_text(struct doc *doc, const struct def_method *method,
                                const struct def_field *field);

/* The same for a parameter, which is never `null` and has its description elsewhere. */
void openapi_parameter_schema(struct doc *doc, const struct contract *contract,
                              const struct def_field *field);

/* The members of the schema of a whole request as a body, without what comes from the path. */
void openapi_request(struct doc *doc, const struct contract *contract,
                     const struct def_route *route);

/* components/schemas: every message that a request's body or an answer can hold, and those of
 * problems. */
void openapi_schemas(struct doc *doc, const struct contract *contract);

/* What the body of the route is written for. */
enum openapi_form openapi_body_form(const struct def_route *route);

/* --- examples --- */

/* An example of the message. If the message is the request itself, `route` says what comes from the
 * path; else it is NULL. */
void openapi_example(struct doc *doc, const char *key, const struct def_message *message,
                     enum openapi_form form, const struct def_route *route);

/* The member of one field of an answer, if answers have it, into an open object. */
void openapi_example_member(struct doc *doc, const struct def_message *message,
                            const struct def_field *field);

/* An example of a parameter's value. */
void openapi_example_value(struct doc *doc, const char *key, const struct def_message *request,
                           const struct def_field *field);

/* --- problems --- */

/* The message that says more about a reason: AllocationOverlap about ALLOCATION_OVERLAP of the
 * same package; NULL if there is none. */
const struct def_message *openapi_detail(const struct contract *contract,
                                         const struct def_reason *reason);

/* The schemas Problem and Violation. */
void openapi_problem_schemas(struct doc *doc);

/* components/examples: a problem document for each reason that HTTP clients can see. */
void openapi_problem_examples(struct doc *doc, const struct contract *contract);

/* Whether an operation of the document, or the gateway itself, can give the reason. */
bool openapi_uses_reason(const struct contract *contract, const struct def_reason *reason);

/* One answer that is a problem with one of the reasons (of one status, at least one). `method` is
 * NULL for the gateway itself. */
void openapi_problem(struct doc *doc, const struct contract *contract,
                     const struct def_method *method, uint32_t status,
                     const struct def_reason *const *reasons, size_t n);

/* "404" */
const char *openapi_status_key(struct arena *arena, uint32_t status);

/* --- header fields and parameters --- */

/* components/headers, and those of components/parameters that a route has. */
void openapi_headers(struct doc *doc);
void openapi_header_parameters(struct doc *doc, const struct openapi_routes *routes);

/* The `headers` of an answer with this status to the method, or (NULL) of the gateway itself. */
void openapi_answer_headers(struct doc *doc, const struct def_method *method, int status);

/* The `headers` of what a path of the gateway itself serves; a document has a version. */
void openapi_own_headers(struct doc *doc, bool document);

/* A reference to the parameter `If-None-Match`, into an open array. */
void openapi_put_if_none_match(struct doc *doc);

/* References to the parameters that are header fields or `validateOnly`, into an open array. */
void openapi_put_header_parameters(struct doc *doc, const struct def_method *method);

/* --- who may call --- */

/* components/securitySchemes. */
void openapi_security_schemes(struct doc *doc);

/* The `security` of an operation; `method` is NULL for the gateway itself, which asks for nobody.
 */
void openapi_put_security(struct doc *doc, const struct def_method *method);

/* The `description`: the method's comment, and who may call it. */
void openapi_put_description(struct doc *doc, struct arena *arena, const struct def_method *method);

/* --- operations --- */

/* What operations of a service are filed under: its short name, or its own if two have the same. */
const char *openapi_tag(const struct openapi_routes *routes, const struct def_service *service);

/* The responses of a method: success, then each status of failure with its reasons. */
void openapi_responses(struct doc *doc, const struct contract *contract,
                       const struct openapi_routes *routes, const struct def_method *method);

/* The `links` from what a method has made to the operations on it. */
void openapi_links(struct doc *doc, const struct contract *contract,
                   const struct openapi_routes *routes, const struct def_method *method);

/* The operationId of a route, which no other has. */
const char *openapi_operation_id(struct arena *arena, const struct openapi_routes *routes,
                                 const struct def_route *route);

/* One entry per path, with all its verbs. */
void openapi_paths(struct doc *doc, const struct contract *contract,
                   const struct openapi_routes *routes);

/* The paths of the gateway itself; whether one of them can give the reason. */
bool openapi_own_reason(const struct def_reason *reason);
void openapi_own_paths(struct doc *doc, const struct contract *contract);

#endif
