/* Frames of calls of the notes service, as a server hands them to an executor. */
#ifndef DEPOT_TESTS_SUPPORT_NOTE_FRAME_H
#define DEPOT_TESTS_SUPPORT_NOTE_FRAME_H

#include "base/limits.h"
#include "rpc/server.h"
#include "service/executor.h"
#include "support/cluster.h"
#include "support/note.h"

struct note_frame {
    struct arena arenas[LIMIT_FRAME_CALLS];
    struct rpc_served served[LIMIT_FRAME_CALLS];
    struct rpc_served *calls[LIMIT_FRAME_CALLS];
    size_t n;
};

void note_frame_init(struct note_frame *self);
void note_frame_fini(struct note_frame *self);

/* Adds a call with 30 s left; `key` is "" for none. Its texts must outlive the frame. */
struct rpc_served *note_frame_add(struct note_frame *self, enum note_method method, const char *id,
                                  const char *text, int32_t number, const char *key);

/* The reply as a message, whichever way it came; the call must have succeeded. */
const struct note *note_reply(struct rpc_served *served);

/* The failure's reason by its name, "OK" if there is none. */
const char *note_reason(const struct rpc_served *served);

enum { NOTE_BENCH_WORKERS = 4 };

/* An executor of the notes service over a database of the test's own, with four open workers. */
struct note_bench {
    struct test_database database;
    struct executor *executor;
    struct rpc_executor callbacks;
    void *workers[NOTE_BENCH_WORKERS];
};

void note_bench_open(struct note_bench *self);
void note_bench_close(struct note_bench *self);

/* The same over any database, which has the tables. */
void note_bench_start(struct note_bench *self, const char *url);
void note_bench_stop(struct note_bench *self);

/* Runs a frame on one of the workers. */
void note_bench_run(struct note_bench *self, size_t worker, struct note_frame *frame);

/* The same for a single call; returns its reason's name or "OK". */
const char *note_bench_call(struct note_bench *self, size_t worker, enum note_method method,
                            const char *id, const char *text, int32_t number, const char *key);

/* A number that SQL answers. */
long note_bench_count(struct note_bench *self, const char *sql);

#endif
