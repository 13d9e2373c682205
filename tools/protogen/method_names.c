#include "method_names.h"

#include <stddef.h>
#include <string.h>

/* C17, and `base`, the first member of the struct. Those with a capital cannot be snake names. */
static const char *const taken[] = {
    "auto",     "base",    "break",  "case",     "char",   "const",    "continue",
    "default",  "do",      "double", "else",     "enum",   "extern",   "float",
    "for",      "goto",    "if",     "inline",   "int",    "long",     "register",
    "restrict", "return",  "short",  "signed",   "sizeof", "static",   "struct",
    "switch",   "typedef", "union",  "unsigned", "void",   "volatile", "while",
};

static const char *const reserved[] = {
    "caller_id", "caller_name", "caller_role", "caller_sees_all", "client_address", "request_id",
};

static bool
is_among(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool
name_is_taken_in_c(const char *snake)
{
    return is_among(taken, sizeof taken / sizeof taken[0], snake);
}

bool
name_is_reserved_parameter(const char *name)
{
    return is_among(reserved, sizeof reserved / sizeof reserved[0], name);
}

static bool
is_then_of(const char *name, const char *other)
{
    size_t bytes = strlen(other);

    return strncmp(name, other, bytes) == 0 && strcmp(name + bytes, "_then") == 0;
}

bool
methods_collide(const struct def_method *a, const struct def_method *b)
{
    return strcmp(a->snake, b->snake) == 0 || is_then_of(a->snake, b->snake) ||
           is_then_of(b->snake, a->snake);
}
