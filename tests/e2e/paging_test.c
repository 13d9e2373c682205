/* Lists in pages, while others insert. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stack.h"

static struct stack stack;

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){0});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(paging, .init = setup, .fini = teardown, .timeout = 180);

enum { SEEN_MAX = 2000 };

struct seen {
    size_t n;
    char ids[SEEN_MAX][37];
};

/* Reads one page and remembers its ids; the next token goes to `token`. */
static void
read_page(const char *path, const char *list, char *token, size_t token_bytes, struct seen *seen)
{
    char target[1024];
    char *text;
    json_t *page;
    size_t index;
    json_t *item;

    snprintf(target, sizeof(target), "%s%spageToken=%s", path, strchr(path, '?') ? "&" : "?",
             token);
    text = stack_expect(&stack, 200, "GET", target, NULL, NULL);
    page = json_loads(text, 0, NULL);
    json_array_foreach(json_object_get(page, list), index, item)
    {
        cr_assert_lt(seen->n, SEEN_MAX);
        snprintf(seen->ids[seen->n++], 37, "%s", json_string_value(json_object_get(item, "id")));
    }
    snprintf(token, token_bytes, "%s", json_string_value(json_object_get(page, "nextPageToken")));
    json_decref(page);
    free(text);
}

static void
assert_unique(const struct seen *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        for (size_t k = i + 1; k < seen->n; k++) {
            cr_assert_str_neq(seen->ids[i], seen->ids[k]);
        }
    }
}

static void
insert_cars(int from, int to)
{
    char sql[256];
    char *text;

    snprintf(sql, sizeof(sql),
             "WITH made AS (INSERT INTO resource (id, type, name, description, attributes) "
             "SELECT gen_random_uuid(), 'cars', 'car ' || n, '', '{}' "
             "FROM generate_series(%d, %d) n RETURNING 1) SELECT count(*) FROM made",
             from, to);
    text = stack_query(&stack, sql);
    free(text);
}

Test(paging, every_car_that_was_there_is_seen_once_while_others_come)
{
    static struct seen seen;
    char token[512] = "";
    int pages = 0;
    char *before;

    insert_cars(1, 120);
    before = stack_query(&stack, "SELECT string_agg(id::text, ' ') FROM resource");
    do {
        read_page("/v1/cars?pageSize=7", "resources", token, sizeof(token), &seen);
        pages++;
        insert_cars(1000 + pages * 3, 1000 + pages * 3 + 2);
    } while (token[0] != '\0');
    cr_assert_geq(pages, 18);
    assert_unique(&seen);
    for (char *rest = before, *id; (id = strsep(&rest, " ")) != NULL;) {
        bool found = false;

        for (size_t i = 0; i < seen.n; i++) {
            found = found || strcmp(seen.ids[i], id) == 0;
        }
        cr_assert(found, "%s was not seen", id);
    }
    free(before);
}

Test(paging, a_calendar_with_open_ends_is_seen_whole)
{
    static struct seen seen;
    char car[37];
    char path[160];
    char sql[512];
    char token[512] = "";
    char *text;

    stack_make_car(&stack, "Golf", car);
    snprintf(sql, sizeof(sql),
             "WITH made AS (INSERT INTO allocation (id, resource_id, kind, during, description, "
             "attributes) SELECT gen_random_uuid(), '%s', 'BOOKING', tstzrange("
             "CASE n WHEN 1 THEN NULL ELSE timestamptz '2030-01-01' + n * interval '1 day' END, "
             "CASE n WHEN 25 THEN NULL ELSE timestamptz '2030-01-01' + (n + 1) * interval '1 day' "
             "- interval '1 microsecond' END), '', '{}' FROM generate_series(1, 25) n RETURNING 1) "
             "SELECT count(*) FROM made",
             car);
    text = stack_query(&stack, sql);
    cr_assert_str_eq(text, "25");
    free(text);
    snprintf(path, sizeof(path), "/v1/cars/%s/allocations?pageSize=1", car);
    do {
        read_page(path, "allocations", token, sizeof(token), &seen);
    } while (token[0] != '\0');
    cr_assert_eq(seen.n, 25);
    assert_unique(&seen);
}

Test(paging, a_token_belongs_to_its_query)
{
    static struct seen seen;
    char token[512] = "";
    char path[1024];

    insert_cars(1, 10);
    read_page("/v1/cars?pageSize=3", "resources", token, sizeof(token), &seen);
    snprintf(path, sizeof(path), "/v1/trucks?pageToken=%s", token);
    free(stack_expect(&stack, 400, "GET", path, NULL, NULL));
    token[strlen(token) / 2] ^= 1;
    snprintf(path, sizeof(path), "/v1/cars?pageToken=%s", token);
    free(stack_expect(&stack, 400, "GET", path, NULL, NULL));
}

/* Rows of the largest size: a page ends early rather than growing beyond what a message may be. */
Test(paging, large_rows_make_short_pages)
{
    static struct seen seen;
    char token[512] = "";
    int pages = 0;
    char *text = stack_query(
        &stack, "WITH made AS (INSERT INTO resource (id, type, name, description, attributes) "
                "SELECT gen_random_uuid(), 'cars', 'car ' || n, repeat('x', 1000), "
                "(SELECT jsonb_object_agg(repeat('k', 60) || i, repeat('v', 256)) "
                "FROM generate_series(1, 32) i) FROM generate_series(1, 300) n RETURNING 1) "
                "SELECT count(*) FROM made");

    free(text);
    do {
        read_page("/v1/cars?pageSize=500", "resources", token, sizeof(token), &seen);
        pages++;
    } while (token[0] != '\0');
    cr_assert_eq(seen.n, 300);
    cr_assert_gt(pages, 1);
    assert_unique(&seen);
}
