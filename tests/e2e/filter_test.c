/* Filters and orders over HTTP: through every process, page by page along `Link`. */
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

TestSuite(filter, .init = setup, .fini = teardown, .timeout = 180);

static void
make_cars(void)
{
    for (int i = 0; i < 12; i++) {
        char body[128];

        snprintf(body, sizeof(body), "{\"name\":\"%c%d\",\"attributes\":{\"seats\":\"%d\"}}",
                 "cab"[i % 3], i, 4 + i % 2);
        free(stack_expect(&stack, 201, "POST", "/v1/cars", NULL, body));
    }
}

/* The path of the next page, from the answer's Link; NULL on the last. The caller frees it. */
static char *
next_path(const struct http_response *response)
{
    char *link = http_header(response, "Link");
    char *path = NULL;
    char *next = link == NULL ? NULL : strstr(link, ">; rel=\"next\"");

    if (next != NULL) {
        char *start = next;

        while (*start != '<') {
            start--;
        }
        *next = '\0';
        path = strdup(strstr(start, "/v1/"));
    }
    free(link);
    return path;
}

/* The names of all pages, in their order. */
static void
read_names(const char *first, char *names, size_t bytes)
{
    char *path = strdup(first);
    size_t n = 0;

    names[0] = '\0';
    while (path != NULL) {
        struct http_response response;
        json_t *page;
        size_t index;
        json_t *item;

        stack_send(&stack, &response, "GET", path, NULL, NULL);
        cr_assert_eq(response.status, 200, "%s: %s", path, response.body);
        page = json_loads(response.body, 0, NULL);
        json_array_foreach(json_object_get(page, "resources"), index, item)
        {
            n += (size_t)snprintf(names + n, bytes - n, "%s ",
                                  json_string_value(json_object_get(item, "name")));
        }
        json_decref(page);
        free(path);
        path = next_path(&response);
        http_free(&response);
    }
}

Test(filter, along_the_links)
{
    char names[256];

    make_cars();
    read_names("/v1/cars?orderBy=name%20desc&filter=attributes.seats%3D%225%22&pageSize=2", names,
               sizeof(names));
    cr_assert_str_eq(names, "c9 c3 b5 b11 a7 a1 ");
    read_names("/v1/cars?order_by=name&filter=NOT+name%3A%22a%22+AND+name%3E%3D%22c%22", names,
               sizeof(names));
    cr_assert_str_eq(names, "c0 c3 c6 c9 ");
    read_names("/v1/cars?filter=createTime%20%3C%202020-01-01T00:00:00%2B02:00", names,
               sizeof(names));
    cr_assert_str_eq(names, "");
}

static void
expect_detail(const char *path, const char *reason, const char *detail)
{
    char *text = stack_expect(&stack, 400, "GET", path, NULL, NULL);
    json_t *problem = json_loads(text, 0, NULL);
    const json_t *first = json_array_get(json_object_get(problem, "errors"), 0);

    cr_assert_str_eq(json_string_value(json_object_get(first, "reason")), reason, "%s", text);
    cr_assert_str_eq(json_string_value(json_object_get(first, "detail")), detail, "%s", text);
    json_decref(problem);
    free(text);
}

Test(filter, what_is_wrong_has_a_place)
{
    expect_detail("/v1/cars?filter=name%20%3D%20Beetle", "BAD_FILTER",
                  "In column 8: expected a text in quotes.");
    expect_detail("/v1/cars?orderBy=name%20down", "BAD_ORDER_BY",
                  "In column 6: expected asc, desc, a comma or the end.");
    expect_detail("/v1/cars?filter=Beetle", "BAD_FILTER",
                  "In column 1: nothing is searched for by itself: expected a field, one of "
                  "`name`, `description`, `attributes`, `createTime`, `updateTime`.");
}

Test(filter, both_may_be_wrong_at_once)
{
    char *text = stack_expect(&stack, 400, "GET", "/v1/cars?filter=x&orderBy=x", NULL, NULL);

    cr_assert_not_null(strstr(text, "\"reason\":\"VALIDATION_FAILED\""), "%s", text);
    cr_assert_not_null(strstr(text, "\"parameter\":\"filter\",\"reason\":\"BAD_FILTER\""), "%s",
                       text);
    cr_assert_not_null(strstr(text, "\"parameter\":\"orderBy\",\"reason\":\"BAD_ORDER_BY\""), "%s",
                       text);
    free(text);
}
