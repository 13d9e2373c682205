/* HTTP as a client sees it: one request at a time through libcurl, and raw bytes for the rest. */
#ifndef DEPOT_TESTS_SUPPORT_HTTP_H
#define DEPOT_TESTS_SUPPORT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http_response {
    int status; /* 0: no answer */
    bool cut;   /* there is none, or a part of one, although the connection was there */
    char *headers;
    char *body;
};

/*
 * Sends one request on a connection of its own. `headers` are lines ("Name: value"),
 * NULL-terminated or NULL. A body (may be NULL) is sent as application/json unless a header says
 * otherwise. Thread-safe.
 */
void http_send(struct http_response *response, const char *verb, const char *url,
               const char *const *headers, const char *body);
/*
 * From now on every http_send of this process has `Authorization: Bearer TOKEN`, but those that
 * bring a header of that name ("Authorization:" sends none). NULL: none has. The token is copied.
 */
void http_authorize(const char *token);

void http_free(struct http_response *response);

/* The value of a response header (case-insensitive), or NULL; the caller frees it. */
char *http_header(const struct http_response *response, const char *name);

/* A string member of the JSON body ("id", "reason"), "" if there is none; the caller frees it. */
char *http_member(const struct http_response *response, const char *name);

/*
 * Writes raw bytes to 127.0.0.1:`port` and reads until the peer closes or `seconds` of silence
 * pass. Returns what came; the caller frees it. `closed` tells whether the peer closed.
 */
char *http_raw(int port, const char *bytes, size_t length, int seconds, bool *closed);

#endif
