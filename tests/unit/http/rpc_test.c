/* What RPC protocols have in common: content types, and routes by method. */
#include "http/rpc.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* --- forms --- */

static void
read_fields(struct http_message *message, const char *fields)
{
    char request[512];
    size_t used;

    snprintf(request, sizeof(request), "POST /a HTTP/1.1\r\nHost: h\r\n%s\r\n", fields);
    http_message_init(message);
    cr_assert_eq(http_message_feed(message, request, strlen(request), &used), HTTP_PARSE_DONE);
}

/* "connect json application/json", or "none". */
static const char *
form_of(const char *fields, bool certain)
{
    static char said[128];
    static const char *const protocols[] = {"?", "connect", "grpc-web"};
    struct http_message message;
    struct http_rpc_form form;

    read_fields(&message, fields);
    if (certain ? http_rpc_form_certain(&message, &form) : http_rpc_form_find(&message, &form)) {
        snprintf(said, sizeof(said), "%s %s%s %s", protocols[form.protocol],
                 form.packed ? "proto" : "json", form.text ? " text" : "", form.content_type);
    } else {
        snprintf(said, sizeof(said), "none");
    }
    http_message_fini(&message);
    return said;
}

#define TYPE(type) form_of("Content-Type: " type "\r\n", false)

Test(rpc, content_types)
{
    cr_assert_str_eq(TYPE("application/json"), "connect json application/json");
    cr_assert_str_eq(TYPE("application/json; charset=utf-8"), "connect json application/json");
    cr_assert_str_eq(TYPE("application/proto"), "connect proto application/proto");
    cr_assert_str_eq(TYPE("Application/Proto"), "connect proto application/proto");
    cr_assert_str_eq(TYPE("application/grpc-web"), "grpc-web proto application/grpc-web");
    cr_assert_str_eq(TYPE("application/grpc-web+proto"),
                     "grpc-web proto application/grpc-web+proto");
    cr_assert_str_eq(TYPE("application/grpc-web+json"), "grpc-web json application/grpc-web+json");
    cr_assert_str_eq(TYPE("application/grpc-web-text"),
                     "grpc-web proto text application/grpc-web-text");
    cr_assert_str_eq(TYPE("application/grpc-web-text+proto"),
                     "grpc-web proto text application/grpc-web-text+proto");
}

Test(rpc, other_content_types_are_none)
{
    cr_assert_str_eq(form_of("", false), "none");
    cr_assert_str_eq(TYPE(""), "none");
    cr_assert_str_eq(TYPE("text/plain"), "none");
    cr_assert_str_eq(TYPE("application/json; charset=latin1"), "none");
    cr_assert_str_eq(TYPE("application/connect+json"), "none"); /* streaming */
    cr_assert_str_eq(TYPE("application/grpc"), "none");
    cr_assert_str_eq(TYPE("application/grpc-web+xml"), "none");
    cr_assert_str_eq(TYPE("application/prot"), "none");
    cr_assert_str_eq(form_of("Content-Type: application/proto\r\n"
                             "Content-Type: application/proto\r\n",
                             false),
                     "none");
}

Test(rpc, what_is_certain_without_a_path)
{
    cr_assert_str_eq(form_of("Content-Type: application/json\r\n", true), "none");
    cr_assert_str_eq(form_of("Content-Type: application/proto\r\n", true), "none");
    cr_assert_str_eq(form_of("Connect-Protocol-Version: 1\r\n", true), "none");
    cr_assert_str_eq(
        form_of("Content-Type: application/json\r\nConnect-Protocol-Version: 1\r\n", true),
        "connect json application/json");
    cr_assert_str_eq(form_of("Content-Type: application/grpc-web\r\n", true),
                     "grpc-web proto application/grpc-web");
}

Test(rpc, every_content_type_is_listed)
{
    char list[512];
    char *rest = list;
    char *type;
    size_t n = 0;

    snprintf(list, sizeof(list), "%s", http_rpc_content_types);
    while ((type = strsep(&rest, ",")) != NULL) {
        char fields[128];

        snprintf(fields, sizeof(fields), "Content-Type: %s\r\n", type);
        cr_assert_str_neq(form_of(fields, false), "none", "%s", type);
        n++;
    }
    cr_assert_eq(n, 7);
}

/* --- routes --- */

#define SERVICE "/depot.inventory.v1.InventoryService/"

Test(rpc, every_method_has_a_route)
{
    struct http_rpc_table *table = http_rpc_table_new(http_contract.services);
    size_t n = 0;

    for (size_t i = 0; http_contract.services[i] != NULL; i++) {
        for (size_t j = 0; j < http_contract.services[i]->n_methods; j++) {
            const struct pb_method *method = http_contract.services[i]->methods[j];
            const struct http_route *route =
                http_rpc_table_find(table, method->path, strlen(method->path));

            cr_assert_not_null(route, "%s", method->path);
            cr_assert_eq(route->method, method);
            cr_assert_eq(route->body, HTTP_BODY_WHOLE);
            cr_assert_eq(route->success_status, 200);
            cr_assert(http_rpc_table_serves(table, method->path, strlen(method->path)));
            n++;
        }
    }
    cr_assert_gt(n, 8);
    http_rpc_table_free(table);
}

Test(rpc, nothing_else_has_one)
{
    static const struct {
        const char *path;
        bool served;
    } cases[] = {
        {"/", false},
        {SERVICE, false},
        {"/depot.inventory.v1.InventoryService", false},
        {SERVICE "GetResourc", true},
        {SERVICE "GetResources", true},
        {SERVICE "getResource", true},
        {SERVICE "GetResource/", false},
        {SERVICE "a/b", false},
        {"/depot.inventory.v1.Inventory/GetResource", false},
        {"/depot.inventory.v1.InventoryServices/GetResource", false},
        {"/grpc.health.v1.Health/Check", false},
        {"/zzz", false},
    };
    struct http_rpc_table *table = http_rpc_table_new(http_contract.services);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t bytes = strlen(cases[i].path);

        cr_assert_null(http_rpc_table_find(table, cases[i].path, bytes), "%s", cases[i].path);
        cr_assert_eq(http_rpc_table_serves(table, cases[i].path, bytes), cases[i].served, "%s",
                     cases[i].path);
    }
    http_rpc_table_free(table);
}

Test(rpc, a_path_ends_where_it_is_said_to_end)
{
    static const char path[] = SERVICE "GetResource";
    struct http_rpc_table *table = http_rpc_table_new(http_contract.services);

    for (size_t bytes = 1; bytes < sizeof(path) - 1; bytes++) {
        char *copy = strndup(path, bytes);

        cr_assert_null(http_rpc_table_find(table, path, bytes), "%s", copy);
        free(copy);
    }
    cr_assert_not_null(http_rpc_table_find(table, path, sizeof(path) - 1));
    http_rpc_table_free(table);
}
