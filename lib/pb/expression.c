#include "pb/expression.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

static size_t
column_of(const struct pb_expression *self, const char *at)
{
    size_t column = 1;

    for (const char *c = self->text; c < at; c++) {
        column += ((unsigned char)*c & 0xc0) != 0x80; /* bytes that begin a character */
    }
    return column;
}

bool
pb_expression_fail(struct pb_expression *self, const char *at, const char *format, ...)
{
    va_list args;

    if (self->failed) {
        return false;
    }
    self->failed = true;
    va_start(args, format);
    self->fault->text = arena_vprintf(self->arena, format, args);
    va_end(args);
    if (self->fault->text == NULL) {
        self->fault->text = "there is no room for it";
    }
    self->fault->column = column_of(self, at);
    return false;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
pb_expression_blanks(struct pb_expression *self)
{
    while (is_blank(*self->at)) {
        self->at++;
    }
}

size_t
pb_expression_name(const char *at)
{
    size_t n = 0;

    while ((at[n] >= 'a' && at[n] <= 'z') || (at[n] >= 'A' && at[n] <= 'Z') || at[n] == '_' ||
           (n > 0 && at[n] >= '0' && at[n] <= '9')) {
        n++;
    }
    return n;
}

bool
pb_expression_take(struct pb_expression *self, const char *word)
{
    size_t bytes = strlen(word);

    if (pb_expression_name(self->at) != bytes || strncmp(self->at, word, bytes) != 0) {
        return false;
    }
    self->at += bytes;
    return true;
}

const char *
pb_expression_fields(struct pb_expression *self, bool filterable)
{
    struct buf names = BUF_INIT;
    const char *text;

    for (size_t i = 0; i < self->schema->n_fields; i++) {
        const struct pb_field *field = &self->schema->fields[i];

        if (filterable ? field->rule.filterable : field->rule.sortable) {
            buf_printf(&names, "%s`%s`", names.length_bytes == 0 ? "" : ", ", field->json_name);
        }
    }
    text = arena_copy(self->arena, names.data, names.length_bytes);
    buf_fini(&names);
    return text == NULL ? "" : text;
}
