#include "address.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool
is_mapped(const struct address *self)
{
    return memcmp(self->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

static struct address
from_v4(const void *four_bytes)
{
    struct address self;

    memcpy(self.bytes, mapped_prefix, 12);
    memcpy(self.bytes + 12, four_bytes, 4);
    return self;
}

struct address
address_of_socket(const struct sockaddr_storage *socket)
{
    struct address self = {{0}};

    if (socket->ss_family == AF_INET) {
        return from_v4(&((const struct sockaddr_in *)(const void *)socket)->sin_addr);
    }
    if (socket->ss_family == AF_INET6) {
        memcpy(self.bytes, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr, 16);
    }
    return self;
}

bool
address_parse(const char *text, size_t bytes, struct address *out)
{
    char copy[ADDRESS_TEXT_BYTES];
    unsigned char binary[16];

    if (bytes == 0 || bytes >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    if (inet_pton(AF_INET, copy, binary) == 1) {
        *out = from_v4(binary);
        return true;
    }
    if (inet_pton(AF_INET6, copy, binary) == 1) {
        memcpy(out->bytes, binary, 16);
        return true;
    }
    return false;
}

struct address
address_network(const struct address *self)
{
    struct address network = *self;

    if (!is_mapped(self)) {
        memset(network.bytes + 8, 0, 8);
    }
    return network;
}

void
address_format(const struct address *self, char out[static ADDRESS_TEXT_BYTES])
{
    if (is_mapped(self)) {
        inet_ntop(AF_INET, self->bytes + 12, out, ADDRESS_TEXT_BYTES);
    } else {
        inet_ntop(AF_INET6, self->bytes, out, ADDRESS_TEXT_BYTES);
    }
}

/* `10.0.0.0/8`; without a slash all bits count. */
static bool
network_parse(const char *text, size_t bytes, struct network *out)
{
    const char *slash = memchr(text, '/', bytes);
    size_t address_bytes = slash == NULL ? bytes : (size_t)(slash - text);
    unsigned max, bits = 0;

    if (!address_parse(text, address_bytes, &out->address)) {
        return false;
    }
    max = is_mapped(&out->address) && memchr(text, '.', address_bytes) != NULL ? 32 : 128;
    if (slash == NULL) {
        bits = max;
    } else if (slash + 1 == text + bytes || text + bytes - slash > 4) {
        return false;
    }
    for (const char *at = slash; at != NULL && ++at < text + bytes;) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        bits = bits * 10 + (unsigned)(*at - '0');
    }
    out->bits = bits + (128 - max);
    return bits <= max;
}

enum status
networks_parse(const char *setting, const char *text, struct networks *out, struct error *error)
{
    out->n = 0;
    while (text != NULL && *text != '\0') {
        size_t bytes = strcspn(text, ", ");

        if (bytes > 0) {
            if (out->n == LIMIT_TRUSTED_NETWORKS) {
                return error_set(error, STATUS_INVALID_ARGUMENT, "%s may have %d entries", setting,
                                 LIMIT_TRUSTED_NETWORKS);
            }
            if (!network_parse(text, bytes, &out->list[out->n])) {
                return error_set(error, STATUS_INVALID_ARGUMENT,
                                 "%s must be a list of addresses or networks such as 10.0.0.0/8, "
                                 "not \"%.*s\"",
                                 setting, (int)bytes, text);
            }
            out->n++;
        }
        text += bytes;
        text += strspn(text, ", ");
    }
    return STATUS_OK;
}

static bool
network_contains(const struct network *self, const struct address *address)
{
    size_t whole = self->bits / 8;
    unsigned rest = self->bits % 8;
    unsigned mask = 0xffu << (8 - rest) & 0xffu;

    return memcmp(self->address.bytes, address->bytes, whole) == 0 &&
           (rest == 0 || ((self->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0);
}

bool
networks_contain(const struct networks *self, const struct address *address)
{
    for (size_t i = 0; i < self->n; i++) {
        if (network_contains(&self->list[i], address)) {
            return true;
        }
    }
    return false;
}

struct address
address_behind(const struct networks *trusted, struct address peer, const char *forwarded_for,
               size_t bytes)
{
    struct address found = peer;
    size_t end = bytes;

    for (int i = 0; i < LIMIT_FORWARDED_FOR && networks_contain(trusted, &found); i++) {
        size_t start = end;
        size_t first;

        while (start > 0 && forwarded_for[start - 1] != ',') {
            start--;
        }
        for (first = start; first < end && forwarded_for[first] == ' '; first++) {
        }
        while (end > first && forwarded_for[end - 1] == ' ') {
            end--;
        }
        if (!address_parse(forwarded_for + first, end - first, &found) || start == 0) {
            break;
        }
        end = start - 1;
    }
    return found;
}

enum { COUNT_SLOTS = 4096 };

struct count {
    struct address address;
    unsigned n;
    struct count *next;
};

struct address_counts {
    uint64_t seed;
    struct count *slots[COUNT_SLOTS];
};

struct address_counts *
address_counts_new(void)
{
    struct address_counts *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL);
    /* Addresses are chosen by clients: the place of a slot should not be. */
    randombytes_buf(&self->seed, sizeof(self->seed));
    return self;
}

void
address_counts_free(struct address_counts *self)
{
    for (size_t i = 0; i < COUNT_SLOTS; i++) {
        while (self->slots[i] != NULL) {
            struct count *next = self->slots[i]->next;

            free(self->slots[i]);
            self->slots[i] = next;
        }
    }
    free(self);
}

static struct count *const *
slot_of(const struct address_counts *self, const struct address *key)
{
    uint64_t parts[2];
    uint64_t hash = self->seed;

    memcpy(parts, key->bytes, sizeof(parts));
    for (int i = 0; i < 2; i++) {
        hash = (hash ^ parts[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return &self->slots[hash % COUNT_SLOTS];
}

/* The link that points to the entry of the key, or to NULL. */
static struct count **
find(struct address_counts *self, const struct address *key)
{
    struct count **link = (struct count **)slot_of(self, key);

    while (*link != NULL && memcmp(&(*link)->address, key, sizeof(*key)) != 0) {
        link = &(*link)->next;
    }
    return link;
}

unsigned
address_counts_get(const struct address_counts *self, const struct address *address)
{
    struct address key = address_network(address);

    for (const struct count *at = *slot_of(self, &key); at != NULL; at = at->next) {
        if (memcmp(&at->address, &key, sizeof(key)) == 0) {
            return at->n;
        }
    }
    return 0;
}

void
address_counts_add(struct address_counts *self, const struct address *address)
{
    struct address key = address_network(address);
    struct count **link = find(self, &key);

    if (*link == NULL) {
        *link = calloc(1, sizeof(**link));
        ASSERT(*link != NULL);
        (*link)->address = key;
    }
    (*link)->n++;
}

void
address_counts_remove(struct address_counts *self, const struct address *address)
{
    struct address key = address_network(address);
    struct count **link = find(self, &key);
    struct count *entry = *link;

    ASSERT(entry != NULL && entry->n > 0);
    if (--entry->n == 0) {
        *link = entry->next;
        free(entry);
    }
}
