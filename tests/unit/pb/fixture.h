/* What the codec's tests share: a call over an arena, and what it says as one line of text. */
#ifndef TESTS_UNIT_PB_FIXTURE_H
#define TESTS_UNIT_PB_FIXTURE_H

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/call.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "everything.pb-c.h"
#include "everything.schema.h"
#include "pb/json.h"
#include "pb/validate.h"

struct fixture {
    struct arena arena;
    struct call call;
    char said[8192];
};

static inline void
fixture_init(struct fixture *self, size_t cap_bytes)
{
    arena_init(&self->arena, 4096, cap_bytes);
    call_init(&self->call, &self->arena);
}

static inline void
fixture_fini(struct fixture *self)
{
    arena_fini(&self->arena);
}

/* "/a WRONG_TYPE, /b/0 TOO_LONG": every violation in order; "" if there is none. */
static inline const char *
fixture_said(struct fixture *self)
{
    size_t length = 0;

    self->said[0] = '\0';
    for (const struct violation *v = self->call.problem.violations; v != NULL; v = v->next) {
        int n = snprintf(self->said + length, sizeof(self->said) - length, "%s%s %s",
                         length == 0 ? "" : ", ", v->field, v->reason->name);

        cr_assert_lt((size_t)n, sizeof(self->said) - length);
        length += (size_t)n;
    }
    return self->said;
}

/* The document in an allocation of exactly its size, so that a sanitizer sees reads beyond it. */
static inline ProtobufCMessage *
fixture_read_status(struct fixture *self, const struct pb_message *schema, const char *text,
                    size_t bytes, enum status *status)
{
    char *copy = malloc(bytes == 0 ? 1 : bytes);
    ProtobufCMessage *message = NULL;

    memcpy(copy, text, bytes);
    *status = pb_json_read(&self->call, schema, "", copy, bytes, &message);
    memset(copy, 'x', bytes);
    free(copy); /* the message must not point into it */
    return message;
}

static inline ProtobufCMessage *
fixture_read(struct fixture *self, const struct pb_message *schema, const char *text)
{
    enum status status;
    ProtobufCMessage *message = fixture_read_status(self, schema, text, strlen(text), &status);

    cr_assert_eq(status, STATUS_OK, "%s: %s", text, self->call.problem.detail);
    cr_assert_not_null(message);
    return message;
}

/* What the message is as JSON; the caller frees it. */
static inline char *
fixture_write(const struct pb_message *schema, const ProtobufCMessage *message)
{
    struct buf out = BUF_INIT;

    pb_json_write(&out, schema, message);
    buf_putc(&out, '\0');
    return out.data;
}

#endif
