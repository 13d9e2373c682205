#include "support/note_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/clock.h"
#include "pb/wire.h"

void
note_frame_init(struct note_frame *self)
{
    memset(self, 0, sizeof(*self));
}

void
note_frame_fini(struct note_frame *self)
{
    for (size_t i = 0; i < self->n; i++) {
        arena_fini(&self->arenas[i]);
    }
    self->n = 0;
}

struct rpc_served *
note_frame_add(struct note_frame *self, enum note_method method, const char *id, const char *text,
               int32_t number, const char *key)
{
    size_t i = self->n++;
    struct rpc_served *served = &self->served[i];
    struct arena *arena = &self->arenas[i];
    struct note *note;

    ASSERT(i < LIMIT_FRAME_CALLS);
    arena_init(arena, LIMIT_ARENA_BLOCK_BYTES, LIMIT_CALL_ARENA_BYTES);
    call_init(&served->call, arena);
    served->call.deadline_us = clock_us() + INT64_C(30000000);
    served->call.request_id = "test";
    served->call.principal = "somebody";
    served->call.idempotency_key = key;
    served->method = &note_methods[method];
    note = (struct note *)pb_new(arena, &note_schema);
    note->id = arena_strdup(arena, id);
    note->text = arena_strdup(arena, text);
    note->number = number;
    served->request = &note->base;
    served->payload = pb_pack(arena, &note->base, &served->payload_bytes);
    self->calls[i] = served;
    return served;
}

const struct note *
note_reply(struct rpc_served *served)
{
    ProtobufCMessage *message = NULL;

    ASSERT(served->status == STATUS_OK);
    if (served->reply_payload == NULL) {
        return (const struct note *)served->reply;
    }
    ASSERT(pb_unpack(served->call.arena, &note_schema, served->reply_payload,
                     served->reply_payload_bytes, &message) == STATUS_OK);
    return (const struct note *)message;
}

const char *
note_reason(const struct rpc_served *served)
{
    if (served->status == STATUS_OK) {
        return "OK";
    }
    ASSERT(served->call.problem.reason->code == served->status);
    return served->call.problem.reason->name;
}

void
note_bench_start(struct note_bench *self, const char *url)
{
    struct executor_options options = {
        .service = &note_service,
        .db = {.url = url, .application_name = "notes"},
        .workers = NOTE_BENCH_WORKERS,
    };
    struct db_conn *conn = NULL;
    enum db_failure failure;
    struct error error = {""};

    if (db_connect(&options.db, &conn, &failure, &error) != STATUS_OK ||
        executor_open(&options, conn, &self->executor, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    self->callbacks = executor_callbacks(self->executor);
    for (unsigned i = 0; i < NOTE_BENCH_WORKERS; i++) {
        self->workers[i] = self->callbacks.worker_open(self->callbacks.closure, i);
    }
}

void
note_bench_stop(struct note_bench *self)
{
    for (size_t i = 0; i < NOTE_BENCH_WORKERS; i++) {
        self->callbacks.worker_close(self->workers[i]);
    }
    executor_close(self->executor);
}

void
note_bench_open(struct note_bench *self)
{
    test_database_open(&self->database);
    test_database_migrate(&self->database, "platform");
    test_database_run(&self->database, note_tables_sql);
    note_bench_start(self, self->database.url);
}

void
note_bench_close(struct note_bench *self)
{
    note_bench_stop(self);
    test_database_drop(&self->database);
}

void
note_bench_run(struct note_bench *self, size_t worker, struct note_frame *frame)
{
    self->callbacks.execute(self->workers[worker], frame->calls, frame->n);
}

const char *
note_bench_call(struct note_bench *self, size_t worker, enum note_method method, const char *id,
                const char *text, int32_t number, const char *key)
{
    struct note_frame frame;
    struct rpc_served *served;
    const char *reason;

    note_frame_init(&frame);
    served = note_frame_add(&frame, method, id, text, number, key);
    note_bench_run(self, worker, &frame);
    reason = note_reason(served);
    note_frame_fini(&frame);
    return reason;
}

long
note_bench_count(struct note_bench *self, const char *sql)
{
    char *text = test_database_value(&self->database, sql);
    long number = atol(text);

    free(text);
    return number;
}
