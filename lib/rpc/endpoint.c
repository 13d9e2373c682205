#include "rpc/endpoint.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/limits.h"

static bool
starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether it ends in `:` and a port, behind a host. */
static bool
has_port(const char *authority)
{
    const char *colon = strrchr(authority, ':');
    size_t digits;

    if (colon == NULL || colon == authority) {
        return false;
    }
    digits = strspn(colon + 1, "0123456789");
    return digits >= 1 && digits <= 5 && colon[1 + digits] == '\0' && atoi(colon + 1) <= 65535;
}

static bool
has_files(const struct rpc_tls *tls)
{
    return tls->ca_file != NULL && tls->certificate_and_key_file != NULL;
}

/* What comes behind the scheme; NULL: it is none of ours. */
static const char *
authority_of(const char *address, bool *secure)
{
    *secure = starts_with(address, "tls+tcp://");
    return *secure || starts_with(address, "tcp://") ? strstr(address, "://") + 3 : NULL;
}

enum status
endpoint_url(const char *address, const struct rpc_tls *tls, char **url, struct error *error)
{
    bool secure;
    const char *authority = authority_of(address, &secure);
    int length;

    if (authority == NULL) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s: an address is tcp://host:port or tls+tcp://host:port", address);
    }
    if (!has_port(authority)) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: the address has no port", address);
    }
    if (!has_files(tls) && (tls->ca_file != NULL || tls->certificate_and_key_file != NULL)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s: TLS needs a CA file and a file with certificate and key", address);
    }
    if (secure && !has_files(tls)) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s: the address asks for TLS, but there are no certificates: set "
                         "RPC_TLS_DIR",
                         address);
    }
    length = asprintf(url, "%s%s", has_files(tls) ? "tls+tcp://" : "tcp://", authority);
    ASSERT(length > 0);
    return STATUS_OK;
}

static enum status
load_files(nng_tls_config *config, const struct rpc_tls *tls, struct error *error)
{
    int rv = nng_tls_config_ca_file(config, tls->ca_file);

    if (rv != 0) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: no CA certificate: %s", tls->ca_file,
                         nng_strerror(rv));
    }
    rv = nng_tls_config_cert_key_file(config, tls->certificate_and_key_file, NULL);
    if (rv != 0) {
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: no certificate with its key: %s",
                         tls->certificate_and_key_file, nng_strerror(rv));
    }
    return STATUS_OK;
}

enum status
endpoint_tls(const struct rpc_tls *tls, nng_tls_mode mode, const char *peer,
             nng_tls_config **config, struct error *error)
{
    nng_tls_config *made;
    enum status status;
    int rv;

    if (tls->ca_file == NULL) {
        *config = NULL;
        return STATUS_OK;
    }
    rv = nng_tls_config_alloc(&made, mode);
    if (rv != 0) {
        return error_set(error, STATUS_UNAVAILABLE, "TLS: %s", nng_strerror(rv));
    }
    rv = nng_tls_config_auth_mode(made, NNG_TLS_AUTH_MODE_REQUIRED);
    if (rv == 0 && peer != NULL) {
        rv = nng_tls_config_server_name(made, peer);
    }
    ASSERT(rv == 0);
    status = load_files(made, tls, error);
    if (status != STATUS_OK) {
        nng_tls_config_free(made);
        return status;
    }
    *config = made;
    return STATUS_OK;
}

int
endpoint_limit(nng_socket socket)
{
    int rv = nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, LIMIT_FRAME_BYTES);

    /* A host that vanished is noticed, though late; replicas are ejected long before. */
    return rv != 0 ? rv : nng_socket_set_bool(socket, NNG_OPT_TCP_KEEPALIVE, true);
}

/* Shared by the thread that closes and the one that waits; who comes last frees it. */
struct closing {
    nng_socket socket;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool closed, left;
};

static void
closing_free(struct closing *self)
{
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

static void *
closing_run(void *closure)
{
    struct closing *self = closure;
    bool left;

    nng_close(self->socket);
    pthread_mutex_lock(&self->mutex);
    self->closed = true;
    left = self->left;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (left) {
        closing_free(self);
    }
    return NULL;
}

static bool
closing_wait(struct closing *self)
{
    int64_t end_us = clock_us() + LIMIT_SOCKET_CLOSE_MS * 1000;
    struct timespec end = {.tv_sec = end_us / 1000000, .tv_nsec = end_us % 1000000 * 1000};
    bool closed;
    int rv = 0;

    pthread_mutex_lock(&self->mutex);
    while (!self->closed && rv == 0) {
        rv = pthread_cond_clockwait(&self->changed, &self->mutex, CLOCK_MONOTONIC, &end);
    }
    closed = self->closed;
    self->left = !closed;
    pthread_mutex_unlock(&self->mutex);
    return closed;
}

void
endpoint_close(nng_socket socket)
{
    struct closing *self = calloc(1, sizeof(*self));
    pthread_t thread;
    int rv;

    ASSERT(self != NULL);
    self->socket = socket;
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->changed, NULL);
    rv = pthread_create(&thread, NULL, closing_run, self);
    ASSERT(rv == 0);
    if (closing_wait(self)) {
        pthread_join(thread, NULL);
        closing_free(self);
    } else {
        pthread_detach(thread);
    }
}

nng_msg *
endpoint_message(const ProtobufCMessage *message)
{
    size_t bytes = protobuf_c_message_get_packed_size(message);
    nng_msg *packed;
    int rv = nng_msg_alloc(&packed, bytes);

    ASSERT(rv == 0); /* out of memory */
    if (bytes != 0) {
        protobuf_c_message_pack(message, nng_msg_body(packed));
    }
    return packed;
}
