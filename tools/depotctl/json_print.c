/* JSON for people. */
#include "ctl.h"

static void
new_line(FILE *out, int depth)
{
    fprintf(out, "\n%*s", 2 * depth, "");
}

/* Copies a string with its quotes; returns where it ends. */
static const char *
print_string(const char *at, FILE *out)
{
    const char *end = at + 1;

    while (*end != '"') {
        end += *end == '\\' ? 2 : 1;
    }
    end++;
    fwrite(at, 1, (size_t)(end - at), out);
    return end;
}

void
json_print(const char *text, size_t bytes, FILE *out)
{
    const char *end = text + bytes;
    int depth = 0;

    for (const char *at = text; at != end;) {
        char c = *at;

        if (c == '"') {
            at = print_string(at, out);
            continue;
        }
        at++;
        if ((c == '{' || c == '[') && *at != '}' && *at != ']') {
            putc(c, out);
            new_line(out, ++depth);
        } else if (c == '{' || c == '[') {
            putc(c, out);
            putc(*at++, out);
        } else if (c == '}' || c == ']') {
            new_line(out, --depth);
            putc(c, out);
        } else if (c == ',') {
            putc(c, out);
            new_line(out, depth);
        } else {
            putc(c, out);
            if (c == ':') {
                putc(' ', out);
            }
        }
    }
    putc('\n', out);
}
