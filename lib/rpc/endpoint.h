/*
 * What both ends have in common: addresses, TLS, sockets' limits, and messages made of packed ones.
 */
#ifndef DEPOT_RPC_ENDPOINT_H
#define DEPOT_RPC_ENDPOINT_H

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <protobuf-c/protobuf-c.h>

#include "base/status.h"
#include "rpc/server.h" /* struct rpc_tls */

/*
 * The URL that an address stands for, on the heap: `tcp://host:port` and `tls+tcp://host:port` are
 * both the latter with TLS files, and only the former is one without. INVALID_ARGUMENT for anything
 * else. ipc:// is refused: an nng listener on it dies for ever when a peer connects and leaves
 * before it has said anything.
 */
enum status endpoint_url(const char *address, const struct rpc_tls *tls, char **url,
                         struct error *error) MUST_CHECK;

/*
 * The TLS configuration of one end: one private CA, and a certificate of it required from the
 * peer. `peer` is the name that the peer's certificate must be for; NULL: any. `*config` is NULL
 * when no files are given. To be freed with nng_tls_config_free.
 */
enum status endpoint_tls(const struct rpc_tls *tls, nng_tls_mode mode, const char *peer,
                         nng_tls_config **config, struct error *error) MUST_CHECK;

/* Sets what every socket must have before endpoints are added; an nng error code. */
int endpoint_limit(nng_socket socket);

/*
 * Closes the socket, or gives up after LIMIT_SOCKET_CLOSE_MS: nng 1.5.2 waits for ever for a
 * connection that was closed in the middle of a large message, and then never closes another one.
 */
void endpoint_close(nng_socket socket);

/* A message of nng's that holds the packed one. */
nng_msg *endpoint_message(const ProtobufCMessage *message);

#endif
