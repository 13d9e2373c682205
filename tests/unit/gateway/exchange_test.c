/* Requests and answers, through a real socket and a real service. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/uuid.h"
#include "fixture.h"

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

TestSuite(exchange, .init = start, .fini = stop, .timeout = 120);

static int
port(void)
{
    return gateway_port(&fixture.gateway);
}

static void
ask(const char *request, struct answer *answer)
{
    int fd = client_open(port());

    client_send(fd, request);
    answer_read(fd, answer, strncmp(request, "HEAD", 4) == 0);
    close(fd);
}

struct refusal {
    const char *request;
    int status;
    const char *reason;
};

/* clang-format off */
static const struct refusal refusals[] = {
    {"GET /nothing" HTTP "\r\n", 404, "ROUTE_UNKNOWN"},
    {"GET /v1/cars/" HTTP "\r\n", 404, "ROUTE_UNKNOWN"},
    {"GET /" HTTP "Accept: application/json\r\n\r\n", 406, "NOT_ACCEPTABLE"},
    {"POST /" HTTP JSON "Content-Length: 2\r\n\r\n{}", 405, "METHOD_NOT_ALLOWED"},
    {"OPTIONS /nothing" HTTP "\r\n", 404, "ROUTE_UNKNOWN"},
    {"GET /v1/planes" HTTP "\r\n", 404, "RESOURCE_TYPE_UNKNOWN"},
    {"GET /v1/cars/no-uuid" HTTP "\r\n", 404, "RESOURCE_NOT_FOUND"},
    {"GET " ABSENT HTTP "\r\n", 404, "RESOURCE_NOT_FOUND"},
    {"GET /v1/../cars" HTTP "\r\n", 400, "BAD_PATH"},
    {"GET /v1/%2e%2E/cars" HTTP "\r\n", 400, "BAD_PATH"},
    {"GET /v1/%00" HTTP "\r\n", 400, "BAD_PATH"},
    {"GET /v1/%zz" HTTP "\r\n", 400, "BAD_PATH"},
    {"GET /v1/%ff" HTTP "\r\n", 400, "BAD_PATH"},
    {"PUT " CAR HTTP "\r\n", 405, "METHOD_NOT_ALLOWED"},
    {"TRACE " CAR HTTP "\r\n", 405, "METHOD_NOT_ALLOWED"},
    {"POST /livez" HTTP "\r\n", 405, "METHOD_NOT_ALLOWED"},
    {"GET " CAR HTTP "Accept: text/html\r\n\r\n", 406, "NOT_ACCEPTABLE"},
    {"GET " CAR HTTP JSON "Content-Length: 2\r\n\r\n{}", 400, "BODY_NOT_ALLOWED"},
    {"GET /livez" HTTP JSON "Content-Length: 2\r\n\r\n{}", 400, "BODY_NOT_ALLOWED"},
    {"POST /v1/cars" HTTP "Content-Length: 2\r\n\r\n{}", 415, "MEDIA_TYPE"},
    {"POST /v1/cars" HTTP "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415, "MEDIA_TYPE"},
    {"POST /v1/cars" HTTP JSON "\r\n", 400, "MALFORMED_JSON"},
    {"POST /v1/cars" HTTP JSON "Content-Length: 1\r\n\r\n{", 400, "MALFORMED_JSON"},
    {"POST /v1/cars" HTTP JSON "Content-Length: 2\r\n\r\n{}", 400, "REQUIRED"},
    {"GET " CAR "?x=1" HTTP "\r\n", 400, "UNKNOWN_PARAMETER"},
    {"GET " CAR HTTP "Idempotency-Key: k\r\n\r\n", 400, "BAD_IDEMPOTENCY_KEY"},
    {"DELETE " CAR HTTP "Idempotency-Key:\r\n\r\n", 400, "BAD_IDEMPOTENCY_KEY"},
    {"DELETE " CAR HTTP "Idempotency-Key: a\r\nIdempotency-Key: a\r\n\r\n", 400, "BAD_IDEMPOTENCY_KEY"},
    {"DELETE " CAR HTTP "Idempotency-Key: \xc3\xa4\r\n\r\n", 400, "BAD_IDEMPOTENCY_KEY"},
    {"GET " CAR HTTP "Request-Timeout: soon\r\n\r\n", 400, "MALFORMED_REQUEST"},
    {"POST /v1/cars" HTTP JSON "Content-Length: 16\r\n\r\n{\"name\":\"taken\"}", 409, "NAME_TAKEN"},
    {"GET " AWAY HTTP "\r\n", 503, "DB_UNAVAILABLE"},
    {"GET " BROKEN HTTP "\r\n", 500, "INTERNAL_ERROR"},
    {"GET " CAR " HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST"},
    {"GET " CAR " HTTP/2.0\r\n\r\n", 400, "MALFORMED_REQUEST"},
    {"\x16\x03\x01", 400, "MALFORMED_REQUEST"},
};
/* clang-format on */

Test(exchange, every_refusal_is_a_problem)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        expect(port(), refusals[i].request, refusals[i].status, refusals[i].reason);
    }
}

Test(exchange, a_key_of_255_characters_is_taken_and_of_256_is_not)
{
    char request[1024];
    char key[257];

    memset(key, 'k', sizeof(key));
    key[256] = '\0';
    snprintf(request, sizeof(request), "DELETE " CAR HTTP "Idempotency-Key: %s\r\n\r\n", key);
    expect(port(), request, 400, "BAD_IDEMPOTENCY_KEY");
    snprintf(request, sizeof(request), "DELETE " CAR HTTP "Idempotency-Key: %s\r\n\r\n", key + 1);
    expect(port(), request, 204, NULL);
}

Test(exchange, the_verbs_of_a_path_are_told)
{
    struct answer answer;

    ask("PUT " CAR HTTP "\r\n", &answer);
    cr_assert_str_eq(answer_field(&answer, "Allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
    answer_free(&answer);
    ask("OPTIONS /v1/cars" HTTP "\r\n", &answer);
    answer_expect(&answer, 204, NULL);
    cr_assert_str_eq(answer_field(&answer, "Allow"), "GET, HEAD, OPTIONS, POST");
    cr_assert_null(answer_field(&answer, "Content-Length"));
    answer_free(&answer);
    ask("OPTIONS /livez" HTTP "\r\n", &answer);
    answer_expect(&answer, 204, NULL);
    cr_assert_str_eq(answer_field(&answer, "Allow"), "GET, HEAD, OPTIONS");
    answer_free(&answer);
    ask("OPTIONS *" HTTP "\r\n", &answer);
    answer_expect(&answer, 204, NULL);
    answer_free(&answer);
}

Test(exchange, head_has_the_fields_of_get_and_no_body)
{
    struct answer get, head;
    char length[32];
    int fd = client_open(port());

    client_send(fd, "GET " CAR HTTP "X-Request-Id: r\r\n\r\n");
    answer_read(fd, &get, false);
    answer_expect(&get, 200, NULL);
    snprintf(length, sizeof(length), "%zu", get.body_bytes);
    client_send(fd, "HEAD " CAR HTTP "X-Request-Id: r\r\n\r\nHEAD /livez" HTTP "\r\n");
    answer_read(fd, &head, true);
    answer_expect(&head, 200, NULL);
    cr_assert_str_eq(answer_field(&head, "Content-Length"), length);
    cr_assert_str_eq(answer_field(&head, "Content-Type"), "application/json");
    answer_free(&head);
    answer_read(fd, &head, true); /* no body stood between the heads */
    answer_expect(&head, 200, NULL);
    answer_free(&head);
    answer_free(&get);
    close(fd);
}

Test(exchange, what_is_made_has_a_location)
{
    struct answer answer;

    ask("POST /v1/cars" HTTP JSON "Content-Length: 15\r\n\r\n{\"name\":\"Golf\"}", &answer);
    answer_expect(&answer, 201, NULL);
    cr_assert_str_eq(answer_field(&answer, "Location"), CAR);
    cr_assert_null(answer_field(&answer, "Idempotent-Replayed"));
    cr_assert_not_null(strstr(answer.body, "\"name\":\"Golf\""));
    answer_free(&answer);
    ask("POST /v1/cars" HTTP JSON "Content-Length: 19\r\n\r\n{\"name\":\"replayed\"}", &answer);
    answer_expect(&answer, 201, NULL);
    cr_assert_str_eq(answer_field(&answer, "Idempotent-Replayed"), "true");
    answer_free(&answer);
}

Test(exchange, ids_and_keys_go_with_the_call)
{
#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    struct answer answer;

    ask("POST /v1/cars" HTTP JSON "Content-Length: 12\r\nX-Request-Id: my id\r\n"
        "Traceparent: " TRACE "\r\nIdempotency-Key: a key\r\n\r\n{\"name\":\"a\"}",
        &answer);
    answer_expect(&answer, 201, NULL);
    cr_assert_str_eq(answer_field(&answer, "X-Request-Id"), "my id");
    cr_assert_not_null(strstr(answer.body, "my id|" TRACE "|a key"), "%s", answer.body);
    answer_free(&answer);

    ask("GET " CAR HTTP "Traceparent: 00-nonsense\r\n\r\n", &answer);
    cr_assert_not_null(strstr(answer.body, "||\""), "%s", answer.body);
    answer_free(&answer);
}

Test(exchange, an_id_that_is_none_is_replaced)
{
    static const char *const bad[] = {"X-Request-Id:\r\n", "X-Request-Id: a\xc3\xa4\r\n",
                                      "X-Request-Id: a\r\nX-Request-Id: b\r\n", ""};
    char request[512];
    struct answer answer;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(request, sizeof(request), "GET /livez" HTTP "%s\r\n", bad[i]);
        ask(request, &answer);
        cr_assert(uuid_valid(answer_field(&answer, "X-Request-Id"), 36), "%s", answer.head);
        answer_free(&answer);
    }
    snprintf(request, sizeof(request), "GET /livez" HTTP "X-Request-Id: %0129d\r\n\r\n", 1);
    ask(request, &answer);
    cr_assert(uuid_valid(answer_field(&answer, "X-Request-Id"), 36), "%s", answer.head);
    answer_free(&answer);
}

Test(exchange, a_fault_of_ours_is_not_shown)
{
    struct answer answer;

    ask("GET " BROKEN HTTP "\r\n", &answer);
    answer_expect(&answer, 500, "INTERNAL_ERROR");
    cr_assert_null(strstr(answer.body, "secret"), "%s", answer.body);
    answer_free(&answer);
}

Test(exchange, when_to_come_back)
{
    struct answer answer;

    ask("GET " AWAY HTTP "\r\n", &answer);
    answer_expect(&answer, 503, "DB_UNAVAILABLE");
    cr_assert_str_eq(answer_field(&answer, "Retry-After"), "3");
    answer_free(&answer);
    ask("GET " BUSY HTTP "\r\n", &answer);
    answer_expect(&answer, 409, "REQUEST_IN_PROGRESS");
    cr_assert_str_eq(answer_field(&answer, "Retry-After"), "3");
    answer_free(&answer);
    ask("GET " ABSENT HTTP "\r\n", &answer);
    cr_assert_null(answer_field(&answer, "Retry-After"));
    answer_free(&answer);
}

Test(exchange, what_a_service_adds_is_part_of_the_problem)
{
    static const char body[] = "{\"startTime\":\"2030-01-01T00:00:00Z\"}";
    char request[512];
    struct answer answer;

    snprintf(request, sizeof(request),
             "POST " CAR "/allocations" HTTP JSON "Content-Length: %zu\r\n\r\n%s", strlen(body),
             body);
    ask(request, &answer);
    answer_expect(&answer, 409, "ALLOCATION_OVERLAP");
    cr_assert_not_null(strstr(answer.body, "\"conflicts\":[]"), "%s", answer.body);
    answer_free(&answer);
}

Test(exchange, the_clients_patience_ends_the_call)
{
    atomic_store(&fixture_wedged, true);
    expect(port(), "GET " WEDGE HTTP "Request-Timeout: 0.2\r\n\r\n", 504, "DEADLINE_EXCEEDED");
    expect(port(), "GET " CAR HTTP "Request-Timeout: 0\r\n\r\n", 504, "DEADLINE_EXCEEDED");
    expect(port(), "GET " CAR HTTP "Request-Timeout: 86400\r\n\r\n", 200, NULL);
}

Test(exchange, a_client_that_goes_is_not_waited_for)
{
    int fd = client_open(port());

    atomic_store(&fixture_wedged, true);
    client_send(fd, "GET " WEDGE HTTP "\r\n");
    wait_for_metric(port(), "depot_http_in_flight 1\n");
    close(fd);
    wait_for_metric(port(), "depot_http_in_flight 0\n");
    wait_for_metric(port(), "method=\"GetResource\",code=\"499\"} 1\n");
}

Test(exchange, a_client_that_has_said_all_gets_its_answer)
{
    struct answer answer;
    int fd = client_open(port());

    client_send(fd, "GET " CAR HTTP "\r\n");
    shutdown(fd, SHUT_WR);
    answer_read(fd, &answer, false);
    answer_expect(&answer, 200, NULL);
    answer_free(&answer);
    cr_assert(client_at_end(fd));
    close(fd);
}

Test(exchange, readiness_is_that_of_the_services)
{
    struct answer answer;

    atomic_store(&fixture_ready, false);
    wait_for_metric(port(), "depot_ready 0\n");
    ask("GET /readyz" HTTP "\r\n", &answer);
    answer_expect(&answer, 503, "NOT_READY");
    cr_assert_not_null(strstr(answer.body, "inventory"), "%s", answer.body);
    answer_free(&answer);
    expect(port(), "GET /livez" HTTP "\r\n", 200, NULL);
    atomic_store(&fixture_ready, true);
    wait_for_metric(port(), "depot_ready 1\n");
    expect(port(), "GET /readyz" HTTP "\r\n", 200, NULL);
}

Test(exchange, requests_are_counted)
{
    static const char *const lines[] = {
        "depot_http_requests_total{service=\"inventory\",method=\"GetResource\",code=\"200\"} 2\n",
        "depot_http_requests_total{service=\"inventory\",method=\"GetResource\",code=\"404\"} 1\n",
        "depot_http_requests_total{service=\"gateway\",method=\"none\",code=\"404\"} 1\n",
        "depot_http_request_duration_seconds_count{service=\"inventory\",method=\"GetResource\"} 3",
        "method=\"GetResource\",le=\"+Inf\"} 3\n",
        "depot_rpc_calls_total{service=\"inventory\",replica=\"tcp://127.0.0.1:",
        "depot_rpc_queue_length{service=\"inventory\"} 0\n",
        "process_resident_memory_bytes ",
        "depot_build_info{version=\"" DEPOT_VERSION "\"} 1\n",
    };
    char *text;

    expect(port(), "GET " CAR HTTP "\r\n", 200, NULL);
    expect(port(), "GET " CAR HTTP "\r\n", 200, NULL);
    expect(port(), "GET " ABSENT HTTP "\r\n", 404, "RESOURCE_NOT_FOUND");
    expect(port(), "GET /nothing" HTTP "\r\n", 404, "ROUTE_UNKNOWN");
    text = metrics_text(port());
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        cr_assert_not_null(strstr(text, lines[i]), "%s in\n%s", lines[i], text);
    }
    free(text);
}

Test(exchange, the_derived_document_is_served)
{
    struct answer answer;

    ask("GET /openapi.json" HTTP "\r\n", &answer);
    answer_expect(&answer, 200, NULL);
    cr_assert_eq(answer.body_bytes, http_contract.openapi_json_bytes);
    cr_assert_eq(memcmp(answer.body, http_contract.openapi_json, answer.body_bytes), 0);
    answer_free(&answer);
}

/* --- how large a body may be --- */

/* In this contract a vehicle takes up to 20 bytes, an allocation up to 100,000. */
static struct http_route routes[64];
static struct pb_method methods[64];
static struct http_contract contract;

static void
start_with_limits(void)
{
    contract = http_contract;
    contract.routes = routes;
    for (size_t i = 0; i < contract.n_routes; i++) {
        routes[i] = http_contract.routes[i];
        methods[i] = *routes[i].method;
        routes[i].method = &methods[i];
        methods[i].max_body_bytes = strcmp(methods[i].name, "CreateResource") == 0     ? 20
                                    : strcmp(methods[i].name, "CreateAllocation") == 0 ? 100000
                                                                                       : 0;
    }
    fixture_init(&fixture);
    fixture.contract = &contract;
    fixture_start(&fixture);
}

TestSuite(body_limit, .init = start_with_limits, .fini = stop, .timeout = 120);

/* Sends a document of exactly so many bytes; chunked if so. */
static void
send_body(const char *path, size_t bytes, bool chunked, struct answer *answer)
{
    struct buf request = BUF_INIT;
    int fd = client_open(port());

    buf_printf(&request, "POST %s" HTTP JSON, path);
    buf_printf(&request,
               chunked ? "Transfer-Encoding: chunked\r\n\r\n%zx\r\n"
                       : "Content-Length: %zu\r\n\r\n",
               bytes);
    buf_puts(&request, "{\"name\":\"x\"");
    for (size_t i = 12; i < bytes; i++) {
        buf_putc(&request, ' ');
    }
    buf_puts(&request, chunked ? "}\r\n0\r\n\r\n" : "}");
    client_send_bytes(fd, request.data, request.length_bytes);
    answer_read(fd, answer, false);
    answer_free(answer);
    close(fd);
    buf_fini(&request);
}

Test(body_limit, each_method_has_its_own)
{
    static const struct {
        const char *path;
        size_t bytes;
        int status;
    } cases[] = {
        {"/v1/cars", 20, 201},
        {"/v1/cars", 21, 413},
        {"/v1/cars", 100000, 413},
        {CAR "/allocations", 100000, 400}, /* it has no name */
        {CAR "/allocations", 100001, 413},
        {"/nothing", 65536, 404},
        {"/nothing", 65537, 413},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int chunked = 0; chunked < 2; chunked++) {
            struct answer answer;

            send_body(cases[i].path, cases[i].bytes, chunked, &answer);
            cr_assert_eq(answer.status, cases[i].status, "%s %zu: %s", cases[i].path,
                         cases[i].bytes, answer.head);
        }
    }
}

Test(body_limit, what_is_too_large_is_not_asked_for)
{
    struct answer answer;
    int fd = client_open(port());

    client_send(fd, "POST /v1/cars" HTTP JSON "Content-Length: 21\r\nExpect: 100-continue\r\n\r\n");
    answer_read(fd, &answer, false);
    answer_expect(&answer, 413, "BODY_TOO_LARGE");
    cr_assert_not_null(strstr(answer.body, "The body may have 20 bytes."));
    answer_free(&answer);
    cr_assert(client_at_end(fd));
    close(fd);
}
