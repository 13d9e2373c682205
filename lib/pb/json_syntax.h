/* The first of a reader's two passes: is it JSON at all, and within the limits? */
#ifndef DEPOT_PB_JSON_SYNTAX_H
#define DEPOT_PB_JSON_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

struct pb_json_fault {
    const char *what;    /* constant, for people: "a colon is missing" */
    size_t line, column; /* from 1; the column in characters */
    bool empty;          /* there is nothing but white space */
};

/*
 * Whether `text` is exactly one JSON document by RFC 8259: UTF-8 without a byte order mark, no lone
 * surrogates even as escapes, at most LIMIT_JSON_DEPTH levels and LIMIT_JSON_MEMBERS members and
 * elements in all. If not, `fault` says what is wrong first.
 */
bool pb_json_check(const char *text, size_t bytes, struct pb_json_fault *fault);

#endif
