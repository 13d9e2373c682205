/*
 * The context of one request, from its first byte to its log line: its memory, its time, who asks,
 * and what went wrong. The gateway has one per HTTP request, a service one per call of a frame.
 * One thread uses a call at a time.
 */
#ifndef DEPOT_BASE_CALL_H
#define DEPOT_BASE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct pb_message; /* pb/schema.h; base only carries the pointers */

/* One thing that is wrong with a request. All memory is the call's arena's. */
struct violation {
    const char *field; /* a JSON pointer into the request message: "/allocation/startTime" */
    const struct reason *reason;
    const char *detail; /* for people; about the value's place, never a library's text */
    struct violation *next;
};

/* Why a call failed. Empty (reason NULL) while it has not. */
struct problem {
    const struct reason *reason;
    const char *detail;
    struct violation *violations; /* in the order in which they were found */
    struct violation **violations_end;
    size_t n_violations;
    const struct reason *lost;             /* of a violation for which there was no memory */
    const struct pb_message *extra_schema; /* a message that says more, or NULL */
    const void *extra;                     /* a ProtobufCMessage of that schema */
    uint32_t retry_after_ms;               /* 0: not said */
};

/* Who asks, as the access token says that came with the request; all of it zero or "": nobody. */
struct caller {
    const char *id;      /* of the account, a UUID */
    const char *name;    /* the account's user name, for people and for the record */
    const char *session; /* the id of the session, or of the API key */
    const char *scope;   /* what an API key may call, "inventory.read accounts.read"; "": all */
    unsigned role;       /* enum pb_role */
    bool is_program;     /* by an API key */
    bool sees_all;       /* the method that is called reaches what is somebody else's */
};

struct call {
    struct arena *arena;
    int64_t deadline_us;         /* on clock_us(); INT64_MAX: none */
    struct caller caller;        /* set when access was checked */
    const char *client_address;  /* an IP address as text; "" if not known */
    const char *principal;       /* "" if nobody: the caller's id, once access was checked */
    const char *request_id;      /* "" if none */
    const char *traceparent;     /* "" if none */
    const char *idempotency_key; /* "" if none */
    bool validate_only;          /* everything but the effect */
    bool again;                  /* a handler asked for one more try: see service/handler.h */
    bool then;                   /* a handler asked for its second query: see there */
    void *carried;               /* what its first half leaves for that; NULL: nothing */
    struct problem problem;
};

/* Puts a call without problem, principal, ids or deadline over `arena` into caller's storage. */
void call_init(struct call *self, struct arena *arena);

/*
 * Says that the call failed, and why; replaces an earlier problem's reason and detail. The
 * formatted detail is shown to the client. Returns the reason's code, so that a handler can
 * `return call_fail(...)`.
 */
enum status call_fail(struct call *self, const struct reason *reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Notes one thing that is wrong; up to LIMIT_VIOLATIONS are kept. The strings are copied. The
 * check that collects violations ends with call_invalid, which also refuses when there was no
 * memory to keep one.
 */
void call_violation(struct call *self, const struct reason *reason, const char *field,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Forgets the violations: something worse was found. */
void call_drop_violations(struct call *self);

/*
 * Turns the violations into the call's problem: STATUS_OK if there are none. A violation whose
 * reason's code is not INVALID_ARGUMENT (an unknown type, an id that cannot exist) is the problem
 * by itself; else the one kind there is, or VALIDATION_FAILED (`mixed`) when there are several.
 */
enum status call_invalid(struct call *self, const struct reason *mixed) MUST_CHECK;

/* Adds a message that says more about the problem; it lives as long as the call's arena. */
void call_extra(struct call *self, const struct pb_message *schema, const void *message);

/* The whole milliseconds left until the deadline: 0 if it has passed, INT32_MAX if there is none.
 */
int32_t call_remaining_ms(const struct call *self);

#endif
