/*
 * The target of a request, taken apart by the letter of RFC 3986 and RFC 9112: characters that a
 * URL cannot have are refused, not mended.
 */
#ifndef DEPOT_HTTP_TARGET_H
#define DEPOT_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

/* Parts of the target's text, none NUL-terminated. */
struct http_target {
    const char *authority; /* of the absolute form; else NULL */
    size_t authority_bytes;
    const char *path; /* starts with '/', or is "*" */
    size_t path_bytes;
    const char *query; /* after the '?'; empty if there is none */
    size_t query_bytes;
};

/*
 * False unless it is `/path?query`, `http(s)://authority/path?query` or, for OPTIONS, `*`, of the
 * characters that RFC 3986 allows there. Percent signs are not looked at: see http_path_valid.
 */
bool http_target_parse(const char *text, size_t bytes, const char *verb, struct http_target *out);

/* Whether it is a host with or without a port, without user information, and not empty. */
bool http_authority_valid(const char *text, size_t bytes);

/*
 * Whether a path can be looked up: percent signs stand before two hexadecimal digits, the decoded
 * text is UTF-8 without NUL, no segment is `.` or `..` when decoded.
 */
bool http_path_valid(const char *path, size_t bytes);

#endif
