#include "support/any_path.h"

#include <stdio.h>

/* A value that the variable may have. */
static const char *
value_of(const struct pb_field *field)
{
    if (field->rule.in != NULL) {
        return field->rule.in[0];
    }
    return field->rule.format == PB_FORMAT_UUID ? "01900000-0000-7000-8000-0000000000ff" : "999";
}

void
any_path(const struct http_route *route, char path[static ANY_PATH_BYTES])
{
    size_t length = 0;

    for (size_t i = 0; i < route->n_segments; i++) {
        const struct http_segment *segment = &route->segments[i];
        const char *text = segment->literal != NULL
                               ? segment->literal
                               : value_of(&route->method->request->fields[segment->field]);

        length += (size_t)snprintf(path + length, ANY_PATH_BYTES - length, "/%s", text);
    }
}
