#include "source.h"

#include <ctype.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"

struct source_path
source_step(const struct source_path *path, int field, size_t index)
{
    struct source_path next = *path;

    ASSERT(next.n + 2 <= SOURCE_PATH_MAX);
    next.steps[next.n++] = field;
    next.steps[next.n++] = (int32_t)index;
    return next;
}

static const Google__Protobuf__SourceCodeInfo__Location *
find(const Google__Protobuf__FileDescriptorProto *file, const struct source_path *path)
{
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;

    for (size_t i = 0; info != NULL && i < info->n_location; i++) {
        const Google__Protobuf__SourceCodeInfo__Location *location = info->location[i];

        if (location->n_path == path->n &&
            (path->n == 0 ||
             memcmp(location->path, path->steps, path->n * sizeof path->steps[0]) == 0)) {
            return location;
        }
    }
    return NULL;
}

static struct place
place_of(const Google__Protobuf__FileDescriptorProto *file,
         const Google__Protobuf__SourceCodeInfo__Location *location)
{
    struct place place = {file->name, 0, 0};

    if (location != NULL && location->n_span >= 3) {
        place.line = location->span[0] + 1;
        place.column = location->span[1] + 1;
    }
    return place;
}

struct place
source_place(const Google__Protobuf__FileDescriptorProto *file, const struct source_path *path)
{
    return place_of(file, find(file, path));
}

struct place
source_option_place(const Google__Protobuf__FileDescriptorProto *file,
                    const struct source_path *path, int options_field, int number)
{
    struct source_path option = source_step(path, options_field, (size_t)number);
    const Google__Protobuf__SourceCodeInfo__Location *location = find(file, &option);

    return location != NULL ? place_of(file, location) : source_place(file, path);
}

/* Appends one line without the blanks around it. An empty line ends a paragraph. */
static void
put_line(struct buf *out, const char *line, size_t bytes, bool *paragraph)
{
    while (bytes > 0 && isspace((unsigned char)*line)) {
        line++;
        bytes--;
    }
    while (bytes > 0 && isspace((unsigned char)line[bytes - 1])) {
        bytes--;
    }
    if (bytes == 0) {
        *paragraph = out->length_bytes != 0;
        return;
    }
    if (out->length_bytes != 0) {
        buf_puts(out, *paragraph ? "\n\n" : " ");
    }
    *paragraph = false;
    buf_append(out, line, bytes);
}

const char *
source_comment(struct arena *arena, const Google__Protobuf__FileDescriptorProto *file,
               const struct source_path *path)
{
    const Google__Protobuf__SourceCodeInfo__Location *location = find(file, path);
    const char *text = NULL, *comment = NULL;
    struct buf out = BUF_INIT;
    bool paragraph = false;

    if (location != NULL) {
        text = location->leading_comments != NULL ? location->leading_comments
                                                  : location->trailing_comments;
    }
    while (text != NULL && *text != '\0') {
        size_t bytes = strcspn(text, "\n");

        put_line(&out, text, bytes, &paragraph);
        text += bytes;
        text += *text == '\n';
    }
    if (out.length_bytes != 0) {
        comment = arena_copy(arena, out.data, out.length_bytes);
    }
    buf_fini(&out);
    return comment;
}
