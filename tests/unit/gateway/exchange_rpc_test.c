/* Connect and gRPC-Web through a real socket and a real service. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "http/rpc.h"

static struct fixture fixture;

static void
start(void)
{
    fixture_init(&fixture);
    fixture_start(&fixture);
}

static void
stop(void)
{
    fixture_stop(&fixture);
}

TestSuite(exchange_rpc, .init = start, .fini = stop, .timeout = 120);

#define SERVICE "/depot.inventory.v1.InventoryService/"
#define GRPC    "Content-Type: application/grpc-web\r\n"
#define VERSION "Connect-Protocol-Version: 1\r\n"
#define ID      "01890000-0000-7000-8000-00000000"

static void
ask_bytes(const void *request, size_t bytes, struct answer *answer)
{
    int fd = client_open(gateway_port(&fixture.gateway));

    client_send_bytes(fd, request, bytes);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}

static void
ask(const char *request, struct answer *answer)
{
    ask_bytes(request, strlen(request), answer);
}

/* A POST with a body of these bytes. */
static void
post(const char *path, const char *fields, const void *body, size_t bytes, struct answer *answer)
{
    char request[4096];
    int n = snprintf(request, sizeof(request), "POST %s" HTTP "%sContent-Length: %zu\r\n\r\n", path,
                     fields, bytes);

    cr_assert_leq((size_t)n + bytes, sizeof(request));
    memcpy(request + n, body, bytes);
    ask_bytes(request, (size_t)n + bytes, answer);
}

/* Checks the answer's status, type and, in its JSON, the code and the reason; frees it. */
static void
expect_error(struct answer *answer, int status, const char *code, const char *reason)
{
    json_t *document = json_loadb(answer->body, answer->body_bytes, 0, NULL);
    const json_t *info;

    cr_assert_not_null(document, "%s%s", answer->head, answer->body);
    cr_assert_eq(answer->status, status, "%s%s", answer->head, answer->body);
    cr_assert_str_eq(answer_field(answer, "Content-Type"), "application/json");
    cr_assert_str_eq(json_string_value(json_object_get(document, "code")), code, "%s",
                     answer->body);
    info = json_object_get(json_array_get(json_object_get(document, "details"), 0), "debug");
    cr_assert_str_eq(json_string_value(json_object_get(info, "reason")), reason, "%s",
                     answer->body);
    cr_assert_str_eq(json_string_value(json_object_get(info, "requestId")),
                     answer_field(answer, "X-Request-Id"));
    json_decref(document);
    answer_free(answer);
}

/* Checks that there is nothing but trailers with this code; frees it. */
static void
expect_trailers(struct answer *answer, int code)
{
    char wanted[64];
    int n = snprintf(wanted, sizeof(wanted), "grpc-status: %d\r\ngrpc-message: ", code);

    cr_assert_eq(answer->status, 200, "%s%s", answer->head, answer->body);
    cr_assert_str_eq(answer_field(answer, "Content-Type"), "application/grpc-web");
    cr_assert_gt(answer->body_bytes, 5 + (size_t)n);
    cr_assert_eq((unsigned char)answer->body[0], 0x80);
    cr_assert_eq(memcmp(answer->body + 5, wanted, (size_t)n), 0, "%s", answer->body + 5);
    answer_free(answer);
}

/* clang-format off */
static const struct {
    const char *path, *fields, *body;
    int status;
    const char *code, *reason;
} refusals[] = {
    {SERVICE "GetResource", JSON, "", 400, "invalid_argument", "MALFORMED_JSON"},
    {SERVICE "GetResource", JSON, "{", 400, "invalid_argument", "MALFORMED_JSON"},
    {SERVICE "GetResource", JSON, "{\"x\":1}", 404, "not_found", "RESOURCE_TYPE_UNKNOWN"},
    {SERVICE "GetResource", JSON, "{\"type\":\"cars\",\"id\":\"" ID "0404\"}", 404, "not_found", "RESOURCE_NOT_FOUND"},
    {SERVICE "GetResource", JSON, "{\"type\":\"cars\",\"id\":\"" ID "0503\"}", 503, "unavailable", "DB_UNAVAILABLE"},
    {SERVICE "GetResource", JSON, "{\"type\":\"cars\",\"id\":\"" ID "0500\"}", 500, "internal", "INTERNAL_ERROR"},
    {SERVICE "CreateResource", JSON, "{\"type\":\"cars\",\"resource\":{\"name\":\"taken\"}}", 409, "already_exists", "NAME_TAKEN"},
    {SERVICE "CreateResource", JSON, "{\"type\":\"cars\",\"resource\":{}}", 400, "invalid_argument", "REQUIRED"},
    {SERVICE "CreateResource", JSON, "{\"type\":\"cars\",\"resource\":{\"name\":\"a\",\"id\":\"b\"}}", 400, "invalid_argument", "READ_ONLY"},
    {SERVICE "GetResource?a=b", JSON, "{\"type\":\"cars\",\"id\":\"" ID "0001\"}", 400, "invalid_argument", "UNKNOWN_PARAMETER"},
    {SERVICE "GetResource?a=b", "Content-Type: application/proto\r\n", "", 400, "invalid_argument", "UNKNOWN_PARAMETER"},
    {SERVICE "GetResource", "Content-Type: application/proto\r\n", "\x0a\x05" "cars", 400, "invalid_argument", "MALFORMED_MESSAGE"},
    {SERVICE "GetResource", "Content-Type: application/proto\r\n", "\x0a\x04" "carS", 404, "not_found", "RESOURCE_TYPE_UNKNOWN"},
    {SERVICE "GetResource", "Content-Type: application/proto\r\n", "\x0a\x02\xc3(", 400, "invalid_argument", "MALFORMED_MESSAGE"},
    {SERVICE "GetResource", JSON "Content-Encoding: gzip\r\n", "{}", 501, "unimplemented", "CONTENT_CODING"},
    {SERVICE "GetResource", JSON "Connect-Protocol-Version: 2\r\n", "{}", 400, "invalid_argument", "MALFORMED_REQUEST"},
    {SERVICE "GetResource", JSON "Connect-Timeout-Ms: soon\r\n", "{}", 400, "invalid_argument", "MALFORMED_REQUEST"},
    {SERVICE "GetResource", JSON "Idempotency-Key: k\r\n", "{}", 400, "invalid_argument", "BAD_IDEMPOTENCY_KEY"},
    {SERVICE "GetResources", JSON, "{}", 501, "unimplemented", "METHOD_UNKNOWN"},
    {"/depot.space.v1.Rocket/Launch", JSON VERSION, "{}", 501, "unimplemented", "METHOD_UNKNOWN"},
};
/* clang-format on */

Test(exchange_rpc, every_refusal_is_an_error_of_connect)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct answer answer;

        post(refusals[i].path, refusals[i].fields, refusals[i].body, strlen(refusals[i].body),
             &answer);
        expect_error(&answer, refusals[i].status, refusals[i].code, refusals[i].reason);
    }
}

Test(exchange_rpc, what_is_wrong_with_http_is_a_problem_of_http)
{
    struct answer answer;

    ask("GET " SERVICE "CreateResource" HTTP "\r\n", &answer);
    answer_expect(&answer, 405, "METHOD_NOT_ALLOWED");
    cr_assert_str_eq(answer_field(&answer, "Allow"), "OPTIONS, POST");
    answer_free(&answer);
    ask("PUT " SERVICE "GetResource" HTTP GRPC "\r\n", &answer);
    answer_expect(&answer, 405, "METHOD_NOT_ALLOWED");
    cr_assert_str_eq(answer_field(&answer, "Allow"), "GET, HEAD, OPTIONS, POST");
    answer_free(&answer);
    ask("OPTIONS " SERVICE "GetResource" HTTP "\r\n", &answer);
    answer_expect(&answer, 204, NULL);
    answer_free(&answer);
    post(SERVICE "GetResource", "Content-Type: application/connect+json\r\n", "{}", 2, &answer);
    answer_expect(&answer, 415, "MEDIA_TYPE");
    cr_assert_str_eq(answer_field(&answer, "Accept-Post"), http_rpc_content_types);
    answer_free(&answer);
    post("/v1/cars", "Content-Type: text/plain\r\n", "{}", 2, &answer);
    answer_expect(&answer, 415, "MEDIA_TYPE");
    cr_assert_null(answer_field(&answer, "Accept-Post"));
    answer_free(&answer);
    post("/v1/cars", JSON VERSION, "{}", 2, &answer); /* the path decides */
    answer_expect(&answer, 400, "REQUIRED");
    answer_free(&answer);
    post("/depot.space.v1.Rocket/Launch", JSON, "{}", 2, &answer);
    answer_expect(&answer, 404, "ROUTE_UNKNOWN");
    answer_free(&answer);
    post("/v1/cars", JSON "Content-Encoding: gzip\r\n", "{}", 2, &answer);
    answer_expect(&answer, 415, "CONTENT_CODING");
    answer_free(&answer);
}

Test(exchange_rpc, what_the_parser_refuses_is_said_in_the_clients_words)
{
    static const char large[] = "Content-Length: 99999\r\n\r\n";
    char request[512];
    struct answer answer;

    snprintf(request, sizeof(request), "POST " SERVICE "GetResource" HTTP JSON VERSION "%s", large);
    ask(request, &answer);
    cr_assert_str_eq(answer_field(&answer, "Connection"), "close");
    expect_error(&answer, 400, "invalid_argument", "BODY_TOO_LARGE");
    snprintf(request, sizeof(request), "POST " SERVICE "GetResource" HTTP GRPC "%s", large);
    ask(request, &answer);
    expect_trailers(&answer, 3);
    snprintf(request, sizeof(request), "POST " SERVICE "GetResource" HTTP JSON "%s", large);
    ask(request, &answer);
    answer_expect(&answer, 413, "BODY_TOO_LARGE");
    answer_free(&answer);
}

static const char get_car[] = "{\"type\":\"cars\",\"id\":\"" ID "0001\"}";

Test(exchange_rpc, json_in_and_out)
{
    struct answer answer;

    post(SERVICE "GetResource", JSON VERSION, get_car, strlen(get_car), &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "application/json");
    cr_assert_not_null(strstr(answer.body, "\"id\":\"" ID "0001\""), "%s", answer.body);
    answer_free(&answer);
}

Test(exchange_rpc, what_is_made_has_no_location_but_its_key_is_honoured)
{
    static const char body[] = "{\"type\":\"cars\",\"resource\":{\"name\":\"replayed\"}}";
    struct answer answer;

    post(SERVICE "CreateResource", JSON "Idempotency-Key: k\r\nX-Request-Id: my id\r\n", body,
         strlen(body), &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_null(answer_field(&answer, "Location"));
    cr_assert_str_eq(answer_field(&answer, "Idempotent-Replayed"), "true");
    cr_assert_not_null(strstr(answer.body, "\"description\":\"my id||k\""), "%s", answer.body);
    answer_free(&answer);
}

Test(exchange_rpc, an_empty_message_is_an_answer)
{
    static const char body[] = "{\"type\":\"cars\",\"id\":\"" ID "0001\"}";
    static const char packed[] = "\x0a\x04"
                                 "cars\x12\x24" ID "0001";
    struct answer answer;

    post(SERVICE "DeleteResource", JSON, body, strlen(body), &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer.body, "{}");
    answer_free(&answer);
    post(SERVICE "DeleteResource", "Content-Type: application/proto\r\n", packed,
         sizeof(packed) - 1, &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "application/proto");
    cr_assert_str_eq(answer_field(&answer, "Content-Length"), "0");
    answer_free(&answer);
}

Test(exchange_rpc, a_get_carries_its_message_in_the_query)
{
    struct answer get, head;

    ask("GET " SERVICE "GetResource?connect=v1&encoding=json&base64=1&message="
        "eyJ0eXBlIjoiY2FycyIsImlkIjoiMDE4OTAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIn0" HTTP
        "X-Request-Id: r\r\n\r\n",
        &get);
    cr_assert_eq(get.status, 200, "%s", get.body);
    cr_assert_not_null(strstr(get.body, "\"id\":\"" ID "0001\""), "%s", get.body);
    ask("HEAD " SERVICE "GetResource?encoding=json&message="
        "%7B%22type%22%3A%22cars%22%2C%22id%22%3A%22" ID "0001%22%7D" HTTP
        "X-Request-Id: r\r\n\r\n",
        &head);
    cr_assert_eq(head.status, 200, "%s", head.head);
    cr_assert_eq((size_t)atol(answer_field(&head, "Content-Length")), get.body_bytes);
    answer_free(&head);
    answer_free(&get);
    ask("GET " SERVICE "GetResource" HTTP "\r\n", &get);
    expect_error(&get, 400, "invalid_argument", "MALFORMED_REQUEST");
    ask("GET " SERVICE "GetResource?encoding=json&message=%7B%7D" HTTP JSON
        "Content-Length: 2\r\n\r\n{}",
        &get);
    expect_error(&get, 400, "invalid_argument", "BODY_NOT_ALLOWED");
    ask("GET " SERVICE "GetThing" HTTP "\r\n", &get);
    expect_error(&get, 501, "unimplemented", "METHOD_UNKNOWN");
}

Test(exchange_rpc, grpc_web_frames)
{
    static const char request[] = "\0\0\0\0\x2c\x0a\x04"
                                  "cars\x12\x24" ID "0001";
    static const char trailers[] = "\x80\0\0\0\x10grpc-status: 0\r\n";
    struct answer answer;
    size_t n = sizeof(trailers) - 1;

    post(SERVICE "GetResource", GRPC, request, sizeof(request) - 1, &answer);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "application/grpc-web");
    cr_assert_gt(answer.body_bytes, n + 5);
    cr_assert_eq(answer.body[0], 0);
    cr_assert_eq((size_t)(unsigned char)answer.body[4], answer.body_bytes - n - 5);
    cr_assert_eq(memcmp(answer.body + answer.body_bytes - n, trailers, n), 0);
    answer_free(&answer);
}

Test(exchange_rpc, every_refusal_is_a_frame_of_trailers)
{
    static const char absent[] = "\0\0\0\0\x2c\x0a\x04"
                                 "cars\x12\x24" ID "0404";
    struct answer answer;

    post(SERVICE "GetResource", GRPC, absent, sizeof(absent) - 1, &answer);
    expect_trailers(&answer, 5);
    post(SERVICE "GetResource", GRPC, absent, sizeof(absent) - 2, &answer);
    expect_trailers(&answer, 3);
    post(SERVICE "GetResource", GRPC, "", 0, &answer);
    expect_trailers(&answer, 3);
    post(SERVICE "GetResource", GRPC "Grpc-Encoding: gzip\r\n", absent, sizeof(absent) - 1,
         &answer);
    expect_trailers(&answer, 12);
    post(SERVICE "GetResource", GRPC "Grpc-Timeout: 0n\r\n", absent, sizeof(absent) - 1, &answer);
    expect_trailers(&answer, 4);
    post(SERVICE "Launch", GRPC, absent, sizeof(absent) - 1, &answer);
    expect_trailers(&answer, 12);
    post("/nowhere", GRPC, absent, sizeof(absent) - 1, &answer);
    expect_trailers(&answer, 12);
}

Test(exchange_rpc, metrics_count_what_is_meant)
{
    struct answer answer;
    char *text;

    post(SERVICE "GetResource", GRPC, "", 0, &answer);
    expect_trailers(&answer, 3);
    post(SERVICE "GetResource", JSON, get_car, strlen(get_car), &answer);
    answer_free(&answer);
    text = metrics_text(gateway_port(&fixture.gateway));
    cr_assert_not_null(strstr(text, "method=\"GetResource\",code=\"400\"} 1\n"), "%s", text);
    cr_assert_not_null(strstr(text, "method=\"GetResource\",code=\"200\"} 1\n"), "%s", text);
    free(text);
}

Test(exchange_rpc, a_fault_of_ours_is_not_shown)
{
    static const char body[] = "{\"type\":\"cars\",\"id\":\"" ID "0500\"}";
    struct answer answer;

    post(SERVICE "GetResource", JSON, body, strlen(body), &answer);
    cr_assert_null(strstr(answer.body, "secret"), "%s", answer.body);
    expect_error(&answer, 500, "internal", "INTERNAL_ERROR");
}

Test(exchange_rpc, the_descriptor_set_is_served)
{
    struct answer answer;

    ask("GET /descriptor.binpb" HTTP "\r\n", &answer);
    cr_assert_eq(answer.status, 200);
    cr_assert_str_eq(answer_field(&answer, "Content-Type"), "application/x-protobuf");
    cr_assert_eq(answer.body_bytes, http_contract.descriptor_set_bytes);
    cr_assert_eq(memcmp(answer.body, http_contract.descriptor_set, answer.body_bytes), 0);
    answer_free(&answer);
}

/* --- with a limit --- */

static void
start_limited(void)
{
    fixture_init(&fixture);
    fixture.config.rate = (struct rate_policy){.requests = 2, .seconds = 600};
    fixture_start(&fixture);
}

TestSuite(exchange_rpc_share, .init = start_limited, .fini = stop, .timeout = 120);

Test(exchange_rpc_share, one_share_for_all_protocols)
{
    struct answer answer;

    ask("GET " CAR HTTP "\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    answer_free(&answer);
    post(SERVICE "GetResource", JSON, get_car, strlen(get_car), &answer);
    answer_expect(&answer, 200, NULL);
    answer_free(&answer);
    post(SERVICE "GetResource", JSON, get_car, strlen(get_car), &answer);
    cr_assert_not_null(answer_field(&answer, "Retry-After"));
    expect_error(&answer, 429, "resource_exhausted", "RATE_LIMITED");
    post(SERVICE "GetResource", GRPC, "", 0, &answer);
    expect_trailers(&answer, 8);
}
