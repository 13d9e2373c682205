/* The page /docs: files of one folder, and no way out of it. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "gateway/admin.h"
#include "support/temp.h"

static struct fixture fixture;
static char folder[64];

static void
put_file(const char *name, const char *content)
{
    char path[256];
    FILE *out;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    out = fopen(path, "w");
    cr_assert_not_null(out, "%s", path);
    fputs(content, out);
    fclose(out);
}

static void
setup(void)
{
    temp_template(folder, sizeof(folder), "depot-docs");
    cr_assert_not_null(mkdtemp(folder));
    put_file("index.html", "<p>a page</p>");
    put_file("a-1.2.js", "run();");
    put_file("a-1.2.js.gz", "packed");
    put_file("secret.txt", "secret");
    put_file("page.html", "<p>another</p>");
    put_file(".hidden.js", "hidden();");
    put_file("empty.css", "");
    fixture_init(&fixture);
    fixture.config.docs_dir = folder;
    fixture_start(&fixture);
}

static void
teardown(void)
{
    char command[128];

    fixture_stop(&fixture);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(docs, .init = setup, .fini = teardown);

static void
ask(const char *path, const char *fields, struct answer *answer)
{
    int fd = client_open(gateway_port(&fixture.gateway));
    char request[512];

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: depot\r\n%s\r\n", path, fields);
    client_send(fd, request);
    answer_read(fd, answer, false);
    close(fd);
}

Test(docs, the_page_may_only_load_what_is_here)
{
    struct answer answer;

    ask("/docs", "", &answer);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_eq(answer.body, "<p>a page</p>");
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "text/html; charset=utf-8");
    cr_assert_not_null(strstr(answer_field(&answer, "Content-Security-Policy"),
                              "default-src 'none'; script-src 'self';"));
    cr_assert_null(strstr(answer_field(&answer, "Content-Security-Policy"), "unsafe"));
    cr_assert_null(strstr(answer_field(&answer, "Cache-Control"), "immutable"));
    answer_free(&answer);
}

Test(docs, what_it_loads_is_kept_for_ever)
{
    struct answer answer;
    char again[256];

    ask("/docs/a-1.2.js", "", &answer);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_eq(answer.body, "run();");
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "text/javascript; charset=utf-8");
    cr_assert_str_eq(answer_field(&answer, "Cache-Control"), "public, max-age=31536000, immutable");
    snprintf(again, sizeof(again), "If-None-Match: %s\r\n", answer_field(&answer, "ETag"));
    answer_free(&answer);
    ask("/docs/a-1.2.js", again, &answer);
    cr_assert_eq(answer.status, 304);
    answer_free(&answer);
}

Test(docs, the_compressed_twin_is_taken)
{
    struct answer answer;
    char large[4096];

    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    put_file("large.css", large);
    put_file("large.css.gz", "packed before");
    ask("/docs/large.css", "Accept-Encoding: gzip\r\n", &answer);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_eq(answer_field(&answer, "Content-Encoding"), "gzip");
    cr_assert_str_eq(answer.body, "packed before");
    answer_free(&answer);
    ask("/docs/large.css", "", &answer);
    cr_assert_str_eq(answer.body, large);
    answer_free(&answer);
}

Test(docs, nothing_else_is_served)
{
    static const char *const paths[] = {
        "/docs/",          "/docs/index.html",  "/docs/secret.txt", "/docs/.hidden.js",
        "/docs/empty.css", "/docs/a-1.2.js.gz", "/docs/nowhere.js", "/docs/a-1.2.js/",
        "/docsa-1.2.js",   "/docs/%61-1.2.js",  "/docs//a-1.2.js",  "/docs/x%2f..%2fa-1.2.js",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct answer answer;

        ask(paths[i], "", &answer);
        cr_assert_eq(answer.status, 404, "%s: %d", paths[i], answer.status);
        answer_free(&answer);
    }
}

Test(docs, no_name_leads_out_of_the_folder)
{
    struct answer answer;
    char path[256], link[256];

    snprintf(path, sizeof(path), "/docs/../%s/a-1.2.js", strrchr(folder, '/') + 1);
    ask(path, "", &answer);
    cr_assert_eq(answer.status, 400);
    answer_free(&answer);
    /* A folder is no file. */
    snprintf(link, sizeof(link), "%s/folder.js", folder);
    cr_assert_eq(mkdir(link, 0700), 0);
    ask("/docs/folder.js", "", &answer);
    cr_assert_eq(answer.status, 404);
    answer_free(&answer);
}

Test(docs, a_page_is_for_who_reads_html)
{
    struct answer answer;

    ask("/docs", "Accept: application/json\r\n", &answer);
    cr_assert_eq(answer.status, 406);
    answer_free(&answer);
    ask("/docs/a-1.2.js", "Accept: */*\r\n", &answer);
    cr_assert_eq(answer.status, 200);
    answer_free(&answer);
}

Test(docs_absent, without_a_folder_there_is_no_page)
{
    fixture_init(&fixture);
    fixture_start(&fixture);
    expect(gateway_port(&fixture.gateway), "GET /docs HTTP/1.1\r\nHost: depot\r\n\r\n", 404,
           "ROUTE_UNKNOWN");
    fixture_stop(&fixture);
}

/* --- the document --- */

/* Whether the document has the path as one of the gateway's own. */
static bool
documented(json_t *paths, const char *path)
{
    json_t *get = json_object_get(json_object_get(paths, path), "get");
    const char *tag = json_string_value(json_array_get(json_object_get(get, "tags"), 0));

    return tag != NULL && strcmp(tag, "Gateway") == 0;
}

static void
check_document(const char *text, size_t bytes)
{
    json_t *document = json_loadb(text, bytes, 0, NULL);
    json_t *paths = json_object_get(document, "paths");
    size_t n = 0, own = 0;
    const char *path;
    json_t *verbs;

    while (admin_known(n) != NULL) {
        cr_assert(documented(paths, admin_known(n)->path), "%s", admin_known(n)->path);
        n++;
    }
    cr_assert(documented(paths, "/docs"));
    cr_assert(documented(paths, "/docs/{file}"));
    json_object_foreach(paths, path, verbs)
    {
        own += documented(paths, path);
    }
    cr_assert_eq(own, n + 2);
    json_decref(document);
}

Test(own_paths, the_documents_have_all_of_them_and_no_more)
{
    check_document(http_contract.openapi_json, http_contract.openapi_json_bytes);
    check_document(http_contract.openapi_30_json, http_contract.openapi_30_json_bytes);
}
