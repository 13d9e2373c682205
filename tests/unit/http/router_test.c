/* The router over hand-made tables: what the real contract does not have yet must work too. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "http/route.h"

static const ProtobufCFieldDescriptor scalar = {.label = PROTOBUF_C_LABEL_NONE,
                                                .type = PROTOBUF_C_TYPE_STRING};
static const struct pb_field fields[] = {
    {.name = "a", .json_name = "a", .descriptor = &scalar},
    {.name = "b", .json_name = "b", .descriptor = &scalar},
    {.name = "c", .json_name = "c", .descriptor = &scalar},
};
static const struct pb_message request = {
    .full_name = "test.Request", .fields = fields, .n_fields = 3};
static const struct pb_method method = {.path = "/test.Service/Method", .request = &request};

#define LITERAL(text)                                                                              \
    {                                                                                              \
        .literal = (text)                                                                          \
    }
#define VARIABLE(index)                                                                            \
    {                                                                                              \
        .field = (index)                                                                           \
    }
#define ROUTE(the_verb, the_pattern, ...)                                                          \
    {                                                                                              \
        .verb = (the_verb), .pattern = (the_pattern), .method = &method, .body = HTTP_BODY_NONE,   \
        .segments = (const struct http_segment[]){__VA_ARGS__},                                    \
        .n_segments =                                                                              \
            sizeof((const struct http_segment[]){__VA_ARGS__}) / sizeof(struct http_segment),      \
    }

/* Most specific ones last, so that the order of the table cannot be what decides. */
static const struct http_route routes[] = {
    ROUTE("GET", "/v1/{a}", LITERAL("v1"), VARIABLE(0)),
    ROUTE("POST", "/v1/{b}", LITERAL("v1"), VARIABLE(1)),
    ROUTE("GET", "/v1/{a}/{b}", LITERAL("v1"), VARIABLE(0), VARIABLE(1)),
    ROUTE("DELETE", "/v1/{b}/{a}", LITERAL("v1"), VARIABLE(1), VARIABLE(0)),
    ROUTE("GET", "/v1/{a}/{b}/allocations", LITERAL("v1"), VARIABLE(0), VARIABLE(1),
          LITERAL("allocations")),
    ROUTE("GET", "/v1/{a}/{b}/allocations/{c}", LITERAL("v1"), VARIABLE(0), VARIABLE(1),
          LITERAL("allocations"), VARIABLE(2)),
    ROUTE("PUT", "/v1/pxcodes/{c}", LITERAL("v1"), LITERAL("pxcodes"), VARIABLE(2)),
    ROUTE("GET", "/v1/pxcodes/{c}", LITERAL("v1"), LITERAL("pxcodes"), VARIABLE(2)),
    ROUTE("GET", "/v1/pxcodes/by/{c}/name", LITERAL("v1"), LITERAL("pxcodes"), LITERAL("by"),
          VARIABLE(2), LITERAL("name")),
    ROUTE("GET", "/v1/{a}/mine", LITERAL("v1"), VARIABLE(0), LITERAL("mine")),
    ROUTE("GET", "/a b/{a}", LITERAL("a b"), VARIABLE(0)),
    ROUTE("POST", "/only/post", LITERAL("only"), LITERAL("post")),
    ROUTE("GET", "/v1", LITERAL("v1")),
};

static struct http_router *router;
static struct http_match match;

static void
setup(void)
{
    router = http_router_new(routes, sizeof(routes) / sizeof(routes[0]));
}

static void
teardown(void)
{
    http_router_free(router);
}

TestSuite(router, .init = setup, .fini = teardown);

/* The path lies in memory of exactly its size, so that a sanitizer sees a read past its end. */
static const char *
found(const char *verb, const char *path)
{
    static char *copy;

    free(copy);
    copy = malloc(strlen(path) + (path[0] == '\0'));
    memcpy(copy, path, strlen(path));
    memset(&match, 0x5a, sizeof(match));
    http_router_find(router, verb, strlen(verb), copy, strlen(path), &match);
    return match.route == NULL ? "nothing" : match.route->pattern;
}

static void
expect_variable(size_t index, int field, const char *text)
{
    cr_assert_lt(index, match.n_variables);
    cr_assert_eq(match.variables[index].field, field);
    cr_assert_eq(match.variables[index].bytes, strlen(text));
    cr_assert_eq(memcmp(match.variables[index].text, text, strlen(text)), 0);
}

Test(router, finds_a_route_and_its_variables)
{
    cr_assert_str_eq(found("GET", "/v1/cars/17/allocations/9"), "/v1/{a}/{b}/allocations/{c}");
    cr_assert_eq(match.n_variables, 3);
    expect_variable(0, 0, "cars");
    expect_variable(1, 1, "17");
    expect_variable(2, 2, "9");
    cr_assert_str_eq(match.allow, "");
}

Test(router, variables_are_named_by_the_route_that_matched)
{
    cr_assert_str_eq(found("DELETE", "/v1/cars/17"), "/v1/{b}/{a}");
    expect_variable(0, 1, "cars");
    expect_variable(1, 0, "17");
    cr_assert_str_eq(found("GET", "/v1/cars/17"), "/v1/{a}/{b}");
    expect_variable(0, 0, "cars");
}

Test(router, variables_stay_percent_encoded)
{
    cr_assert_str_eq(found("GET", "/v1/a%2Fb/%zz"), "/v1/{a}/{b}");
    expect_variable(0, 0, "a%2Fb");
    expect_variable(1, 1, "%zz");
}

Test(router, a_literal_beats_a_variable_from_left_to_right)
{
    cr_assert_str_eq(found("GET", "/v1/pxcodes/123"), "/v1/pxcodes/{c}");
    cr_assert_eq(match.n_variables, 1);
    expect_variable(0, 2, "123");
    cr_assert_str_eq(found("GET", "/v1/pxcodes/mine"), "/v1/pxcodes/{c}");
    cr_assert_str_eq(found("GET", "/v1/cars/mine"), "/v1/{a}/mine");
}

Test(router, a_literal_that_leads_nowhere_falls_back_to_the_variable)
{
    cr_assert_str_eq(found("GET", "/v1/pxcodes/123/allocations"), "/v1/{a}/{b}/allocations");
    expect_variable(0, 0, "pxcodes");
    cr_assert_str_eq(found("GET", "/v1/pxcodes"), "/v1/{a}");
    cr_assert_str_eq(found("GET", "/v1/pxcodes/by/allocations"), "/v1/{a}/{b}/allocations");
    cr_assert_str_eq(found("GET", "/v1/pxcodes/by/1"), "nothing");
    cr_assert_str_eq(found("GET", "/v1/pxcodes/by/allocations/1"), "/v1/{a}/{b}/allocations/{c}");
    cr_assert_str_eq(found("GET", "/v1/pxcodes/by/1/name"), "/v1/pxcodes/by/{c}/name");
}

Test(router, a_literal_without_the_verb_does_not_fall_back_to_the_variable)
{
    cr_assert_str_eq(found("DELETE", "/v1/pxcodes/123"), "nothing");
    cr_assert_str_eq(found("PUT", "/v1/pxcodes/123"), "/v1/pxcodes/{c}");
    cr_assert_str_eq(found("PUT", "/v1/cars/123"), "nothing");
}

Test(router, allow_lists_every_verb_that_would_match_sorted)
{
    cr_assert_str_eq(found("PATCH", "/v1/cars"), "nothing");
    cr_assert_str_eq(match.allow, "GET, HEAD, OPTIONS, POST");
    cr_assert_str_eq(found("PATCH", "/v1/pxcodes/123"), "nothing");
    cr_assert_str_eq(match.allow, "GET, HEAD, OPTIONS, PUT");
    cr_assert_str_eq(found("GET", "/only/post"), "nothing");
    cr_assert_str_eq(match.allow, "OPTIONS, POST");
}

Test(router, options_is_answered_with_allow_and_no_route)
{
    cr_assert_str_eq(found("OPTIONS", "/v1/cars/1"), "nothing");
    cr_assert_str_eq(match.allow, "DELETE, GET, HEAD, OPTIONS");
    cr_assert_str_eq(found("OPTIONS", "/v2/cars/1"), "nothing");
    cr_assert_str_eq(match.allow, "");
}

Test(router, head_is_gets_route)
{
    cr_assert_str_eq(found("HEAD", "/v1/cars/17"), "/v1/{a}/{b}");
    cr_assert_str_eq(match.route->verb, "GET");
    cr_assert_str_eq(found("HEAD", "/only/post"), "nothing");
    cr_assert_str_eq(match.allow, "OPTIONS, POST");
}

Test(router, verbs_are_compared_whole_and_by_case)
{
    cr_assert_str_eq(found("get", "/v1/cars"), "nothing");
    cr_assert_str_eq(found("GE", "/v1/cars"), "nothing");
    cr_assert_str_eq(found("GETS", "/v1/cars"), "nothing");
    cr_assert_str_eq(found("", "/v1/cars"), "nothing");
    cr_assert_str_eq(match.allow, "GET, HEAD, OPTIONS, POST");
}

Test(router, unknown_paths_match_nothing_and_allow_nothing)
{
    static const char *const paths[] = {
        "",
        "/",
        "v1/cars",
        "*",
        "//",
        "/v1/",
        "/v1/cars/",
        "//v1/cars",
        "/v1//cars",
        "/v1/cars//",
        "/V1/cars",
        "/v",
        "/v11",
        "/v1/a/b/c",
        "/v1/a/b/allocations/c/d",
        "/only",
        "/only/post/",
        "/only/posts",
        "/only/pos",
        "/a/x",
        "/a%20b",
        "/a%2/x",
        "/a%2",
        "/a%20b%/x",
        "/a%20/x",
        "/a%zzb/x",
        "/a%20bb/x",
        "/a+b/x",
        "/%00/x",
        "/v1%2fcars",
        "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16",
        "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        cr_assert_str_eq(found("GET", paths[i]), "nothing", "%s", paths[i]);
        cr_assert_str_eq(match.allow, "", "%s", paths[i]);
        cr_assert_eq(match.n_variables, 0, "%s", paths[i]);
    }
}

Test(router, literals_may_come_percent_encoded)
{
    cr_assert_str_eq(found("GET", "/%76%31/cars"), "/v1/{a}");
    cr_assert_str_eq(found("GET", "/a%20b/x"), "/a b/{a}");
    cr_assert_str_eq(found("GET", "/v1/%70xcodes/7"), "/v1/pxcodes/{c}");
    cr_assert_str_eq(found("GET", "/v1/pxcodes%/7"), "/v1/{a}/{b}");
}

Test(router, the_shortest_paths)
{
    cr_assert_str_eq(found("GET", "/v1"), "/v1");
    cr_assert_eq(match.n_variables, 0);
}

Test(router, an_empty_table_matches_nothing, .init = NULL, .fini = NULL)
{
    struct http_router *empty = http_router_new(NULL, 0);

    http_router_find(empty, "GET", 3, "/v1", 3, &match);
    cr_assert_null(match.route);
    cr_assert_str_eq(match.allow, "");
    http_router_free(empty);
    http_router_free(NULL);
}

Test(router, the_root_can_have_a_route)
{
    static const struct http_route root[] = {
        {.verb = "GET", .pattern = "/", .method = &method, .body = HTTP_BODY_NONE},
    };

    http_router_free(router);
    router = http_router_new(root, 1);
    cr_assert_str_eq(found("GET", "/"), "/");
    cr_assert_str_eq(found("GET", ""), "nothing");
}

/*
 * Literals and variables at every level: a search that tried all combinations at each level would
 * need 3^15 steps and more; one step for each node is 2^16 at most.
 */
Test(router, regression_backtracking_is_bounded_by_the_table)
{
    enum { DEPTH = 14, COUNT = DEPTH + 1 };
    static struct http_segment segments[COUNT][HTTP_SEGMENTS_MAX];
    static struct http_route deep[COUNT];
    char path[2 * DEPTH + 8] = "";

    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < DEPTH; k++) {
            bool is_variable = k >= i && k < i + HTTP_VARIABLES_MAX;

            segments[i][k] =
                is_variable ? (struct http_segment)VARIABLE(0) : (struct http_segment)LITERAL("x");
        }
        segments[i][DEPTH] = (struct http_segment)LITERAL("end");
        deep[i] = (struct http_route){.verb = "GET",
                                      .pattern = "deep",
                                      .method = &method,
                                      .segments = segments[i],
                                      .n_segments = DEPTH + 1,
                                      .body = HTTP_BODY_NONE};
    }
    for (size_t k = 0; k < DEPTH; k++) {
        strcat(path, "/x");
    }
    strcat(path, "/no");
    http_router_free(router);
    router = http_router_new(deep, COUNT);
    for (int i = 0; i < 20000; i++) {
        http_router_find(router, "GET", 3, path, strlen(path), &match);
        cr_assert_null(match.route);
    }
    strcpy(path + strlen(path) - 2, "end");
    cr_assert_str_eq(found("GET", path), "deep");
    cr_assert_eq(match.n_variables, 0);
}

Test(router, two_routes_for_one_path_and_verb_are_a_bug, .signal = SIGABRT)
{
    const struct http_route twice[] = {
        ROUTE("GET", "/x/{a}", LITERAL("x"), VARIABLE(0)),
        ROUTE("GET", "/x/{b}", LITERAL("x"), VARIABLE(1)),
    };

    http_router_new(twice, 2);
}
