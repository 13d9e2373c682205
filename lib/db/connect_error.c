#include "db/connect_error.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { SQLSTATE_LENGTH = 5 };

/*
 * Complaints of libpq itself that no waiting mends. It writes them in English, because no program
 * of ours calls setlocale.
 */
static const char *const vain[] = {
    "invalid ",
    "could not match ",
    "sslmode value ",
    "Unix-domain socket",
    "root certificate file",
    "server certificate ",
    "SSL error: certificate verify failed",
    "host name must be specified",
    "certificate ",
    "private key file ",
    "server does not support SSL",
};

/*
 * The server's part of a message is "SEVERITY:  SQLSTATE: text"; the severity is in the server's
 * language. Points to the SQLSTATE, or NULL.
 */
static const char *
find_sqlstate(const char *line, size_t length)
{
    for (size_t i = 0; i + SQLSTATE_LENGTH + 5 <= length; i++) {
        const char *code = line + i + 3;
        size_t n = 0;

        if (memcmp(line + i, ":  ", 3) != 0) {
            continue;
        }
        while (n < SQLSTATE_LENGTH &&
               (isdigit((unsigned char)code[n]) || (code[n] >= 'A' && code[n] <= 'Z'))) {
            n++;
        }
        if (n == SQLSTATE_LENGTH && code[n] == ':' && code[n + 1] == ' ') {
            return code;
        }
    }
    return NULL;
}

/*
 * Of a host with several addresses, libpq tells of each in turn: the last line that names a server
 * is what ended the attempt. The other lines are hints and places in the server's source.
 */
static const char *
last_attempt(const char *text, size_t *length)
{
    const char *found = text;

    for (const char *at = text; (at = strstr(at, "connection to server ")) != NULL; at++) {
        if (at == text || at[-1] == '\n') {
            found = at;
        }
    }
    *length = strcspn(found, "\n");
    return found;
}

/* What stands before the cause: "connection to server at ... failed: ", or nothing. */
static int
place_length(const char *line, size_t length)
{
    const char *failed = memmem(line, length, "failed: ", 8);

    return failed == NULL ? 0 : (int)(failed + 8 - line);
}

static bool
is_vain(const char *line, size_t length)
{
    const char *cause = line + place_length(line, length);
    size_t left = (size_t)(line + length - cause);

    for (size_t i = 0; i < sizeof(vain) / sizeof(vain[0]); i++) {
        size_t n = strlen(vain[i]);

        if (left >= n && memcmp(cause, vain[i], n) == 0) {
            return true;
        }
    }
    return false;
}

/* All that a server says in refusing is final, but for what says "later". */
static enum db_failure
failure_of_refusal(const char *code)
{
    char sqlstate[SQLSTATE_LENGTH + 1] = {0};

    memcpy(sqlstate, code, SQLSTATE_LENGTH);
    return db_failure_of(sqlstate) == DB_FAILURE_UNAVAILABLE ? DB_FAILURE_UNAVAILABLE
                                                             : DB_FAILURE_FATAL;
}

static enum status
end(enum db_failure kind, enum db_failure *failure)
{
    *failure = kind;
    return kind == DB_FAILURE_FATAL ? STATUS_INVALID_ARGUMENT : STATUS_UNAVAILABLE;
}

enum status
db_connect_error_read(const char *text, bool needs_password, enum db_failure *failure,
                      struct error *error)
{
    size_t length;
    const char *line = last_attempt(text, &length);
    const char *code = find_sqlstate(line, length);

    if (code != NULL) {
        const char *message = code + SQLSTATE_LENGTH + 2;

        return error_set(error, end(failure_of_refusal(code), failure), "%.*s%.*s (%.5s)",
                         place_length(line, (size_t)(code - line)), line,
                         (int)(line + length - message), message, code);
    }
    if (needs_password) {
        return error_set(error, end(DB_FAILURE_FATAL, failure),
                         "%.*sa password is asked for, and none is given",
                         place_length(line, length), line);
    }
    return error_set(
        error, end(is_vain(line, length) ? DB_FAILURE_FATAL : DB_FAILURE_UNAVAILABLE, failure),
        "%.*s", (int)length, line);
}

enum status
db_connect_error(const PGconn *pg, enum db_failure *failure, struct error *error)
{
    return db_connect_error_read(PQerrorMessage(pg), PQconnectionNeedsPassword(pg) == 1, failure,
                                 error);
}
