#include "doc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

static void
new_line(struct doc *self)
{
    buf_putc(self->out, '\n');
    for (int i = 0; i < self->depth; i++) {
        buf_puts(self->out, "  ");
    }
}

/* Everything that comes before a value. */
static void
begin(struct doc *self, const char *key)
{
    if (self->depth > 0) {
        if (self->filled[self->depth - 1]) {
            buf_putc(self->out, ',');
        }
        self->filled[self->depth - 1] = true;
        new_line(self);
    }
    if (key != NULL) {
        buf_put_json_string(self->out, key, strlen(key));
        buf_puts(self->out, ": ");
    }
}

static void
open_bracket(struct doc *self, const char *key, const char *brackets)
{
    begin(self, key);
    ASSERT(self->depth < DOC_DEPTH_MAX);
    buf_putc(self->out, brackets[0]);
    self->ends[self->depth] = brackets[1];
    self->filled[self->depth] = false;
    self->depth++;
}

void
doc_object(struct doc *self, const char *key)
{
    open_bracket(self, key, "{}");
}

void
doc_array(struct doc *self, const char *key)
{
    open_bracket(self, key, "[]");
}

void
doc_end(struct doc *self)
{
    ASSERT(self->depth > 0);
    self->depth--;
    if (self->filled[self->depth]) {
        new_line(self);
    }
    buf_putc(self->out, self->ends[self->depth]);
    if (self->depth == 0) {
        buf_putc(self->out, '\n');
    }
}

void
doc_string(struct doc *self, const char *key, const char *value)
{
    begin(self, key);
    buf_put_json_string(self->out, value, strlen(value));
}

void
doc_int(struct doc *self, const char *key, int64_t value)
{
    begin(self, key);
    buf_printf(self->out, "%" PRId64, value);
}

void
doc_bool(struct doc *self, const char *key, bool value)
{
    begin(self, key);
    buf_puts(self->out, value ? "true" : "false");
}

void
doc_null(struct doc *self, const char *key)
{
    begin(self, key);
    buf_puts(self->out, "null");
}

void
doc_printf(struct doc *self, const char *key, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    ASSERT(vasprintf(&text, format, args) >= 0);
    va_end(args);
    doc_string(self, key, text);
    free(text);
}
