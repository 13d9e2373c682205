#include "base/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

enum { SECRET_FILE_BYTES = 64 * 1024 };

/* The length of the text without the end of its last line. */
static size_t
without_line_end(const char *text, size_t length)
{
    length -= length > 0 && text[length - 1] == '\n';
    length -= length > 0 && text[length - 1] == '\r';
    return length;
}

static enum status
read_secret(const char *name, const char *path, char **value, struct error *error)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(SECRET_FILE_BYTES + 1);
    size_t length = 0;
    const char *problem = NULL;

    ASSERT(text != NULL);
    if (file != NULL) {
        length = fread(text, 1, SECRET_FILE_BYTES + 1, file);
    }
    if (file == NULL || ferror(file)) {
        problem = strerror(errno);
    } else if (length > SECRET_FILE_BYTES) {
        problem = "it is too large";
    } else if (memchr(text, '\0', length) != NULL) {
        problem = "it is not text";
    }
    if (file != NULL) {
        fclose(file);
    }
    if (problem != NULL) {
        free(text);
        return error_set(error, STATUS_INVALID_ARGUMENT, "%s: cannot read %s: %s", name, path,
                         problem);
    }
    length = without_line_end(text, length);
    text[length] = '\0';
    *value = realloc(text, length + 1); /* it stays for the life of the process */
    ASSERT(*value != NULL);
    return STATUS_OK;
}

/* The text that an item has: of NAME_FILE's file, of NAME, or the fallback (NULL: unset). */
static enum status
find_text(const struct config_item *item, char **text, struct error *error)
{
    char file_name[128];
    const char *path;
    const char *value = getenv(item->name);

    snprintf(file_name, sizeof(file_name), "%s_FILE", item->name);
    path = getenv(file_name);
    if (path != NULL && path[0] != '\0') {
        if (value != NULL && value[0] != '\0') {
            return error_set(error, STATUS_INVALID_ARGUMENT, "%s and %s are both set", item->name,
                             file_name);
        }
        return read_secret(file_name, path, text, error);
    }
    if (value == NULL || value[0] == '\0') {
        value = item->fallback;
    }
    *text = value == NULL ? NULL : strdup(value);
    return STATUS_OK;
}

static bool
parse_bool(const char *text, bool *value)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"1", true},  {"on", true},   {"true", true},
                 {"0", false}, {"off", false}, {"false", false}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i].text) == 0) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}

static bool
parse_int(const char *text, int min, int max, int *value)
{
    char *end;
    long number;

    if (text[0] == '\0' || strspn(text, "-0123456789") != strlen(text)) {
        return false;
    }
    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < min || number > max) {
        return false;
    }
    *value = (int)number;
    return true;
}

static enum status
refuse(const struct config_item *item, const char *text, struct error *error)
{
    const char *shown = item->secret ? "***" : text;

    if (item->type == CONFIG_INT) {
        return error_set(error, STATUS_INVALID_ARGUMENT,
                         "%s must be a whole number from %d to %d%s%s, not \"%s\"", item->name,
                         item->min, item->max, item->unit[0] != '\0' ? " " : "", item->unit, shown);
    }
    return error_set(error, STATUS_INVALID_ARGUMENT, "%s must be on or off, not \"%s\"", item->name,
                     shown);
}

static enum status
load_item(const struct config_item *item, void *target, struct error *error)
{
    char *place = (char *)target + item->offset;
    char *text = NULL;
    enum status status = find_text(item, &text, error);
    bool ok = true;

    if (status != STATUS_OK) {
        return status;
    }
    switch (item->type) {
    case CONFIG_STRING:
        memcpy(place, &text, sizeof(text));
        return STATUS_OK;
    case CONFIG_INT:
        ok = text != NULL && parse_int(text, item->min, item->max, (int *)(void *)place);
        break;
    case CONFIG_BOOL:
        ok = text != NULL && parse_bool(text, (bool *)(void *)place);
        break;
    }
    status = ok ? STATUS_OK : refuse(item, text == NULL ? "" : text, error);
    free(text);
    return status;
}

enum status
config_load(const struct config_item *items, size_t n_items, void *target, struct error *error)
{
    for (size_t i = 0; i < n_items; i++) {
        enum status status = load_item(&items[i], target, error);

        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

void
config_free(const struct config_item *items, size_t n_items, void *target)
{
    for (size_t i = 0; i < n_items; i++) {
        char **place = (char **)(void *)((char *)target + items[i].offset);

        if (items[i].type == CONFIG_STRING) {
            free(*place);
            *place = NULL;
        }
    }
}

static const char *
shown_fallback(const struct config_item *item)
{
    return item->fallback == NULL ? "unset" : item->fallback;
}

static void
print_range(const struct config_item *item, FILE *out)
{
    if (item->type == CONFIG_INT) {
        fprintf(out, "%d to %d%s%s", item->min, item->max, item->unit[0] != '\0' ? " " : "",
                item->unit);
    } else {
        fputs(item->type == CONFIG_BOOL ? "on, off" : "text", out);
    }
}

void
config_help(const struct config_item *items, size_t n_items, FILE *out)
{
    for (size_t i = 0; i < n_items; i++) {
        fprintf(out, "  %s (", items[i].name);
        print_range(&items[i], out);
        fprintf(out, "; default: %s)\n      %s\n", shown_fallback(&items[i]), items[i].text);
    }
}

void
config_markdown(const struct config_item *items, size_t n_items, FILE *out)
{
    fputs("| variable | value | default | meaning |\n| --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < n_items; i++) {
        fprintf(out, "| `%s` | ", items[i].name);
        print_range(&items[i], out);
        fprintf(out, " | %s | %s |\n", shown_fallback(&items[i]), items[i].text);
    }
}

void
config_log(const struct config_item *items, size_t n_items, const void *target,
           struct log_line *line)
{
    for (size_t i = 0; i < n_items; i++) {
        const char *place = (const char *)target + items[i].offset;
        const char *text;

        switch (items[i].type) {
        case CONFIG_STRING:
            memcpy(&text, place, sizeof(text));
            if (text != NULL) {
                log_str(line, items[i].name, items[i].secret ? "***" : text);
            }
            break;
        case CONFIG_INT:
            log_int(line, items[i].name, *(const int *)(const void *)place);
            break;
        case CONFIG_BOOL:
            log_str(line, items[i].name, *(const bool *)(const void *)place ? "on" : "off");
            break;
        }
    }
}
