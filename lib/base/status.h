/*
 * How things end. The codes are those of google.rpc.Code, so that one number means the same in C,
 * in the envelope and in a problem document.
 */
#ifndef DEPOT_BASE_STATUS_H
#define DEPOT_BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,
    STATUS_CANCELLED = 1,
    STATUS_UNKNOWN = 2,
    STATUS_INVALID_ARGUMENT = 3,
    STATUS_DEADLINE_EXCEEDED = 4,
    STATUS_NOT_FOUND = 5,
    STATUS_ALREADY_EXISTS = 6,
    STATUS_PERMISSION_DENIED = 7,
    STATUS_RESOURCE_EXHAUSTED = 8,
    STATUS_FAILED_PRECONDITION = 9,
    STATUS_ABORTED = 10,
    STATUS_OUT_OF_RANGE = 11,
    STATUS_UNIMPLEMENTED = 12,
    STATUS_INTERNAL = 13,
    STATUS_UNAVAILABLE = 14,
    STATUS_DATA_LOSS = 15,
    STATUS_UNAUTHENTICATED = 16,
};

/* `NOT_FOUND` for STATUS_NOT_FOUND; `UNKNOWN` for a number that is none of the codes. */
const char *status_name(enum status status);

/*
 * A stable reason for failure, declared once in a contract; the build tool makes one constant of
 * each (`reason_malformed_json`). Compared by address within a process, by name between processes.
 */
struct reason {
    const char *name; /* MALFORMED_JSON */
    enum status code;
    int http_status;
    const char *title;
    const char *text; /* the comment in the contract: documentation */
};

/* What went wrong at start-up or in an operator's tool: a line for people. */
struct error {
    char text[512];
};

/* Puts a formatted line into `error` (cut if too long) and returns `status`. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Exit codes of the processes, from sysexits.h; a supervisor does not restart after either. */
enum { EXIT_UNAVAILABLE = 69, EXIT_CONFIG = 78 };

#endif
