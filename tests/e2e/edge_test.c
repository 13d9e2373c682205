/*
 * The edge, as an enemy sees it: bytes that two parsers could read in two ways, clients that are
 * slow, large or many. Each is refused, and everybody else is served as if nothing had happened.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "support/problem.h"
#include "support/stack.h"

static struct stack stack;

/* Nobody is asked who they are: what is smuggled past a check of that would have an effect. */
static void
start_with(const char *const *gateway)
{
    stack_start(&stack, &(struct stack_options){.gateway = gateway, .open = true});
}

static void
start(void)
{
    start_with(NULL);
}

static void
stop(void)
{
    free(stack_expect(&stack, 200, "GET", "/v1/cars", NULL, NULL));
    stack_stop(&stack);
}

TestSuite(edge, .init = start, .fini = stop, .timeout = 300);
TestSuite(edge_set, .fini = stop, .timeout = 300);

struct form {
    const char *name, *bytes;
    size_t length;
    const char *reason;
};

/* clang-format off */
#define BYTES(text) (text), sizeof(text) - 1
#define BAD "MALFORMED_REQUEST"
#define GET "GET /v1/cars HTTP/1.1\r\nHost: h\r\n"
#define POST "POST /v1/cars HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
/* What an enemy hopes to get past a proxy: had it been read, a car would be there. */
#define SMUGGLED POST "Content-Length: 19\r\n\r\n{\"name\":\"smuggled\"}"

static const struct form forms[] = {
    {"length and coding", BYTES(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"coding and length", BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"two lengths", BYTES(POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" SMUGGLED), BAD},
    {"two equal lengths", BYTES(POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" SMUGGLED), BAD},
    {"a list of lengths", BYTES(POST "Content-Length: 2, 2\r\n\r\n{}" SMUGGLED), BAD},
    {"+5", BYTES(POST "Content-Length: +2\r\n\r\n{}" SMUGGLED), BAD},
    {"0x5", BYTES(POST "Content-Length: 0x2\r\n\r\n{}" SMUGGLED), BAD},
    {"an empty length", BYTES(POST "Content-Length: \r\n\r\n" SMUGGLED), BAD},
    {"another coding", BYTES(POST "Transfer-Encoding: gzip\r\n\r\n" SMUGGLED), BAD},
    {"another coding before", BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"a coding twice", BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"a coding almost chunked", BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"a coding in an old version", BYTES("POST /v1/cars HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"a chunk's size with a sign", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"a chunk without its end", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n" SMUGGLED), BAD},
    {"bare CR", BYTES("GET /v1/cars HTTP/1.1\r\nHost: h\rX: y\r\n\r\n" SMUGGLED), BAD},
    {"bare LF", BYTES("GET /v1/cars HTTP/1.1\nHost: h\n\n" SMUGGLED), BAD},
    {"bare LF in a chunk's line", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" SMUGGLED), BAD},
    {"NUL in a name", BYTES("GET /v1/cars HTTP/1.1\r\nHost: h\r\nX\0: y\r\n\r\n" SMUGGLED), BAD},
    {"NUL in a value", BYTES("GET /v1/cars HTTP/1.1\r\nHost: h\r\nX: \0\r\n\r\n" SMUGGLED), BAD},
    {"a folded field", BYTES(GET "X: a\r\n b\r\n\r\n" SMUGGLED), BAD},
    {"a folded length", BYTES(POST "Content-Length:\r\n 2\r\n\r\n{}" SMUGGLED), BAD},
    {"a space before the colon", BYTES(POST "Content-Length : 2\r\n\r\n{}" SMUGGLED), BAD},
    {"an empty name", BYTES(GET ": x\r\n\r\n" SMUGGLED), BAD},
    {"no Host", BYTES("GET /v1/cars HTTP/1.1\r\n\r\n" SMUGGLED), BAD},
    {"two Hosts", BYTES(GET "Host: i\r\n\r\n" SMUGGLED), BAD},
    {"another Host than the target's", BYTES("GET http://i/v1/cars HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), BAD},
    {"version 1.2", BYTES("GET /v1/cars HTTP/1.2\r\nHost: h\r\n\r\n" SMUGGLED), BAD},
    {"version 2.0", BYTES("GET /v1/cars HTTP/2.0\r\nHost: h\r\n\r\n" SMUGGLED), BAD},
    {"HTTP/2 itself", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" SMUGGLED), BAD},
    {"no version", BYTES("GET /v1/cars\r\n\r\n" SMUGGLED), BAD},
    {"TLS", BYTES("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), BAD},
    {"%00", BYTES("GET /v1/cars%00 HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), "BAD_PATH"},
    {"overlong UTF-8", BYTES("GET /v1/cars/%c0%af HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), "BAD_PATH"},
    {"half a character", BYTES("GET /v1/cars/%e2%82 HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), "BAD_PATH"},
    {"a bad escape", BYTES("GET /v1/cars/%4 HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), "BAD_PATH"},
    {"dot segments", BYTES("GET /v1/../v1/cars HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), "BAD_PATH"},
    {"hidden dot segments", BYTES("GET /v1/%2e%2e/v1/cars HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), "BAD_PATH"},
    {"raw bytes in the path", BYTES("GET /v1/cars/\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED), BAD},
};
/* clang-format on */

static void
expect_last(const struct form *form)
{
    struct http_response response;
    bool closed;
    char *rest;

    problem_ask_raw(stack.port, form->bytes, form->length, 30, &closed, &rest, &response);
    problem_expect(&response, form->reason, form->name);
    cr_assert(closed, "%s: the connection lives on", form->name);
    cr_assert_str_eq(rest, "", "%s: more was answered", form->name);
    free(rest);
    http_free(&response);
}

Test(edge, what_is_ambiguous_is_refused_and_the_last)
{
    char *n;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        expect_last(&forms[i]);
    }
    n = stack_query(&stack, "SELECT count(*) FROM resource");
    cr_assert_str_eq(n, "0");
    free(n);
}

/* How many answers of this status are in what came. */
static size_t
count_answers(const char *text, int status)
{
    char line[32];
    size_t n = 0;

    snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++) {
        n++;
    }
    return n;
}

Test(edge, chunked_bodies_and_pipelines_work)
{
    static const char bytes[] =
        POST "Transfer-Encoding: chunked\r\n\r\n"
             "8\r\n{\"name\":\r\n6;note=x\r\n\"Golf\"\r\n1\r\n}\r\n0\r\nTrailer: y\r\n\r\n" POST
             "Content-Length: 15\r\n\r\n{\"name\":\"Polo\"}" GET "Connection: close\r\n\r\n";
    bool closed;
    char *text = http_raw(stack.port, bytes, sizeof(bytes) - 1, 30, &closed);

    cr_assert(closed);
    cr_assert_eq(count_answers(text, 201), 2, "%s", text);
    cr_assert_eq(count_answers(text, 200), 1, "%s", text);
    free(text);
}

/* --- limits --- */

/* A request with a part that is repeated. */
static void
expect_repeated(const char *reason, const char *before, const char *part, size_t times,
                const char *after)
{
    struct buf bytes = BUF_INIT;
    struct http_response response;

    buf_puts(&bytes, before);
    for (size_t i = 0; i < times; i++) {
        buf_puts(&bytes, part);
    }
    buf_puts(&bytes, after);
    problem_ask_raw(stack.port, bytes.data, bytes.length_bytes, 30, NULL, NULL, &response);
    problem_expect(&response, reason, before);
    http_free(&response);
    buf_fini(&bytes);
}

Test(edge, limits_have_names)
{
    static const char end[] = "Connection: close\r\n\r\n";
    struct buf deep = BUF_INIT;

    expect_repeated("URI_TOO_LONG", "GET /", "x", LIMIT_HTTP_REQUEST_LINE_BYTES,
                    " HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_repeated("HEADERS_TOO_LARGE", GET, "X: y\r\n", LIMIT_HTTP_FIELDS, end);
    expect_repeated("HEADERS_TOO_LARGE", GET "X: ", "y", LIMIT_HTTP_HEADER_BYTES, "\r\n\r\n");
    expect_repeated("BODY_TOO_LARGE", POST "Content-Length: 65537\r\n\r\n", "", 0, "");
    expect_repeated("BODY_TOO_LARGE", POST "Transfer-Encoding: chunked\r\n\r\n",
                    "10\r\n0123456789abcdef\r\n", LIMIT_HTTP_BODY_BYTES / 16 + 1, "0\r\n\r\n");
    buf_printf(&deep, "%sConnection: close\r\nContent-Length: %d\r\n\r\n", POST,
               2 * LIMIT_JSON_DEPTH + 2);
    buf_putc(&deep, '\0');
    expect_repeated("MALFORMED_JSON", deep.data, "[", 2 * LIMIT_JSON_DEPTH + 2, "");
    buf_clear(&deep, SIZE_MAX);
    buf_printf(&deep, "%sConnection: close\r\nContent-Length: %d\r\n\r\n[0", POST,
               2 + 2 * LIMIT_JSON_MEMBERS + 1);
    buf_putc(&deep, '\0');
    expect_repeated("MALFORMED_JSON", deep.data, ",0", LIMIT_JSON_MEMBERS, "]");
    buf_fini(&deep);
}

/* --- clients that are slow --- */

static int
open_connection(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)stack.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

struct slow_client {
    const char *name, *first, *trickle; /* trickle: a byte of it every 200 ms */
    const char *begins;                 /* what comes before the end */
    int fd;
    struct buf got;
    bool ended;
};

static void
look(struct slow_client *client)
{
    struct pollfd wait = {.fd = client->fd, .events = POLLIN};
    ssize_t n;

    if (client->ended || poll(&wait, 1, 0) <= 0) {
        return;
    }
    n = recv(client->fd, buf_reserve(&client->got, 4096), 4096, 0);
    client->ended = n <= 0;
    buf_grown(&client->got, n > 0 ? (size_t)n : 0);
}

static bool
all_ended(struct slow_client *clients, size_t n, size_t turn)
{
    bool all = true;

    for (size_t i = 0; i < n; i++) {
        const char *trickle = clients[i].trickle;

        look(&clients[i]);
        if (!clients[i].ended && trickle[0] != '\0') {
            (void)!send(clients[i].fd, trickle + turn % strlen(trickle), 1, MSG_NOSIGNAL);
        }
        all = all && clients[i].ended;
    }
    return all;
}

/* All at a time: a head that trickles, one that stops, a body below the least rate, and nothing. */
Test(edge, slow_clients_are_given_up)
{
    struct slow_client clients[] = {
        {"a head that trickles", "GET /v1/cars HTTP/1.1\r\nHost: h\r\nX: ", "y", "HTTP/1.1 408 ",
         -1, BUF_INIT, false},
        {"a head that stops", "GET /v1/cars HT", "", "HTTP/1.1 408 ", -1, BUF_INIT, false},
        {"a body that trickles", POST "Content-Length: 60000\r\n\r\n{", " ", "HTTP/1.1 408 ", -1,
         BUF_INIT, false},
        {"chunks that trickle", POST "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n",
         "HTTP/1.1 408 ", -1, BUF_INIT, false},
        {"nothing", "", "", "", -1, BUF_INIT, false},
        {"nothing more", GET "\r\n", "", "HTTP/1.1 200 ", -1, BUF_INIT, false},
    };
    const size_t n = sizeof(clients) / sizeof(clients[0]);
    int64_t end_us = clock_us() + 60 * 1000000;

    for (size_t i = 0; i < n; i++) {
        clients[i].fd = open_connection();
        (void)!send(clients[i].fd, clients[i].first, strlen(clients[i].first), MSG_NOSIGNAL);
    }
    for (size_t turn = 0; !all_ended(clients, n, turn) && clock_us() < end_us; turn++) {
        usleep(200000);
    }
    for (size_t i = 0; i < n; i++) {
        buf_putc(&clients[i].got, '\0');
        cr_expect(clients[i].ended, "%s: is still there", clients[i].name);
        cr_expect_eq(strncmp(clients[i].got.data, clients[i].begins, strlen(clients[i].begins)), 0,
                     "%s: %s", clients[i].name, clients[i].got.data);
        buf_fini(&clients[i].got);
        close(clients[i].fd);
    }
}

/* --- clients that are many --- */

static bool
is_served(void *closure)
{
    struct http_response response;
    bool served;

    stack_send(closure, &response, "GET", "/v1/cars", NULL, NULL);
    served = response.status == 200;
    http_free(&response);
    return served;
}

Test(edge_set, an_address_has_its_share_of_connections)
{
    enum { MANY = 6 };
    struct http_response response;
    int fds[MANY];

    start_with((const char *const[]){"MAX_CONNECTIONS_PER_ADDRESS=6", NULL});
    for (int i = 0; i < MANY; i++) {
        fds[i] = open_connection();
        (void)!send(fds[i], "GET ", 4, MSG_NOSIGNAL);
    }
    problem_ask_raw(stack.port, BYTES(GET "\r\n"), 30, NULL, NULL, &response);
    problem_expect(&response, "OVERLOADED", "one too many");
    http_free(&response);
    for (int i = 0; i < MANY; i++) {
        close(fds[i]);
    }
    cr_assert(wait_until(is_served, &stack, 30));
}

/* Who has asked nothing makes room for who asks. */
Test(edge_set, idle_connections_make_room)
{
    enum { MANY = 8 };
    int fds[MANY];
    char byte;

    start_with((const char *const[]){"MAX_CONNECTIONS=8", NULL});
    for (int i = 0; i < MANY; i++) {
        fds[i] = open_connection();
    }
    free(stack_expect(&stack, 200, "GET", "/v1/cars", NULL, NULL));
    cr_assert_eq(recv(fds[0], &byte, 1, 0), 0, "the longest idle one is still there");
    for (int i = 0; i < MANY; i++) {
        close(fds[i]);
    }
}
