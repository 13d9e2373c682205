/* Calls and replies as messages of the envelope: memory in, memory out. */
#ifndef DEPOT_RPC_FRAME_H
#define DEPOT_RPC_FRAME_H

#include "base/arena.h"
#include "depot/rpc/v1/envelope.pb-c.h"
#include "rpc/client.h"

/* What a frame may hold in calls: room is left for what nng puts in front. */
enum { FRAME_CALL_BYTES = 128, FRAME_SPARE_BYTES = 256 };

/* How many calls of a class may share a frame. */
size_t frame_max_calls(enum pb_class class);

/* An upper bound of what the call takes in a frame. */
size_t frame_call_bytes(const struct rpc_request *request);

/*
 * The frame of these calls, ready to be packed. All memory is the arena's, except the calls'
 * strings. What is left of their time counts from `now_us`; it is at least a millisecond.
 */
const ProtobufCMessage *frame_of_calls(struct arena *arena, struct rpc_request *const *calls,
                                       size_t n, int64_t now_us);

/*
 * Reads a frame of replies into the arena; NULL if it is none or has other than `n` replies. One
 * MALFORMED_MESSAGE in reply to several calls stands for all of them: all get the same reply.
 */
const Depot__Rpc__V1__ReplyFrame *frame_read_replies(struct arena *arena, const void *data,
                                                     size_t bytes, size_t n);

/* What the caller of a call sees; it lives as long as the frame. */
struct rpc_reply frame_reply(struct arena *arena, const Depot__Rpc__V1__Reply *reply);

#endif
