#include "rate.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/limits.h"

enum {
    SLOTS = 8192,
    REQUESTS_MAX = 1000 * 1000,
    SECONDS_MAX = 24 * 60 * 60,
};

static const char *
read_number(const char *at, uint32_t max, uint32_t *out)
{
    uint32_t number = 0;

    if (*at < '1' || *at > '9') {
        return NULL;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (uint32_t)(*at - '0');
        if (number > max) {
            return NULL;
        }
    }
    *out = number;
    return at;
}

enum status
rate_policy_parse(const char *setting, const char *text, struct rate_policy *out,
                  struct error *error)
{
    struct rate_policy policy = {0};
    const char *at;

    if (strcmp(text, "off") == 0) {
        *out = policy;
        return STATUS_OK;
    }
    at = read_number(text, REQUESTS_MAX, &policy.requests);
    if (at != NULL && *at == '/') {
        at = read_number(at + 1, SECONDS_MAX, &policy.seconds);
        if (at != NULL && *at == '\0') {
            *out = policy;
            return STATUS_OK;
        }
    }
    return error_set(error, STATUS_INVALID_ARGUMENT,
                     "%s must be off or requests/seconds, such as 100/60 (at most %d/%d), not "
                     "\"%s\"",
                     setting, REQUESTS_MAX, SECONDS_MAX, text);
}

/* The value of a hexadecimal digit, or -1. */
static int
digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a UUID; false if it is none in small letters. Names are UUIDs: no need to hash. */
static bool
read_uuid(const char *text, unsigned char out[static 16])
{
    for (size_t i = 0; i < 16; i++) {
        int high, low;

        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-') {
            return false;
        }
        if ((high = digit(text[0])) < 0 || (low = digit(text[1])) < 0) {
            return false;
        }
        out[i] = (unsigned char)(high << 4 | low);
        text += 2;
    }
    return *text == '\0';
}

struct rate_client
rate_client_of(const char *principal, const struct address *address)
{
    struct rate_client client = {{0}};

    if (principal[0] == '\0') {
        struct address network = address_network(address);

        memcpy(client.bytes, network.bytes, sizeof(network.bytes));
    } else if (read_uuid(principal, client.bytes)) {
        client.bytes[16] = 2;
    } else {
        crypto_generichash(client.bytes, 16, (const unsigned char *)principal, strlen(principal),
                           NULL, 0);
        client.bytes[16] = 1;
    }
    return client;
}

/*
 * What a bucket holds is counted in parts of requests: as many to a request as the window has
 * microseconds, of which `requests` flow in each microsecond.
 */
struct bucket {
    struct rate_client client;
    uint64_t level;
    int64_t updated_us;
    struct bucket *next;            /* of its slot */
    struct bucket *older, *younger; /* by last use */
};

struct rate_limiter {
    struct rate_policy policy;
    uint64_t request, full; /* in parts */
    unsigned char seed[crypto_shorthash_KEYBYTES];
    size_t n;
    struct bucket *oldest, *youngest;
    struct bucket *slots[SLOTS];
};

struct rate_limiter *
rate_limiter_new(struct rate_policy policy)
{
    struct rate_limiter *self = calloc(1, sizeof(*self));

    ASSERT(self != NULL && policy.requests > 0 && policy.seconds > 0);
    self->policy = policy;
    self->request = (uint64_t)policy.seconds * 1000000;
    self->full = self->request * policy.requests;
    randombytes_buf(self->seed, sizeof(self->seed)); /* clients choose their names */
    return self;
}

void
rate_limiter_free(struct rate_limiter *self)
{
    while (self != NULL && self->oldest != NULL) {
        struct bucket *next = self->oldest->younger;

        free(self->oldest);
        self->oldest = next;
    }
    free(self);
}

/* The link to the client's bucket, or to NULL. */
static struct bucket **
find(struct rate_limiter *self, const struct rate_client *client)
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t number;
    struct bucket **link;

    crypto_shorthash(hash, client->bytes, sizeof(client->bytes), self->seed);
    memcpy(&number, hash, sizeof(number));
    link = &self->slots[number % SLOTS];
    while (*link != NULL && memcmp(&(*link)->client, client, sizeof(*client)) != 0) {
        link = &(*link)->next;
    }
    return link;
}

static void
leave_order(struct rate_limiter *self, struct bucket *bucket)
{
    *(bucket->older != NULL ? &bucket->older->younger : &self->oldest) = bucket->younger;
    *(bucket->younger != NULL ? &bucket->younger->older : &self->youngest) = bucket->older;
}

static void
become_youngest(struct rate_limiter *self, struct bucket *bucket)
{
    bucket->older = self->youngest;
    bucket->younger = NULL;
    *(self->youngest != NULL ? &self->youngest->younger : &self->oldest) = bucket;
    self->youngest = bucket;
}

static void
forget_oldest(struct rate_limiter *self)
{
    struct bucket *bucket = self->oldest;
    struct bucket **link;

    ASSERT(bucket != NULL);
    link = find(self, &bucket->client);
    ASSERT(*link == bucket);
    *link = bucket->next;
    self->oldest = bucket->younger;
    *(self->oldest != NULL ? &self->oldest->older : &self->youngest) = NULL;
    free(bucket);
    self->n--;
}

static void
fill(const struct rate_limiter *self, struct bucket *bucket, int64_t now_us)
{
    uint64_t passed_us = (uint64_t)(now_us - bucket->updated_us);

    bucket->updated_us = now_us;
    if (passed_us >= self->request) { /* a whole window */
        bucket->level = self->full;
        return;
    }
    bucket->level += passed_us * self->policy.requests;
    if (bucket->level > self->full) {
        bucket->level = self->full;
    }
}

/* Room for one more: those who have been quiet for a window go, and if all are busy, the one who
 * has been quiet for longest. */
static void
make_room(struct rate_limiter *self, int64_t now_us)
{
    enum { AT_ONCE = 4 };

    for (int i = 0; i < AT_ONCE && self->oldest != NULL; i++) {
        if ((uint64_t)(now_us - self->oldest->updated_us) < self->request) {
            break;
        }
        forget_oldest(self);
    }
    if (self->n >= LIMIT_RATE_CLIENTS) {
        forget_oldest(self);
    }
}

static struct bucket *
get(struct rate_limiter *self, const struct rate_client *client, int64_t now_us)
{
    struct bucket *bucket = *find(self, client);
    struct bucket **link;

    if (bucket != NULL) {
        leave_order(self, bucket);
        become_youngest(self, bucket);
        fill(self, bucket, now_us);
        return bucket;
    }
    make_room(self, now_us);
    link = find(self, client);
    bucket = *link = calloc(1, sizeof(*bucket));
    ASSERT(bucket != NULL);
    bucket->client = *client;
    bucket->level = self->full;
    bucket->updated_us = now_us;
    become_youngest(self, bucket);
    self->n++;
    return bucket;
}

/* How long it takes until so many parts have come, rounded up. */
static uint64_t
until_us(const struct rate_limiter *self, uint64_t parts)
{
    return (parts + self->policy.requests - 1) / self->policy.requests;
}

struct rate_verdict
rate_limiter_take(struct rate_limiter *self, const struct rate_client *client, uint32_t cost,
                  int64_t now_us)
{
    struct bucket *bucket = get(self, client, now_us);
    struct rate_verdict verdict = {0};
    uint64_t price;

    cost = cost == 0 ? 1 : cost > self->policy.requests ? self->policy.requests : cost;
    price = cost * self->request;
    if (bucket->level < price) {
        verdict.refused = true;
        verdict.retry_after_ms = (uint32_t)((until_us(self, price - bucket->level) + 999) / 1000);
    } else {
        bucket->level -= price;
    }
    verdict.remaining = (uint32_t)(bucket->level / self->request);
    verdict.reset_s = (uint32_t)((until_us(self, self->full - bucket->level) + 999999) / 1000000);
    return verdict;
}

size_t
rate_limiter_clients(const struct rate_limiter *self)
{
    return self->n;
}
