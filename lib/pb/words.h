/*
 * Words for people about a value that is refused. A text names what it is about, says what is asked
 * of it, and shows what came: "`kind` must be one of BOOKING, MAINTENANCE, not `PICNIC`." Of what a
 * client has sent only the beginning is shown, so that it cannot make an answer large.
 */
#ifndef DEPOT_PB_WORDS_H
#define DEPOT_PB_WORDS_H

#include "pb/place.h"
#include "pb/schema.h"

enum { PB_WORDS_BYTES = 384 };

struct pb_words {
    char text[PB_WORDS_BYTES]; /* UTF-8 without control characters, ends with NUL */
};

/* What stands at the place: "`name`", "`few[1]`", "The body". */
struct pb_words pb_words_subject(const struct pb_place *place);

/* A text of a client's: "`abc`", "`abc...`" of a long one, "an empty text". */
struct pb_words pb_words_quote(const char *text, size_t bytes);

/* Lists of names, "one, two, three"; of a long list the first names, "one, two and 7 more". */
struct pb_words pb_words_list(const char *const *names);
struct pb_words pb_words_enum(const ProtobufCEnumDescriptor *descriptor); /* without its zero */

/* The members that a request may set; "none" if there are none. */
struct pb_words pb_words_members(const struct pb_message *schema);

#endif
