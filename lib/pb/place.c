#include "pb/place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "pb/words.h"

/* A few words and three lists or quotations in them: nothing is ever cut. */
enum { DETAIL_BYTES = 4 * PB_WORDS_BYTES };

struct pointer {
    char *text;
    size_t length;
    bool full;
};

static void
put(struct pointer *out, const char *text, size_t bytes)
{
    if (out->full || bytes >= PB_PLACE_BYTES - out->length) {
        out->full = true;
        return;
    }
    memcpy(out->text + out->length, text, bytes);
    out->length += bytes;
}

/* Character by character, so that a pointer that is cut is still UTF-8. */
static void
put_name(struct pointer *out, const char *name, size_t bytes)
{
    for (size_t at = 0; at < bytes && !out->full;) {
        size_t width = utf8_sequence(name + at, bytes - at);

        if (name[at] == '~') {
            put(out, "~0", 2);
        } else if (name[at] == '/') {
            put(out, "~1", 2);
        } else if (width == 0 || name[at] == '\0') {
            put(out, "\xef\xbf\xbd", 3);
        } else {
            put(out, name + at, width);
        }
        at += width == 0 ? 1 : width;
    }
}

static void
put_place(struct pointer *out, const struct pb_place *place)
{
    size_t bytes = place->bytes;
    char index[24];

    if (place->name != NULL && bytes == PB_NAME_TEXT) {
        bytes = strlen(place->name);
    }
    if (place->parent == NULL) {
        ASSERT(place->name != NULL);
        put(out, place->name, bytes);
        return;
    }
    put_place(out, place->parent);
    put(out, "/", 1);
    if (place->name != NULL) {
        put_name(out, place->name, bytes);
    } else {
        put(out, index, (size_t)snprintf(index, sizeof(index), "%zu", place->bytes));
    }
}

size_t
pb_place_write(const struct pb_place *place, char out[static PB_PLACE_BYTES])
{
    struct pointer pointer = {.text = out};

    put_place(&pointer, place);
    out[pointer.length] = '\0';
    return pointer.length;
}

static bool
has_violation(const struct call *call, const char *text)
{
    for (const struct violation *v = call->problem.violations; v != NULL; v = v->next) {
        if (strcmp(v->field, text) == 0) {
            return true;
        }
    }
    return false;
}

bool
pb_place_refused(const struct call *call, const struct pb_place *place)
{
    char text[PB_PLACE_BYTES];

    if (call->problem.violations == NULL) {
        return false;
    }
    pb_place_write(place, text);
    return has_violation(call, text);
}

void
pb_refuse(struct call *call, const struct reason *reason, const struct pb_place *place,
          const char *format, ...)
{
    char text[PB_PLACE_BYTES];
    char detail[DETAIL_BYTES];
    va_list args;

    pb_place_write(place, text);
    if (has_violation(call, text)) {
        return;
    }
    va_start(args, format);
    vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    call_violation(call, reason, text, "%s", detail);
}

void
pb_refuse_value(struct call *call, const struct reason *reason, const struct pb_place *place,
                const char *format, ...)
{
    const struct pb_words subject = pb_words_subject(place);
    char predicate[DETAIL_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(predicate, sizeof(predicate), format, args);
    va_end(args);
    pb_refuse(call, reason, place, "%s %s", subject.text, predicate);
}
