/* Every bound of the system, each with the reason for its size. */
#ifndef DEPOT_BASE_LIMITS_H
#define DEPOT_BASE_LIMITS_H

enum {
    /* --- requests in general --- */

    /* More than a person will mend in one go; bounds what a hostile body makes us answer. */
    LIMIT_VIOLATIONS = 64,

    /* A request's memory: a body of the largest size decoded takes about a tenth of it. */
    LIMIT_CALL_ARENA_BYTES = 8 * 1024 * 1024,

    /* One block serves an ordinary request whole. */
    LIMIT_ARENA_BLOCK_BYTES = 16 * 1024,

    /* Long enough for any client's scheme, short enough for an index entry. */
    LIMIT_IDEMPOTENCY_KEY_BYTES = 255,

    /* --- JSON and messages --- */

    /* No contract nests deeper than a handful; bounds recursion. */
    LIMIT_JSON_DEPTH = 32,

    /* Members and elements of one document; bounds memory per input byte. */
    LIMIT_JSON_MEMBERS = 1000,

    /* Nesting of a packed message; protobuf-c recurses per level. */
    LIMIT_MESSAGE_DEPTH = 32,

    /* Fields in one packed payload, counted at all levels; bounds memory per input byte. */
    LIMIT_MESSAGE_FIELDS = 65536,

    /* --- frames between processes --- */

    /* A frame on the wire, either way: nng takes memory for the whole of it before it arrives. */
    LIMIT_FRAME_BYTES = 4 * 1024 * 1024,

    /* One reply; what is larger should have been paged. */
    LIMIT_REPLY_BYTES = 1024 * 1024,

    /* Calls in a frame: measured, the gain per call is small beyond it. */
    LIMIT_FRAME_CALLS = 64,

    /* List calls in a frame: each may answer hundreds of rows. */
    LIMIT_FRAME_LISTS = 8,
};

#endif
