/* Bytes, time, limits and the end of the process, through real sockets. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "fixture.h"
#include "support/port.h"

static struct fixture fixture;

static void
init(void)
{
    fixture_init(&fixture);
}

static void
stop(void)
{
    fixture_stop(&fixture);
}

TestSuite(connection, .init = init, .fini = stop, .timeout = 120);

static int
port(void)
{
    return gateway_port(&fixture.gateway);
}

static void
expect_next(int fd, int status, const char *reason)
{
    struct answer answer;

    answer_read(fd, &answer, false);
    answer_expect(&answer, status, reason);
    answer_free(&answer);
}

Test(connection, pipelined_requests_are_answered_in_order)
{
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "GET " CAR HTTP "\r\nGET /livez" HTTP "\r\nGET " ABSENT HTTP
                    "\r\nPOST /v1/cars" HTTP JSON
                    "Content-Length: 12\r\n\r\n{\"name\":\"a\"}GET /nothing" HTTP
                    "\r\nGET " CAR HTTP "Connection: close\r\n\r\nGET /livez" HTTP "\r\n");
    expect_next(fd, 200, NULL);
    expect_next(fd, 200, NULL);
    expect_next(fd, 404, "RESOURCE_NOT_FOUND");
    expect_next(fd, 201, NULL);
    expect_next(fd, 404, "ROUTE_UNKNOWN");
    expect_next(fd, 200, NULL);
    cr_assert(client_at_end(fd), "nothing is answered behind Connection: close");
    close(fd);
}

Test(connection, a_request_may_come_byte_by_byte)
{
    static const char request[] = "POST /v1/cars" HTTP JSON "Transfer-Encoding: chunked\r\n\r\n"
                                  "5\r\n{\"nam\r\n7\r\ne\":\"a\"}\r\n0\r\n\r\n";
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    for (size_t i = 0; i < sizeof(request) - 1; i++) {
        client_send_bytes(fd, request + i, 1);
    }
    expect_next(fd, 201, NULL);
    close(fd);
}

Test(connection, the_answer_to_an_ambiguous_request_is_the_last)
{
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "GET /livez" HTTP "\r\nPOST /v1/cars" HTTP
                    "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                    "GET /livez" HTTP "\r\n");
    expect_next(fd, 200, NULL);
    expect_next(fd, 400, "MALFORMED_REQUEST");
    cr_assert(client_at_end(fd));
    close(fd);
}

/* A proxy in front may have understood another path. */
Test(connection, the_answer_to_a_bad_path_is_the_last)
{
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "GET /v1/%2e%2e/cars" HTTP "\r\nGET /livez" HTTP "\r\n");
    expect_next(fd, 400, "BAD_PATH");
    cr_assert(client_at_end(fd));
    close(fd);
}

/* The answer is there although the client sends on, and is not lost by a reset. */
Test(connection, a_large_body_is_refused_before_it_comes)
{
    static char block[16 * 1024];
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "POST /v1/cars" HTTP JSON "Content-Length: 100000000\r\n\r\n");
    for (int i = 0; i < 8; i++) {
        client_send_bytes(fd, block, sizeof(block));
    }
    expect_next(fd, 413, "BODY_TOO_LARGE");
    cr_assert(client_at_end(fd));
    close(fd);
}

Test(connection, large_heads_are_refused)
{
    static char request[2 * LIMIT_HTTP_HEADER_BYTES];

    fixture_start(&fixture);
    snprintf(request, sizeof(request), "GET /%0*d" HTTP "\r\n", LIMIT_HTTP_REQUEST_LINE_BYTES, 0);
    expect(port(), request, 414, "URI_TOO_LONG");
    snprintf(request, sizeof(request), "GET /livez" HTTP "X: %0*d\r\n\r\n", LIMIT_HTTP_HEADER_BYTES,
             0);
    expect(port(), request, 431, "HEADERS_TOO_LARGE");
}

Test(connection, http_1_0_is_answered_and_closed)
{
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "GET " CAR " HTTP/1.0\r\n\r\n");
    expect_next(fd, 200, NULL);
    cr_assert(client_at_end(fd));
    close(fd);
}

Test(connection, a_client_may_wait_for_100_continue)
{
    static const char begin[] = "HTTP/1.1 100 Continue\r\n\r\n";
    char text[sizeof(begin)] = "";
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "POST /v1/cars" HTTP JSON "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
    cr_assert_eq(recv(fd, text, sizeof(begin) - 1, MSG_WAITALL), sizeof(begin) - 1);
    cr_assert_str_eq(text, begin);
    client_send(fd, "{\"name\":\"a\"}");
    expect_next(fd, 201, NULL);
    /* What would be refused anyway is not asked for. */
    client_send(fd, "POST /v1/cars" HTTP "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
    expect_next(fd, 415, "MEDIA_TYPE");
    cr_assert(client_at_end(fd));
    close(fd);
}

Test(connection, a_slow_head_is_given_up)
{
    int fd, lively;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "GET /livez" HTTP);
    lively = client_open(port());
    client_send(lively, "GET /livez" HTTP "\r\n");
    expect_next(lively, 200, NULL); /* nobody else waits meanwhile */
    expect_next(fd, 408, "REQUEST_TIMEOUT");
    cr_assert(client_at_end(fd));
    close(fd);
    close(lively);
}

Test(connection, a_slow_body_is_given_up)
{
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "POST /v1/cars" HTTP JSON "Content-Length: 12\r\n\r\n{");
    expect_next(fd, 408, "REQUEST_TIMEOUT");
    cr_assert(client_at_end(fd));
    close(fd);
}

Test(connection, an_idle_connection_is_closed)
{
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "GET /livez" HTTP "\r\n");
    expect_next(fd, 200, NULL);
    cr_assert(client_at_end(fd));
    close(fd);
}

/* More answers than sockets hold: nothing is lost, and nothing is read meanwhile. */
Test(connection, a_client_that_reads_late_gets_everything)
{
    enum { REQUESTS = 100 };
    int fd;

    fixture_start(&fixture);
    fd = client_open(port());
    for (int i = 0; i < REQUESTS; i++) {
        client_send(fd, "GET /openapi.json" HTTP "\r\n");
    }
    expect(port(), "GET /livez" HTTP "\r\n", 200, NULL);
    for (int i = 0; i < REQUESTS; i++) {
        struct answer answer;

        answer_read(fd, &answer, false);
        answer_expect(&answer, 200, NULL);
        cr_assert_eq(answer.body_bytes, http_contract.openapi_json_bytes);
        cr_assert_eq(memcmp(answer.body, http_contract.openapi_json, answer.body_bytes), 0);
        answer_free(&answer);
    }
    close(fd);
}

Test(connection, garbage_harms_nobody)
{
    char bytes[300];
    unsigned seed = 1;

    fixture_start(&fixture);
    for (int i = 0; i < 300; i++) {
        int fd = client_open(port());

        for (size_t j = 0; j < sizeof(bytes); j++) {
            bytes[j] = (char)(rand_r(&seed) >> 8);
        }
        memcpy(bytes, "GET /livez HTTP/1.1\r\n", (size_t)(i % 22));
        (void)!send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
        close(fd);
    }
    expect(port(), "GET /livez" HTTP "\r\n", 200, NULL);
    wait_for_metric(port(), "depot_http_connections 1\n");
}

Test(connection, connect_and_close_leaves_nothing)
{
    fixture_start(&fixture);
    for (int i = 0; i < 300; i++) {
        close(client_open(port()));
    }
    wait_for_metric(port(), "depot_http_connections 1\n");
}

Test(connection, the_longest_idle_one_makes_room)
{
    int first, second, third;

    fixture.config.max_connections = 2;
    fixture_start(&fixture);
    first = client_open(port());
    client_send(first, "GET /livez" HTTP "\r\n");
    expect_next(first, 200, NULL);
    second = client_open(port());
    client_send(second, "GET /livez" HTTP "\r\n");
    expect_next(second, 200, NULL);
    third = client_open(port());
    client_send(third, "GET /livez" HTTP "\r\n");
    expect_next(third, 200, NULL);
    cr_assert(client_at_end(first));
    client_send(second, "GET /livez" HTTP "\r\n");
    expect_next(second, 200, NULL);
    close(first);
    close(second);
    close(third);
}

Test(connection, beyond_the_limit_of_an_address_is_503)
{
    int first, second;

    fixture.config.max_connections_per_address = 1;
    fixture_start(&fixture);
    do { /* until the connection of the last question is gone */
        struct answer answer;

        first = client_open(port());
        client_send(first, "GET /livez" HTTP "\r\n");
        answer_read(first, &answer, false);
        answer_free(&answer);
        if (answer.status == 200) {
            break;
        }
        close(first);
    } while (true);
    second = client_open(port());
    expect_next(second, 503, "OVERLOADED");
    cr_assert(client_at_end(second));
    client_send(first, "GET /livez" HTTP "\r\n");
    expect_next(first, 200, NULL);
    close(first);
    close(second);
}

/* Without descriptors: one that is in reserve says so to each, and all is well afterwards. */
Test(connection, without_descriptors_nobody_hangs)
{
    struct rlimit limit = {256, 256};
    int held[256];
    int n = 0;
    struct sockaddr_storage address;
    socklen_t bytes = sizeof(address);
    int client;

    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    fixture_start(&fixture);
    cr_assert_eq(getsockname(fixture.gateway.listeners.list[0].watch.fd,
                             (struct sockaddr *)(void *)&address, &bytes),
                 0);
    while (__atomic_load_n(&fixture.gateway.n_connections, __ATOMIC_RELAXED) != 0) {
        usleep(1000); /* a connection that ends later would give a descriptor back */
    }
    client = socket(AF_INET, SOCK_STREAM, 0);
    for (int fd; n < 256 && (fd = dup(client)) >= 0; n++) {
        held[n] = fd;
    }
    cr_assert_eq(errno, EMFILE);
    cr_assert_eq(connect(client, (struct sockaddr *)(void *)&address, bytes), 0);
    expect_next(client, 503, "OVERLOADED");
    cr_assert(client_at_end(client));
    for (int i = 0; i < n; i++) {
        close(held[i]);
    }
    close(client);
    expect(port(), "GET /livez" HTTP "\r\n", 200, NULL);
}

Test(connection, a_drain_ends_when_all_is_answered)
{
    int idle, busy;
    struct answer answer;

    fixture_start(&fixture);
    idle = client_open(port());
    client_send(idle, "GET /livez" HTTP "\r\n");
    expect_next(idle, 200, NULL);
    busy = client_open(port());
    atomic_store(&fixture_wedged, true);
    client_send(busy, "GET " WEDGE HTTP "\r\n");
    wait_for_metric(port(), "depot_http_in_flight 1\n");
    fixture_signal(&fixture);
    cr_assert(client_at_end(idle));
    atomic_store(&fixture_wedged, false);
    answer_read(busy, &answer, false);
    answer_expect(&answer, 200, NULL);
    cr_assert_str_eq(answer_field(&answer, "Connection"), "close");
    answer_free(&answer);
    cr_assert(client_at_end(busy));
    fixture_join(&fixture);
    cr_assert_eq(fixture.cut, 0);
    close(idle);
    close(busy);
}

/* Between a client's connect and its request the end may come: it is answered all the same. */
Test(connection, a_drain_waits_for_the_first_request)
{
    int fd;

    fixture_start(&fixture);
    expect(port(), "GET /livez" HTTP "\r\n", 200, NULL);
    fd = client_open(port());
    fixture_signal(&fixture);
    client_send(fd, "GET " CAR HTTP "\r\n");
    expect_next(fd, 200, NULL);
    cr_assert(client_at_end(fd));
    fixture_join(&fixture);
    close(fd);
}

Test(connection, before_the_drain_all_is_served_but_not_ready)
{
    int64_t began_us;
    int old;

    fixture.config.rpc.drain_delay_s = 2;
    fixture_start(&fixture);
    old = client_open(port());
    began_us = clock_us();
    fixture_signal(&fixture);
    wait_for_metric(port(), "depot_ready 0\n");
    expect(port(), "GET /readyz" HTTP "\r\n", 503, "NOT_READY");
    expect(port(), "GET " CAR HTTP "\r\n", 200, NULL);
    client_send(old, "GET " CAR HTTP "\r\n");
    expect_next(old, 200, NULL);
    cr_assert(client_at_end(old));
    fixture_join(&fixture);
    cr_assert_geq(clock_us() - began_us, 2000000);
    cr_assert_eq(fixture.cut, 0);
    close(old);
}

Test(connection, what_takes_too_long_is_cut)
{
    int fd;

    fixture.config.rpc.drain_grace_s = 1;
    fixture_start(&fixture);
    fd = client_open(port());
    atomic_store(&fixture_wedged, true);
    client_send(fd, "GET " WEDGE HTTP "\r\n");
    wait_for_metric(port(), "depot_http_in_flight 1\n");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    cr_assert_eq(fixture.cut, 1);
    close(fd);
}

Test(connection, a_second_signal_ends_at_once)
{
    int fd;

    fixture.config.rpc.drain_delay_s = 600;
    fixture_start(&fixture);
    fd = client_open(port());
    atomic_store(&fixture_wedged, true);
    client_send(fd, "GET " WEDGE HTTP "\r\n");
    wait_for_metric(port(), "depot_http_in_flight 1\n");
    fixture_signal(&fixture);
    wait_for_metric(port(), "depot_ready 0\n");
    fixture_signal(&fixture);
    fixture_join(&fixture);
    cr_assert_eq(fixture.cut, 1);
    close(fd);
}

Test(connection, operators_may_have_their_own_port)
{
    int admin = test_free_port();

    fixture.config.admin_port = admin;
    fixture_start(&fixture);
    cr_assert_eq(gateway_admin_port(&fixture.gateway), admin);
    expect(port(), "GET /livez" HTTP "\r\n", 404, "ROUTE_UNKNOWN");
    expect(port(), "GET /readyz" HTTP "\r\n", 404, "ROUTE_UNKNOWN");
    expect(port(), "GET /metrics" HTTP "\r\n", 404, "ROUTE_UNKNOWN");
    expect(port(), "GET /openapi.json" HTTP "\r\n", 200, NULL);
    expect(port(), "GET " CAR HTTP "\r\n", 200, NULL);
    expect(admin, "GET /livez" HTTP "\r\n", 200, NULL);
    expect(admin, "GET /readyz" HTTP "\r\n", 200, NULL);
    expect(admin, "GET /metrics" HTTP "\r\n", 200, NULL);
    expect(admin, "GET " CAR HTTP "\r\n", 404, "ROUTE_UNKNOWN");
}

Test(connection, locations_may_be_absolute)
{
    int fd;
    struct answer answer;

    fixture.config.public_url = "https://api.example.org/depot";
    fixture_start(&fixture);
    fd = client_open(port());
    client_send(fd, "POST /v1/cars" HTTP JSON "Content-Length: 12\r\n\r\n{\"name\":\"a\"}");
    answer_read(fd, &answer, false);
    cr_assert_str_eq(answer_field(&answer, "Location"), "https://api.example.org/depot" CAR);
    answer_free(&answer);
    close(fd);
}

Test(connection, a_name_may_stand_for_several_addresses)
{
    fixture.config.host = "localhost";
    fixture_start(&fixture);
    for (size_t i = 0; i < fixture.gateway.listeners.n; i++) {
        cr_assert_eq(fixture.gateway.listeners.list[i].port, port());
    }
    expect(port(), "GET /livez" HTTP "\r\n", 200, NULL);
}

Test(connection, a_taken_port_is_one_clear_line)
{
    static struct gateway second;
    struct gateway_config config;
    struct error error;

    fixture_start(&fixture);
    config = fixture.config;
    config.port = port();
    cr_assert_eq(gateway_open(&second, &config, &http_contract, fixture.stop_fd, &error),
                 STATUS_UNAVAILABLE);
    cr_assert_not_null(strstr(error.text, "GATEWAY_PORT"), "%s", error.text);
    cr_assert_not_null(strstr(error.text, "in use"), "%s", error.text);
}
