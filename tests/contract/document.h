/* The OpenAPI documents as tests read them. */
#ifndef DEPOT_TESTS_CONTRACT_DOCUMENT_H
#define DEPOT_TESTS_CONTRACT_DOCUMENT_H

#include <jansson.h>

#include "http/route.h"

/* Calls `check` with each of the documents, 3.1 and 3.0.3. */
void each_document(void (*check)(const json_t *document));

/* The member at a path of names, those from the first NULL on not counted; NULL: there is none. */
json_t *at(const json_t *value, const char *first, const char *second, const char *third);

/* The operation of a route. */
json_t *operation_of(const json_t *document, const struct http_route *route);

/* The parameter with this name, also one that is only referred to; NULL: there is none. */
json_t *parameter_of(const json_t *document, const json_t *operation, const char *name);

/* Whether one of the operation's answers is a problem with the reason; its example must be there.
 */
bool offers_reason(const json_t *document, const json_t *operation, const struct reason *reason);

#endif
