#include "out.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/assert.h"

static bool
same(const char *path, const struct buf *content)
{
    FILE *in = fopen(path, "rb");
    bool equal = in != NULL;
    size_t at = 0;

    while (equal) {
        char piece[4096];
        size_t n = fread(piece, 1, sizeof piece, in);

        if (n == 0) {
            break;
        }
        equal = n <= content->length_bytes - at && memcmp(content->data + at, piece, n) == 0;
        at += n;
    }
    if (in != NULL) {
        fclose(in);
    }
    return equal && at == content->length_bytes;
}

static void
make_folders(char *path)
{
    for (char *c = path + 1; *c != '\0'; c++) {
        if (*c == '/') {
            *c = '\0';
            /* One that exists is fine; any other failure shows when the file is opened. */
            (void)mkdir(path, 0777);
            *c = '/';
        }
    }
}

bool
out_write(const char *folder, const char *name, const struct buf *content)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    bool good;
    FILE *out;

    ASSERT(path != NULL);
    (void)snprintf(path, size, "%s/%s", folder, name);
    good = same(path, content);
    if (!good) {
        make_folders(path);
        out = fopen(path, "wb");
        good = out != NULL &&
               fwrite(content->data, 1, content->length_bytes, out) == content->length_bytes;
        if (out != NULL) {
            good = fclose(out) == 0 && good;
        }
        if (!good) {
            fprintf(stderr, "protogen: cannot write %s: %s\n", path, strerror(errno));
        }
    }
    free(path);
    return good;
}

void
out_c_string(struct buf *out, const char *text)
{
    if (text == NULL) {
        buf_puts(out, "NULL");
        return;
    }
    buf_putc(out, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            buf_printf(out, "\\%c", c);
        } else if (c == '\n') {
            buf_puts(out, "\\n");
        } else if (c < 0x20 || c >= 0x7f || c == '?') {
            /* Octal ends after three digits; '?' could begin a trigraph. */
            buf_printf(out, "\\%03o", c);
        } else {
            buf_putc(out, (char)c);
        }
    }
    buf_putc(out, '"');
}

const char *
out_c_bool(bool value)
{
    return value ? "true" : "false";
}

void
out_head(struct buf *out, const char *source)
{
    buf_printf(out, "/* Made by protogen from %s. Do not edit. */\n", source);
}

void
out_guard(struct buf *out, const char *name)
{
    char guard[256];
    size_t n = 0;

    for (; *name != '\0' && n < sizeof guard - 1; name++) {
        guard[n++] = isalnum((unsigned char)*name) ? (char)toupper((unsigned char)*name) : '_';
    }
    guard[n] = '\0';
    buf_printf(out, "#ifndef GEN_%s\n#define GEN_%s\n\n", guard, guard);
}
