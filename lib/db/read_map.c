/*
 * jsonb objects as maps of strings, jsonb arrays as lists of them. PostgreSQL wrote the text, so it
 * is valid JSON in one known style; what is not is a bug.
 */
#include <string.h>

#include "base/assert.h"
#include "db/read.h"
#include "db/types_pg.h"

struct reader {
    struct arena *arena;
    const char *at, *end;
    bool exhausted;
};

static void
skip_space(struct reader *self)
{
    while (self->at < self->end && strchr(" \t\r\n", *self->at) != NULL) {
        self->at++;
    }
}

static bool
accept_char(struct reader *self, char c)
{
    skip_space(self);
    if (self->at < self->end && *self->at == c) {
        self->at++;
        return true;
    }
    return false;
}

static unsigned
hex4(const char *text)
{
    unsigned number = 0;

    for (int i = 0; i < 4; i++) {
        char c = text[i];
        bool is_digit = c >= '0' && c <= '9';

        ASSERT(is_digit || ((c | 32) >= 'a' && (c | 32) <= 'f'));
        number = number * 16 + (unsigned)(is_digit ? c - '0' : (c | 32) - 'a' + 10);
    }
    return number;
}

/* jsonb writes all text as UTF-8 itself and escapes only control characters as \u00XX. */
static char
unescape(struct reader *self)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;
    unsigned number;
    char c;

    ASSERT(self->at < self->end);
    c = *self->at++;
    if (c == 'u') {
        ASSERT(self->end - self->at >= 4);
        number = hex4(self->at);
        ASSERT(number > 0 && number < 0x80);
        self->at += 4;
        return (char)number;
    }
    ASSERT(c != '\0');
    found = strchr(from, c);
    ASSERT(found != NULL);
    return to[found - from];
}

/* What stands between quotes; never longer than its escaped form. */
static char *
read_string(struct reader *self)
{
    const char *close = self->at;
    char *text, *out;

    while (close < self->end && *close != '"') {
        close += *close == '\\' ? 2 : 1;
    }
    ASSERT(close < self->end);
    text = out = arena_alloc(self->arena, (size_t)(close - self->at) + 1);
    if (text == NULL) {
        self->exhausted = true;
        return NULL;
    }
    while (self->at < close) {
        char c = *self->at++;

        *out++ = c == '\\' ? unescape(self) : c;
    }
    *out = '\0';
    self->at = close + 1;
    return text;
}

/* Anything else up to the comma or brace that ends it, as it stands. */
static char *
read_other(struct reader *self)
{
    const char *start = self->at;
    bool quoted = false;
    int depth = 0;
    char *text;

    while (self->at < self->end && (quoted || depth > 0 || strchr(",}", *self->at) == NULL)) {
        char c = *self->at;

        if (quoted && c == '\\') {
            self->at++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[')) {
            depth++;
        } else if (!quoted && (c == '}' || c == ']')) {
            depth--;
        }
        self->at++;
    }
    ASSERT(self->at < self->end);
    text = arena_copy(self->arena, start, (size_t)(self->at - start));
    self->exhausted = self->exhausted || text == NULL;
    return text;
}

static ProtobufCMessage *
read_entry(struct reader *self, const struct pb_message *schema)
{
    ProtobufCMessage *entry = pb_new(self->arena, schema);
    char *key, *value;

    if (entry == NULL) {
        self->exhausted = true;
        return NULL;
    }
    ASSERT(accept_char(self, '"'));
    key = read_string(self);
    ASSERT(self->exhausted || accept_char(self, ':'));
    if (self->exhausted) {
        return NULL;
    }
    value = accept_char(self, '"') ? read_string(self) : read_other(self);
    memcpy(pb_member(&schema->fields[0], entry), &key, sizeof(key));
    memcpy(pb_member(&schema->fields[1], entry), &value, sizeof(value));
    return entry;
}

static const char *
entry_key(const struct pb_message *schema, const ProtobufCMessage *entry)
{
    const char *key;

    memcpy(&key, pb_member_const(&schema->fields[0], entry), sizeof(key));
    return key;
}

/* Maps are small: no entry moves far. */
static void
insert_sorted(const struct pb_message *schema, ProtobufCMessage **entries, size_t n,
              ProtobufCMessage *entry)
{
    const char *key = entry_key(schema, entry);

    while (n > 0 && strcmp(entry_key(schema, entries[n - 1]), key) > 0) {
        entries[n] = entries[n - 1];
        n--;
    }
    entries[n] = entry;
}

/* An upper bound for the number of members or elements: each has such a character. */
static size_t
count(const struct reader *self, char mark)
{
    size_t n = 0;

    for (const char *c = self->at; c < self->end; c++) {
        n += *c == mark;
    }
    return n;
}

bool
db_read_map(struct arena *arena, const struct pb_field *field, const struct db_value *value,
            ProtobufCMessage *message)
{
    struct db_value plain = db_value_plain(value);
    struct reader reader = {.arena = arena, .at = plain.data, .end = plain.data + plain.bytes};
    ProtobufCMessage **entries;
    size_t n = 0;

    ASSERT(value->type == DB_TYPE_JSONB || value->type == DB_TYPE_JSON);
    ASSERT(accept_char(&reader, '{'));
    entries = arena_alloc(arena, count(&reader, ':') * sizeof(*entries));
    if (entries == NULL) {
        return false;
    }
    while (!accept_char(&reader, '}')) {
        ProtobufCMessage *entry;

        ASSERT(n == 0 || accept_char(&reader, ','));
        entry = read_entry(&reader, field->message);
        if (reader.exhausted) {
            return false;
        }
        insert_sorted(field->message, entries, n++, entry);
    }
    memcpy((char *)message + field->descriptor->offset, &entries, sizeof(entries));
    memcpy((char *)message + field->descriptor->quantifier_offset, &n, sizeof(n));
    return true;
}

bool
db_read_strings(struct arena *arena, const struct pb_field *field, const struct db_value *value,
                ProtobufCMessage *message)
{
    struct db_value plain = db_value_plain(value);
    struct reader reader = {.arena = arena, .at = plain.data, .end = plain.data + plain.bytes};
    char **items;
    size_t n = 0;

    ASSERT(field->descriptor->type == PROTOBUF_C_TYPE_STRING);
    ASSERT(value->type == DB_TYPE_JSONB || value->type == DB_TYPE_JSON);
    ASSERT(accept_char(&reader, '['));
    items = arena_alloc(arena, count(&reader, '"') * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    while (!accept_char(&reader, ']')) {
        ASSERT(n == 0 || accept_char(&reader, ','));
        ASSERT(accept_char(&reader, '"'));
        items[n] = read_string(&reader);
        if (items[n++] == NULL) {
            return false;
        }
    }
    memcpy((char *)message + field->descriptor->offset, &items, sizeof(items));
    memcpy((char *)message + field->descriptor->quantifier_offset, &n, sizeof(n));
    return true;
}
