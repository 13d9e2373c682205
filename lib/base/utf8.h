/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef DEPOT_BASE_UTF8_H
#define DEPOT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length in bytes, 1 to 4, of the valid sequence at the start of `text`; 0 if there is none. */
size_t utf8_sequence(const char *text, size_t bytes);

/* Whether all of `text` is valid. If `length` is not NULL, the number of code points goes there. */
bool utf8_valid(const char *text, size_t bytes, size_t *length);

#endif
