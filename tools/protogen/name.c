#include "name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* protobuf-c puts an underscore only before an upper case letter that follows another kind. */
static size_t
put_snake(char *out, const char *text, size_t bytes)
{
    bool was_upper = true;
    size_t n = 0;

    for (size_t i = 0; i < bytes; i++) {
        bool is_upper = isupper((unsigned char)text[i]) != 0;

        if (is_upper && !was_upper) {
            out[n++] = '_';
        }
        out[n++] = (char)tolower((unsigned char)text[i]);
        was_upper = is_upper;
    }
    return n;
}

static size_t
put_camel(char *out, const char *text, size_t bytes)
{
    bool next_is_upper = true;
    size_t n = 0;

    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '_') {
            next_is_upper = true;
            continue;
        }
        out[n++] = next_is_upper ? (char)toupper((unsigned char)text[i]) : text[i];
        next_is_upper = false;
    }
    return n;
}

/* Applies `put` to each dotted part and joins the results with two underscores. */
static const char *
join_parts(struct arena *arena, const char *full_name,
           size_t (*put)(char *out, const char *text, size_t bytes))
{
    char *out = arena_alloc(arena, 2 * strlen(full_name) + 1);
    size_t n = 0;

    while (*full_name != '\0') {
        size_t bytes = strcspn(full_name, ".");

        if (bytes != 0) {
            if (n != 0) {
                out[n++] = '_';
                out[n++] = '_';
            }
            n += put(out + n, full_name, bytes);
        }
        full_name += bytes;
        full_name += *full_name == '.';
    }
    out[n] = '\0';
    return out;
}

const char *
name_symbol(struct arena *arena, const char *full_name)
{
    return join_parts(arena, full_name, put_snake);
}

const char *
name_c_type(struct arena *arena, const char *full_name)
{
    return join_parts(arena, full_name, put_camel);
}

const char *
name_snake(struct arena *arena, const char *camel)
{
    return join_parts(arena, camel, put_snake);
}

const char *
name_lower(struct arena *arena, const char *text)
{
    char *out = arena_strdup(arena, text);

    for (char *c = out; *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    return out;
}

const char *
name_upper_snake(struct arena *arena, const char *camel)
{
    char *out = arena_strdup(arena, name_snake(arena, camel));

    for (char *c = out; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    return out;
}

const char *
name_short(struct arena *arena, const char *package)
{
    const char *last = strrchr(package, '.');
    const char *end = last != NULL ? last : package + strlen(package);
    const char *start;

    if (last != NULL && !(last[1] == 'v' && isdigit((unsigned char)last[2]))) {
        return last + 1;
    }
    start = end;
    while (start > package && start[-1] != '.') {
        start--;
    }
    return arena_copy(arena, start, (size_t)(end - start));
}
