/* A peer that speaks frames without our client, and the server that it speaks to. */
#ifndef UNIT_RPC_PEER_H
#define UNIT_RPC_PEER_H

#include <nng/nng.h>

#include "fixture.h"

extern struct service peer_service;
extern struct rpc_server *peer_server;

/* Two workers. At the end the server must still serve, and give everything back. */
void server_up(void);
void server_down(void);

nng_socket peer_open(void);
void peer_send(nng_socket peer, const void *data, size_t bytes);

/* The frame that comes; to be freed. */
Depot__Rpc__V1__ReplyFrame *peer_receive(nng_socket peer);
Depot__Rpc__V1__ReplyFrame *exchange_bytes(nng_socket peer, const void *data, size_t bytes);
Depot__Rpc__V1__ReplyFrame *exchange(nng_socket peer, Depot__Rpc__V1__Call **calls, size_t n);
void frame_free(Depot__Rpc__V1__ReplyFrame *frame);

/* A good call. */
struct letter {
    Depot__Rpc__V1__Call call;
    uint8_t payload[128];
};

void letter_get(struct letter *self);
void letter_list(struct letter *self);
void letter_check(struct letter *self, const char *name);

/* The only reply to one call. */
void peer_expect(nng_socket peer, Depot__Rpc__V1__Call *call, uint32_t code, const char *reason);

/* The server serves, by a new connection. */
void expect_alive(void);

#endif
