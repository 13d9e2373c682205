/* Bytes on the port of a server that are no frames. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "peer.h"

static int
connect_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((uint16_t)atoi(strrchr(rpc_server_url(peer_server), ':') + 1));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Sends and, if told so, waits until the other side hangs up. */
static void
throw_bytes(const void *data, size_t bytes, bool wait)
{
    int fd = connect_port();
    char answer[64];

    cr_assert_eq(send(fd, data, bytes, MSG_NOSIGNAL), (ssize_t)bytes);
    while (wait && recv(fd, answer, sizeof(answer), 0) > 0) {
    }
    close(fd);
}

Test(port, garbage_on_the_port)
{
    static const char hello[] = "\0SP\0\0\060\0\0"; /* of a REQ peer */
    static const char wrong_peer[] = "\0SP\0\0\020\0\0";
    uint8_t frame[64] = {0};

    server_up();
    for (int i = 0; i < 20; i++) {
        throw_bytes("", 0, false);
    }
    expect_alive();
    throw_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, true);
    expect_alive();
    throw_bytes("\0SP", 3, false);
    expect_alive();
    throw_bytes(wrong_peer, 8, true);
    expect_alive();
    throw_bytes(hello, 8, false);
    expect_alive();
    /* A length of 2^63: too large, whatever is read as a signed number. */
    memcpy(frame, hello, 8);
    frame[8] = 0x80;
    throw_bytes(frame, 16, true);
    expect_alive();
    /* A message without request id. */
    memset(frame + 8, 0, 8);
    frame[15] = 2;
    throw_bytes(frame, 18, true);
    expect_alive();
    /* Half a message, then nothing. */
    frame[15] = 40;
    throw_bytes(frame, 20, false);
    server_down();
}

/* Sends a frame of so many zero bytes; how many bytes of an answer came before the hang-up. */
static size_t
throw_frame(uint64_t length, size_t bytes)
{
    uint8_t *data = calloc(1, 16 + bytes);
    int fd = connect_port();
    size_t n = 0;
    ssize_t got = 1;

    memcpy(data, "\0SP\0\0\060\0\0", 8);
    for (int i = 0; i < 8; i++) {
        data[8 + i] = (uint8_t)(length >> (56 - 8 * i));
    }
    data[16] = 0x80; /* the request id's highest bit ends the header */
    cr_assert_gt(send(fd, data, 16 + bytes, MSG_NOSIGNAL), 0);
    while (n <= 8 && got > 0) {
        got = recv(fd, data, 16, 0);
        n += got > 0 ? (size_t)got : 0;
    }
    free(data);
    close(fd);
    return n;
}

Test(port, frames_are_bounded)
{
    server_up();
    /* The server says its protocol in eight bytes; more is an answer. */
    cr_assert_leq(throw_frame((uint64_t)LIMIT_FRAME_BYTES + 1, 64), 8);
    expect_alive();
    cr_assert_leq(throw_frame(UINT64_MAX, 64), 8);
    expect_alive();
    cr_assert_gt(throw_frame(LIMIT_FRAME_BYTES, LIMIT_FRAME_BYTES), 8);
    server_down();
}

Test(port, peers_that_never_read_do_not_hold_workers)
{
    struct letter letter;
    Depot__Rpc__V1__Call *call = &letter.call;
    Depot__Rpc__V1__RequestFrame frame = DEPOT__RPC__V1__REQUEST_FRAME__INIT;
    uint8_t data[512] = "\0SP\0\0\060\0\0";
    size_t bytes;
    int fd;

    server_up();
    letter_get(&letter);
    letter.call.request_id = "bytes=1000000";
    frame.calls = &call;
    frame.n_calls = 1;
    fd = connect_port();
    cr_assert_eq(send(fd, data, 8, MSG_NOSIGNAL), 8);
    memset(data, 0, sizeof(data));
    bytes = 4 + depot__rpc__v1__request_frame__pack(&frame, data + 12);
    data[6] = (uint8_t)(bytes >> 8);
    data[7] = (uint8_t)bytes;
    data[8] = 0x80;
    for (int i = 0; i < 30; i++) {
        cr_assert_gt(send(fd, data, 8 + bytes, MSG_NOSIGNAL | MSG_DONTWAIT), 0);
    }
    /* Replies of 30 MB are not read; other peers are served all the while. */
    expect_alive();
    expect_alive();
    close(fd);
    server_down();
}
