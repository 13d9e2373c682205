/* The documents for people and tools, as the installed files make them. */
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
    static const char *const gateway[] = {"DOCS_DIR=" DEPOT_SOURCE_FOLDER "/build/docs-ui", NULL};

    stack_start(&stack, &(struct stack_options){.gateway = gateway});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(docs, .init = setup, .fini = teardown, .timeout = 300);

static void
check_file(const char *path)
{
    struct http_response response;
    char url[512];
    char *cached;

    snprintf(url, sizeof(url), "%s/%s", stack.base, path);
    http_send(&response, "GET", url, (const char *const[]){"Accept-Encoding: gzip", NULL}, NULL);
    cr_assert_eq(response.status, 200, "%s", path);
    cached = http_header(&response, "Cache-Control");
    cr_assert_not_null(strstr(cached, "immutable"), "%s: %s", path, cached);
    free(cached);
    http_free(&response);
}

/* Everything that the page names is there; no line of it is a script. */
Test(docs, the_page_loads_only_what_is_there)
{
    char *page = stack_expect(&stack, 200, "GET", "/docs", NULL, NULL);
    size_t n = 0;

    for (char *at = page; (at = strstr(at, "\"docs/")) != NULL; n++) {
        char *end = strchr(++at, '"');

        *end = '\0';
        check_file(at);
        at = end + 1;
    }
    cr_assert_eq(n, 4);
    free(page);
    page = stack_expect(&stack, 200, "GET", "/docs", NULL, NULL);
    cr_assert_null(strstr(page, "<script>"));
    cr_assert_null(strstr(page, "//"), "%s", page);
    free(page);
}

static void
check_document(const char *path, const char *version)
{
    char *text = stack_expect(&stack, 200, "GET", path, NULL, NULL);
    json_t *document = json_loads(text, 0, NULL);

    cr_assert_str_eq(json_string_value(json_object_get(document, "openapi")), version);
    json_decref(document);
    free(text);
}

Test(docs, both_documents_are_served)
{
    check_document("/openapi.json", "3.1.0");
    check_document("/openapi-3.0.json", "3.0.3");
    free(stack_expect(&stack, 404, "GET", "/docs/nothing.js", NULL, NULL));
    free(stack_expect(&stack, 405, "POST", "/docs", NULL, NULL));
    free(stack_expect(&stack, 204, "OPTIONS", "/docs", NULL, NULL));
    free(stack_expect(&stack, 200, "HEAD", "/openapi-3.0.json", NULL, NULL));
}
