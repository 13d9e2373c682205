#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "http/connect.h"
#include "http/grpc_web.h"
#include "http/transcode.h"

void
fuzz_call_open(struct fuzz_call *self)
{
    arena_init(&self->arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&self->call, &self->arena);
}

void
fuzz_call_close(struct fuzz_call *self)
{
    arena_fini(&self->arena);
}

uint8_t
fuzz_byte(const uint8_t **data, size_t *bytes)
{
    if (*bytes == 0) {
        return 0;
    }
    (*bytes)--;
    return *(*data)++;
}

/* FNV-1a. */
static uint16_t
hash(const char *text)
{
    uint32_t value = 2166136261U;

    for (; *text != '\0'; text++) {
        value = (value ^ (uint8_t)*text) * 16777619U;
    }
    return (uint16_t)(value ^ value >> 16);
}

const struct pb_message *
fuzz_message(const uint8_t **data, size_t *bytes)
{
    uint16_t choice = (uint16_t)(fuzz_byte(data, bytes) << 8);
    const struct pb_message *nearest = NULL;
    uint16_t distance = UINT16_MAX;

    choice = (uint16_t)(choice | fuzz_byte(data, bytes));
    for (const struct pb_message *const *at = http_contract.messages; *at != NULL; at++) {
        uint16_t away = (uint16_t)(hash((*at)->full_name) - choice);

        if (nearest == NULL || away < distance) {
            nearest = *at;
            distance = away;
        }
    }
    return nearest;
}

char *
fuzz_copy(const void *data, size_t bytes)
{
    char *copy = malloc(bytes == 0 ? 1 : bytes);

    ASSERT(copy != NULL);
    if (bytes != 0) {
        memcpy(copy, data, bytes);
    }
    return copy;
}

void
fuzz_expect_json(const struct buf *text)
{
    const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
    json_error_t error;
    json_t *json = json_loadb(text->data, text->length_bytes, flags, &error);

    ASSERT(json != NULL);
    json_decref(json);
}

void
fuzz_expect_problem(const struct call *call, const struct http_route *route)
{
    struct buf out = BUF_INIT;

    ASSERT(call->problem.reason != NULL);
    http_problem_write(&out, call, route, "/v1/\xff%2f\"", 9);
    fuzz_expect_json(&out);
    buf_clear(&out, SIZE_MAX);
    http_connect_error_write(&out, call);
    fuzz_expect_json(&out);
    buf_clear(&out, SIZE_MAX);
    http_grpc_web_trailers_write(&out, call);
    buf_fini(&out);
}
