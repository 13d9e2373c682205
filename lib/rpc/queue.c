#include "rpc/queue.h"

#include <string.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "rpc/frame.h"

void
calls_append(struct rpc_calls *self, struct rpc_request *request)
{
    request->list = self;
    request->next = NULL;
    request->previous = self->last;
    if (self->last != NULL) {
        self->last->next = request;
    } else {
        self->first = request;
    }
    self->last = request;
    self->n++;
}

void
calls_prepend(struct rpc_calls *self, struct rpc_request *request)
{
    request->list = self;
    request->previous = NULL;
    request->next = self->first;
    if (self->first != NULL) {
        self->first->previous = request;
    } else {
        self->last = request;
    }
    self->first = request;
    self->n++;
}

void
calls_remove(struct rpc_request *request)
{
    struct rpc_calls *list = request->list;

    ASSERT(list != NULL && list->n > 0);
    *(request->previous != NULL ? &request->previous->next : &list->first) = request->next;
    *(request->next != NULL ? &request->next->previous : &list->last) = request->previous;
    list->n--;
    request->list = NULL;
}

enum { HASH_NONE = 0 };
static const uint64_t HASH_START = 0xcbf29ce484222325u;

/* FNV-1a. Collisions cost a wait, never correctness. */
static uint64_t
hash_bytes(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *at = data;

    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3u;
    }
    return hash;
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t
affinity_of(const struct rpc_request *request)
{
    const struct pb_method *method = request->method;
    const struct pb_field *field;
    const void *member;

    if (method->affinity < 0) {
        return HASH_NONE;
    }
    field = &method->request->fields[method->affinity];
    member = pb_member_const(field, request->message);
    switch (field->descriptor->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(char *const *)member;
        char uuid[UUID_TEXT_BYTES];

        return text == NULL ? HASH_NONE : hash_text(HASH_START, uuid_canonical(text, uuid)) | 1;
    }
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return hash_bytes(HASH_START, member, 8) | 1;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return hash_bytes(HASH_START, member, 4) | 1;
    default:
        return HASH_NONE; /* no value of other types names a resource */
    }
}

static uint64_t
key_of(const struct rpc_request *request)
{
    uint64_t hash;

    if (request->idempotency_key[0] == '\0') {
        return HASH_NONE;
    }
    hash = hash_text(HASH_START, request->principal);
    hash = hash_text(hash, request->method->path);
    return hash_text(hash, request->idempotency_key) | 1;
}

/* The lowest bit only tells a hash from none. */
static size_t
lane_of(uint64_t affinity)
{
    return (size_t)(affinity >> 1) % QUEUE_LANES;
}

void
queue_prepare(struct rpc_request *request)
{
    request->bucket = (unsigned)(hash_text(HASH_START, request->principal) % QUEUE_BUCKETS);
    request->affinity = affinity_of(request);
    request->key = key_of(request);
    request->packed_bytes = frame_call_bytes(request);
}

static struct rpc_calls *
bucket_of(struct queue *self, const struct rpc_request *request)
{
    return &self->buckets[request->method->class][request->bucket];
}

static void
count(struct queue *self, const struct rpc_request *request, int by)
{
    self->n += (size_t)by;
    self->n_class[request->method->class] += (size_t)by;
}

void
queue_append(struct queue *self, struct rpc_request *request)
{
    calls_append(bucket_of(self, request), request);
    count(self, request, 1);
}

void
queue_prepend(struct queue *self, struct rpc_request *request)
{
    calls_prepend(bucket_of(self, request), request);
    count(self, request, 1);
}

void
queue_remove(struct queue *self, struct rpc_request *request)
{
    calls_remove(request);
    count(self, request, -1);
}

bool
queue_holds(const struct queue *self, const struct rpc_request *request)
{
    const struct rpc_calls *first = &self->buckets[0][0];

    return request->list >= first && request->list < first + PB_CLASSES * QUEUE_BUCKETS;
}

/* A frame while it is being filled. */
struct draft {
    struct rpc_request **calls;
    size_t n, max, bytes;
    int64_t now_us;
};

static bool
is_urgent(const struct draft *draft, const struct rpc_request *request)
{
    return request->deadline_us != INT64_MAX &&
           request->deadline_us - draft->now_us < LIMIT_URGENT_MS * 1000;
}

static bool
is_trial(const struct rpc_request *request)
{
    return request->validate_only && !request->method->no_side_effects;
}

/*
 * What the service would do one after another: the reply of a frame leaves after the last of its
 * transactions, and strangers would wait for all of them.
 */
static bool
must_not_meet(const struct rpc_request *a, const struct rpc_request *b)
{
    return (a->affinity != HASH_NONE && a->affinity == b->affinity) ||
           (a->key != HASH_NONE && a->key == b->key) || is_trial(a) || is_trial(b);
}

static bool
fits(const struct queue *self, const struct draft *draft, const struct rpc_request *request)
{
    if (request->affinity != HASH_NONE && self->busy[lane_of(request->affinity)] != 0) {
        return false;
    }
    if (draft->bytes + request->packed_bytes > LIMIT_FRAME_BYTES - FRAME_SPARE_BYTES) {
        return false;
    }
    if (draft->n > 0 && is_urgent(draft, request)) {
        return false;
    }
    for (size_t i = 0; i < draft->n; i++) {
        if (must_not_meet(draft->calls[i], request)) {
            return false;
        }
    }
    return true;
}

/* Moves the first call that fits, from `*at` on, into the draft; `*at` goes behind it. */
static bool
draft_take(struct queue *self, struct draft *draft, struct rpc_request **at)
{
    while (*at != NULL) {
        struct rpc_request *request = *at;

        *at = request->next;
        if (fits(self, draft, request)) {
            queue_remove(self, request);
            draft->calls[draft->n++] = request;
            draft->bytes += request->packed_bytes;
            if (is_urgent(draft, request)) {
                draft->max = draft->n;
            }
            return true;
        }
    }
    return false;
}

size_t
queue_take(struct queue *self, enum pb_class class, int64_t now_us, struct rpc_request **calls)
{
    struct draft draft = {.calls = calls, .max = frame_max_calls(class), .now_us = now_us};
    struct rpc_request *at[QUEUE_BUCKETS];
    unsigned first = self->turn[class];
    bool more = self->n_class[class] > 0;

    for (unsigned i = 0; i < QUEUE_BUCKETS; i++) {
        at[i] = self->buckets[class][i].first;
    }
    while (more && draft.n < draft.max) {
        more = false;
        for (unsigned i = 0; i < QUEUE_BUCKETS && draft.n < draft.max; i++) {
            unsigned bucket = (first + i) % QUEUE_BUCKETS;

            if (draft_take(self, &draft, &at[bucket])) {
                self->turn[class] = (bucket + 1) % QUEUE_BUCKETS;
                more = true;
            }
        }
    }
    return draft.n;
}

void
queue_hold(struct queue *self, uint64_t affinity)
{
    if (affinity != HASH_NONE) {
        self->busy[lane_of(affinity)]++;
    }
}

void
queue_release(struct queue *self, uint64_t affinity)
{
    if (affinity != HASH_NONE) {
        ASSERT(self->busy[lane_of(affinity)] > 0);
        self->busy[lane_of(affinity)]--;
    }
}
