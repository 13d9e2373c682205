#include "pb/words.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* Room for the longest end of a list, " and 18446744073709551615 more". */
enum { MORE_BYTES = 32 };

static void
put(struct pb_words *self, const char *text, size_t bytes)
{
    size_t length = strlen(self->text);

    if (bytes < sizeof(self->text) - length) {
        memcpy(self->text + length, text, bytes);
        self->text[length + bytes] = '\0';
    }
}

static void
put_text(struct pb_words *self, const char *text)
{
    put(self, text, strlen(text));
}

/* The first characters of a text; what cannot be shown is a replacement character. */
static void
put_shown(struct pb_words *self, const char *text, size_t bytes)
{
    size_t at = 0;

    for (unsigned n = 0; at < bytes && n < LIMIT_SHOWN_CHARACTERS; n++) {
        size_t width = utf8_sequence(text + at, bytes - at);
        unsigned char first = (unsigned char)text[at];

        if (width == 0 || first < 0x20 || first == 0x7f) {
            put_text(self, "\xef\xbf\xbd");
        } else {
            put(self, text + at, width);
        }
        at += width == 0 ? 1 : width;
    }
    if (at < bytes) {
        put_text(self, "...");
    }
}

static size_t
name_bytes(const struct pb_place *place)
{
    return place->bytes == PB_NAME_TEXT ? strlen(place->name) : place->bytes;
}

struct pb_words
pb_words_subject(const struct pb_place *place)
{
    struct pb_words words = {""};
    char index[MORE_BYTES] = "";

    if (place->name == NULL) {
        snprintf(index, sizeof(index), "[%zu]", place->bytes);
        place = place->parent;
    }
    if (place->parent == NULL) {
        put_text(&words, "The body");
        return words;
    }
    put_text(&words, "`");
    put_shown(&words, place->name, name_bytes(place));
    put_text(&words, index);
    put_text(&words, "`");
    return words;
}

struct pb_words
pb_words_quote(const char *text, size_t bytes)
{
    struct pb_words words = {""};

    if (bytes == 0) {
        put_text(&words, "an empty text");
        return words;
    }
    put_text(&words, "`");
    put_shown(&words, text, bytes);
    put_text(&words, "`");
    return words;
}

/* A list that is being written, and how many names had no room. */
struct list {
    struct pb_words words;
    size_t n_left_out;
};

static void
list_add(struct list *self, const char *name)
{
    size_t length = strlen(self->words.text);

    if (self->n_left_out > 0 || length + strlen(name) + MORE_BYTES >= sizeof(self->words.text)) {
        self->n_left_out++;
        return;
    }
    put_text(&self->words, length == 0 ? "" : ", ");
    put_text(&self->words, name);
}

static struct pb_words
list_end(struct list *self)
{
    char more[MORE_BYTES];

    if (self->n_left_out > 0) {
        snprintf(more, sizeof(more), " and %zu more", self->n_left_out);
        put_text(&self->words, more);
    }
    if (self->words.text[0] == '\0') {
        put_text(&self->words, "none");
    }
    return self->words;
}

struct pb_words
pb_words_list(const char *const *names)
{
    struct list list = {0};

    for (; *names != NULL; names++) {
        list_add(&list, *names);
    }
    return list_end(&list);
}

struct pb_words
pb_words_enum(const ProtobufCEnumDescriptor *descriptor)
{
    struct list list = {0};

    for (unsigned i = 0; i < descriptor->n_values; i++) {
        if (descriptor->values[i].value != 0) {
            list_add(&list, descriptor->values[i].name);
        }
    }
    return list_end(&list);
}

struct pb_words
pb_words_members(const struct pb_message *schema)
{
    struct list list = {0};

    for (size_t i = 0; i < schema->n_fields; i++) {
        if (!schema->fields[i].rule.output_only) {
            list_add(&list, schema->fields[i].json_name);
        }
    }
    return list_end(&list);
}
