/* Every filter and every order that the contract allows fits the schema: what does not is found
 * here and not by the first client who asks for it. */
#include "lists.h"

#include "db/query.h"
#include "db/shape.h"

TestSuite(list_shapes, .init = lists_open, .fini = lists_close, .timeout = 300);

static void
prepare(const struct db_shape *shape)
{
    char *sql;

    cr_assert_not_null(shape);
    cr_assert_neq(asprintf(&sql, "PREPARE tried AS %s; DEALLOCATE tried", shape->sql), -1);
    test_database_run(&database, sql);
    free(sql);
}

static void
prepare_comparisons(const struct db_list *list, const struct db_column *column)
{
    const struct pb_field *field = pb_field_named(list->schema, column->name, strlen(column->name));
    enum pb_filter_type type = pb_filter_type_of(field);
    enum pb_filter_type compared = type == PB_FILTER_MAP ? PB_FILTER_TEXT : type;

    for (enum pb_filter_op op = 0; op < PB_FILTER_OPS; op++) {
        struct pb_filter filter = {.kind = PB_FILTER_COMPARE, .field = field, .op = op};

        cr_assert_eq(column->compare[op] != NULL, pb_filter_takes(compared, op), "%s", field->name);
        filter.key = type == PB_FILTER_MAP ? "key" : NULL;
        filter.value = op == PB_FILTER_PRESENT ? NULL : "value";
        if (column->compare[op] != NULL) {
            prepare(db_shape_make(&memory, list, &filter, NULL, NULL));
        }
    }
}

static void
prepare_orders(const struct db_list *list, const struct pb_field *first, bool descending)
{
    static const char *const after[] = {"a", "b", "c"};
    struct pb_order order = {.n = 1, .keys = {{first, descending}}};

    prepare(db_shape_make(&memory, list, NULL, &order, NULL));
    prepare(db_shape_make(&memory, list, NULL, &order, after));
    for (size_t i = 0; i < list->schema->n_fields; i++) {
        order.n = 2;
        order.keys[1].field = &list->schema->fields[i];
        order.keys[1].descending = !descending;
        if (list->schema->fields[i].rule.sortable) {
            prepare(db_shape_make(&memory, list, NULL, &order, after));
        }
    }
}

static size_t
prepare_list(const struct db_list *list)
{
    size_t n_marked = 0;

    for (size_t i = 0; i < list->schema->n_fields; i++) {
        const struct pb_field *field = &list->schema->fields[i];

        n_marked += field->rule.filterable || field->rule.sortable;
        for (size_t k = 0; k < list->n_columns; k++) {
            if (strcmp(list->columns[k].name, field->name) == 0 && field->rule.filterable) {
                prepare_comparisons(list, &list->columns[k]);
            }
        }
        if (field->rule.sortable) {
            prepare_orders(list, field, false);
            prepare_orders(list, field, true);
        }
    }
    cr_assert_eq(n_marked, list->n_columns);
    return n_marked;
}

Test(list_shapes, every_field_and_comparison_fits_the_schema)
{
    size_t n = 0;

    for (size_t i = 0; i < inventory_service.n_handlers; i++) {
        const struct db_query *query = inventory_service.handlers[i].query;

        n += query->list == NULL ? 0 : prepare_list(query->list);
    }
    cr_assert_geq(n, 11);
}
