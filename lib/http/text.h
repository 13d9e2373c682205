/* Pieces of header fields' values, inside the library: lists, parameters, qualities. */
#ifndef DEPOT_HTTP_TEXT_H
#define DEPOT_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a value, without blanks around; not NUL-terminated. */
struct http_text {
    const char *text;
    size_t bytes;
};

/* Whether it is `text`, in any case of letters. */
bool http_text_is(struct http_text self, const char *text);

/* Takes the text up to the next `separator` outside of quotes from `rest`; false at the end. */
bool http_text_next(struct http_text *rest, char separator, struct http_text *out);

/* `name=value`, the value without its quotes; "" if there is no equals sign. */
void http_text_parameter(struct http_text parameter, struct http_text *name,
                         struct http_text *value);

/* A quality from "0" to "1" in thousandths, at most three decimals; -1 if it is none. */
int http_text_quality(struct http_text value);

#endif
