#include "document.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void
with_document(const char *text, size_t bytes, void (*check)(const json_t *document))
{
    json_error_t error;
    json_t *document = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);

    cr_assert_not_null(document, "%d:%d: %s", error.line, error.column, error.text);
    check(document);
    json_decref(document);
}

void
each_document(void (*check)(const json_t *document))
{
    with_document(http_contract.openapi_json, http_contract.openapi_json_bytes, check);
    with_document(http_contract.openapi_30_json, http_contract.openapi_30_json_bytes, check);
}

json_t *
at(const json_t *value, const char *first, const char *second, const char *third)
{
    json_t *found = json_object_get(value, first);

    found = second != NULL ? json_object_get(found, second) : found;
    return third != NULL ? json_object_get(found, third) : found;
}

/* The route's path with the JSON names of its variables. */
static void
route_path(const struct http_route *route, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < route->n_segments; i++) {
        const struct http_segment *segment = &route->segments[i];

        n += (size_t)(segment->literal != NULL
                          ? snprintf(out + n, size - n, "/%s", segment->literal)
                          : snprintf(out + n, size - n, "/{%s}",
                                     route->method->request->fields[segment->field].json_name));
        cr_assert_lt(n, size);
    }
}

json_t *
operation_of(const json_t *document, const struct http_route *route)
{
    char path[256], verb[16];

    route_path(route, path, sizeof path);
    for (size_t i = 0; i <= strlen(route->verb); i++) {
        verb[i] = (char)tolower((unsigned char)route->verb[i]);
    }
    return at(document, "paths", path, verb);
}

json_t *
parameter_of(const json_t *document, const json_t *operation, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(operation, "parameters"), i, one)
    {
        const char *reference = json_string_value(json_object_get(one, "$ref"));
        json_t *found = reference == NULL
                            ? one
                            : at(document, "components", "parameters", strrchr(reference, '/') + 1);

        cr_assert_not_null(found, "%s", reference);
        if (strcmp(json_string_value(json_object_get(found, "name")), name) == 0) {
            return found;
        }
    }
    return NULL;
}

bool
offers_reason(const json_t *document, const json_t *operation, const struct reason *reason)
{
    char status[8];
    json_t *content, *names, *name;
    size_t i;

    snprintf(status, sizeof status, "%d", reason->http_status);
    content =
        at(at(operation, "responses", status, "content"), "application/problem+json", NULL, NULL);
    names =
        at(json_array_get(at(content, "schema", "allOf", NULL), 1), "properties", "reason", "enum");
    json_array_foreach(names, i, name)
    {
        if (strcmp(json_string_value(name), reason->name) == 0) {
            cr_assert_not_null(at(content, "examples", reason->name, NULL), "%s", reason->name);
            cr_assert_not_null(at(document, "components", "examples", reason->name), "%s",
                               reason->name);
            return true;
        }
    }
    return false;
}
