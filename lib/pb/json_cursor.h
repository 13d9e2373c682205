/*
 * The second pass: walking over a document that pb_json_check has found good. Nothing here looks
 * for faults any more.
 */
#ifndef DEPOT_PB_JSON_CURSOR_H
#define DEPOT_PB_JSON_CURSOR_H

#include <stdbool.h>

#include "base/arena.h"
#include "pb/value.h"

struct pb_json_cursor {
    const char *at, *end;
};

/* The next character that is not white space, which stays. Not at the document's end. */
char pb_json_peek(struct pb_json_cursor *in);

/*
 * Passes over a string, number or literal and tells what it was; an object or a list is only
 * recognised. The text points into the document, or into the arena if escapes had to be decoded.
 * False when the arena's cap is reached.
 */
bool pb_json_token(struct pb_json_cursor *in, struct arena *arena, struct pb_token *token);

/* Passes over a whole value. */
void pb_json_skip(struct pb_json_cursor *in);

/*
 * For loops over an object or a list: passes over the opening brace or bracket, or over what
 * follows a member or element. True if there is one more, whose first character is next.
 */
bool pb_json_enter(struct pb_json_cursor *in);
bool pb_json_next(struct pb_json_cursor *in);

/* Passes over the colon between a member's name and its value. */
void pb_json_colon(struct pb_json_cursor *in);

#endif
