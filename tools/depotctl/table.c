/* Columns for people: `make routes` and its kind. */
#include <string.h>

#include "base/assert.h"
#include "ctl.h"

struct table_row {
    const char *cells[TABLE_COLUMNS_MAX];
    struct table_row *next;
};

void
table_init(struct table *self, struct arena *arena, size_t n_columns)
{
    ASSERT(n_columns >= 1 && n_columns <= TABLE_COLUMNS_MAX);
    *self = (struct table){.arena = arena, .n_columns = n_columns, .end = NULL};
}

void
table_add(struct table *self, const char *const *cells)
{
    struct table_row *row = arena_zalloc(self->arena, sizeof(*row));

    memcpy(row->cells, cells, self->n_columns * sizeof(cells[0]));
    *(self->end == NULL ? &self->first : self->end) = row;
    self->end = &row->next;
}

void
table_print(const struct table *self, FILE *out)
{
    int widths[TABLE_COLUMNS_MAX] = {0};

    for (const struct table_row *row = self->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < self->n_columns; i++) {
            int width = (int)strlen(row->cells[i]);

            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (const struct table_row *row = self->first; row != NULL; row = row->next) {
        for (size_t i = 0; i + 1 < self->n_columns; i++) {
            fprintf(out, "%-*s  ", widths[i], row->cells[i]);
        }
        fprintf(out, "%s\n", row->cells[self->n_columns - 1]);
    }
}
