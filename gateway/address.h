/* Addresses of clients: as text, as members of trusted networks, and counted. */
#ifndef DEPOT_GATEWAY_ADDRESS_H
#define DEPOT_GATEWAY_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/status.h"

enum { ADDRESS_TEXT_BYTES = 46 };

/* An IPv6 address, or an IPv4 address mapped into IPv6. */
struct address {
    unsigned char bytes[16];
};

struct network {
    struct address address;
    unsigned bits;
};

struct networks {
    struct network list[LIMIT_TRUSTED_NETWORKS];
    size_t n;
};

/* The address of a socket of family AF_INET or AF_INET6. */
struct address address_of_socket(const struct sockaddr_storage *socket);

/* Numeric IPv4 or IPv6 text, not NUL-terminated; false if it is neither. */
bool address_parse(const char *text, size_t bytes, struct address *out);

/* What counts as one client: an IPv4 address, or the /64 network of an IPv6 address. */
struct address address_network(const struct address *self);

/* 192.0.2.1 or 2001:db8::1. */
void address_format(const struct address *self, char out[static ADDRESS_TEXT_BYTES]);

/*
 * Reads a list of addresses and networks such as `10.0.0.0/8, ::1`; NULL or "" is an empty one.
 * INVALID_ARGUMENT: `error` names `setting` and the part that is wrong.
 */
enum status networks_parse(const char *setting, const char *text, struct networks *out,
                           struct error *error) MUST_CHECK;

bool networks_contain(const struct networks *self, const struct address *address);

/*
 * Whose request it is, given a peer that is trusted and the entries of X-Forwarded-For, one field's
 * value after another: from the last entry on, the first that is not trusted itself. An entry that
 * is no address ends the search at the one behind it.
 */
struct address address_behind(const struct networks *trusted, struct address peer,
                              const char *forwarded_for, size_t bytes);

/* How many connections each address (as address_network makes it) has. */
struct address_counts;

struct address_counts *address_counts_new(void);
void address_counts_free(struct address_counts *self);
unsigned address_counts_get(const struct address_counts *self, const struct address *address);
void address_counts_add(struct address_counts *self, const struct address *address);
void address_counts_remove(struct address_counts *self, const struct address *address);

#endif
