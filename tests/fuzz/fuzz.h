/*
 * What the fuzz targets share. A target is one LLVMFuzzerTestOneInput: it takes hostile bytes, puts
 * them through our code as a process would, and asserts what must hold whatever they are.
 */
#ifndef DEPOT_TESTS_FUZZ_H
#define DEPOT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/call.h"
#include "http/route.h"

/* libFuzzer's entry; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* A request's context with memory as the gateway and the services give it. */
struct fuzz_call {
    struct arena arena;
    struct call call;
};

void fuzz_call_open(struct fuzz_call *self);
void fuzz_call_close(struct fuzz_call *self);

/* Takes one byte off the front; 0 when there is none. */
uint8_t fuzz_byte(const uint8_t **data, size_t *bytes);

/*
 * Takes two bytes off the front, which choose one of all messages of the contract: the one whose
 * hash is next to them, so that inputs keep their meaning when the contract grows.
 */
const struct pb_message *fuzz_message(const uint8_t **data, size_t *bytes);

/* A copy on the heap of exactly these bytes: whoever reads beyond them is seen. */
char *fuzz_copy(const void *data, size_t bytes);

/*
 * Asserts that a text is JSON that others can read: jansson does, which refuses invalid UTF-8 and
 * members that stand twice.
 */
void fuzz_expect_json(const struct buf *text);

/* Asserts that a failed call has a problem, and that every form of it can be written. */
void fuzz_expect_problem(const struct call *call, const struct http_route *route);

#endif
