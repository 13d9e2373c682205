#include "db/shape.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"

static const char id_sort[] = "\"id\"::text COLLATE \"C\"";

struct maker {
    const struct db_list *list;
    struct buf sql;
    size_t n;
    int16_t params[DB_SHAPE_VALUES_MAX];
    const char *values[DB_SHAPE_VALUES_MAX];
};

static size_t
add_value(struct maker *m, int16_t param, const char *value)
{
    ASSERT(m->n < DB_SHAPE_VALUES_MAX); /* the limits of filters and orders see to it */
    m->params[m->n] = param;
    m->values[m->n] = value;
    return ++m->n;
}

static void
put_param(struct maker *m, int16_t param)
{
    size_t number = 0;

    for (size_t i = 0; i < m->n && number == 0; i++) {
        number = m->params[i] == param ? i + 1 : 0;
    }
    if (number == 0) {
        number = add_value(m, param, NULL);
    }
    buf_printf(&m->sql, "$%zu", number);
}

static const struct db_column *
column_of(const struct db_list *list, const struct pb_field *field)
{
    size_t i = 0;

    while (i < list->n_columns && strcmp(list->columns[i].name, field->name) != 0) {
        i++;
    }
    ASSERT(i < list->n_columns); /* the build tool has one for every marked field */
    return &list->columns[i];
}

/* --- filters --- */

static void
put_comparison(struct maker *m, const struct pb_filter *filter)
{
    const char *at = column_of(m->list, filter->field)->compare[filter->op];
    const char *values[] = {filter->key, filter->value};
    size_t next = filter->key == NULL;

    ASSERT(at != NULL);
    for (; *at != '\0'; at++) {
        buf_putc(&m->sql, *at);
        if (*at == '$') {
            ASSERT(next < 2 && values[next] != NULL);
            buf_printf(&m->sql, "%zu", add_value(m, -1, values[next++]));
        }
    }
}

/* Recursion is as deep as the parser lets filters nest. NULL counts as false, also below NOT. */
static void
put_filter(struct maker *m, const struct pb_filter *filter)
{
    buf_putc(&m->sql, '(');
    if (filter->kind == PB_FILTER_COMPARE) {
        put_comparison(m, filter);
    } else {
        for (const struct pb_filter *part = filter->operands; part != NULL; part = part->next) {
            if (part != filter->operands) {
                buf_puts(&m->sql, filter->kind == PB_FILTER_AND ? " AND " : " OR ");
            }
            put_filter(m, part);
        }
        if (filter->kind == PB_FILTER_NOT) {
            buf_puts(&m->sql, " IS NOT TRUE");
        }
    }
    buf_putc(&m->sql, ')');
}

/* --- orders --- */

/* The n-th thing that is ordered; after the fields comes the id. */
static void
order_key(const struct maker *m, const struct pb_order *order, size_t n, const char **sort,
          const char **cast, bool *descending)
{
    if (n == order->n) {
        *sort = id_sort;
        *cast = "text";
        *descending = order->keys[n - 1].descending;
    } else {
        const struct db_column *column = column_of(m->list, order->keys[n].field);

        ASSERT(column->sort != NULL);
        *sort = column->sort;
        *cast = column->cast;
        *descending = order->keys[n].descending;
    }
}

static void
put_order(struct maker *m, const struct pb_order *order)
{
    for (size_t i = 0; i <= order->n; i++) {
        const char *sort, *cast;
        bool descending;

        order_key(m, order, i, &sort, &cast, &descending);
        buf_printf(&m->sql, "%s%s%s", i == 0 ? "" : ", ", sort, descending ? " DESC" : "");
    }
}

/* (a > $1 OR (a = $1 AND (b < $2 OR (b = $2 AND id < $3)))) */
static void
put_after(struct maker *m, const struct pb_order *order, const char *const *after)
{
    if (after == NULL) {
        buf_puts(&m->sql, "true");
        return;
    }
    for (size_t i = 0; i <= order->n; i++) {
        const char *sort, *cast;
        bool descending;
        size_t number = add_value(m, -1, after[i]);

        order_key(m, order, i, &sort, &cast, &descending);
        buf_printf(&m->sql, "(%s %c $%zu::%s", sort, descending ? '<' : '>', number, cast);
        if (i < order->n) {
            buf_printf(&m->sql, " OR (%s = $%zu::%s AND ", sort, number, cast);
        }
    }
    buf_putc(&m->sql, ')');
    for (size_t i = 0; i < order->n; i++) {
        buf_puts(&m->sql, "))");
    }
}

/* --- the whole --- */

/* False: what the query itself has there stays. */
static bool
put_slot(struct maker *m, unsigned slot, const struct pb_filter *filter,
         const struct pb_order *order, const char *const *after)
{
    if (slot == DB_SLOT_FILTER) {
        if (filter == NULL) {
            return false;
        }
        put_filter(m, filter);
        return true;
    }
    if (order == NULL) {
        return false;
    }
    if (slot == DB_SLOT_AFTER) {
        put_after(m, order, after);
    } else {
        put_order(m, order);
    }
    return true;
}

static void
put_pieces(struct maker *m, const struct pb_filter *filter, const struct pb_order *order,
           const char *const *after)
{
    bool replaced = false;

    for (size_t i = 0; i < m->list->n_pieces; i++) {
        const struct db_piece *piece = &m->list->pieces[i];

        if (piece->kind == DB_PIECE_SLOT) {
            replaced = put_slot(m, piece->index, filter, order, after);
        } else if (piece->kind == DB_PIECE_SLOT_END) {
            replaced = false;
        } else if (!replaced && piece->kind == DB_PIECE_TEXT) {
            buf_puts(&m->sql, piece->text);
        } else if (!replaced) {
            put_param(m, (int16_t)piece->index);
        }
    }
}

static const struct db_shape *
keep(struct arena *arena, const struct maker *m)
{
    struct db_shape *shape = arena_alloc(arena, sizeof(*shape));
    const char *sql = arena_copy(arena, m->sql.data, m->sql.length_bytes);
    void *params = arena_copy(arena, m->params, m->n * sizeof(m->params[0]));
    void *values = arena_alloc(arena, m->n * sizeof(m->values[0]));

    if (shape == NULL || sql == NULL || params == NULL || values == NULL) {
        return NULL;
    }
    memcpy(values, m->values, m->n * sizeof(m->values[0]));
    *shape = (struct db_shape){
        .list = m->list, .sql = sql, .n_values = m->n, .params = params, .values = values};
    crypto_generichash(shape->key, sizeof(shape->key), (const unsigned char *)sql, strlen(sql),
                       NULL, 0);
    return shape;
}

const struct db_shape *
db_shape_make(struct arena *arena, const struct db_list *list, const struct pb_filter *filter,
              const struct pb_order *order, const char *const *after)
{
    struct maker m = {.list = list};
    const struct db_shape *shape;

    ASSERT(order != NULL || after == NULL);
    put_pieces(&m, filter, order, after);
    shape = keep(arena, &m);
    buf_fini(&m.sql);
    return shape;
}
