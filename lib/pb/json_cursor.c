#include "pb/json_cursor.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

char
pb_json_peek(struct pb_json_cursor *in)
{
    while (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t') {
        in->at++;
    }
    return *in->at;
}

/* The quote that ends the string whose first character is at `at`. */
static const char *
string_end(const char *at, const char *end, bool *escapes)
{
    *escapes = false;
    for (;;) {
        at += utf8_plain_run(at, (size_t)(end - at));
        if (*at == '"') {
            return at;
        }
        if (*at == '\\') {
            *escapes = true;
            at++;
        }
        at++; /* the escaped character, or a byte of a longer character */
    }
}

static uint32_t
hex4(const char *at)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = at[i];

        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

static char *
put_character(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

/* Decodes the escape at `*at`, behind its backslash. */
static char *
decode_escape(const char **at, char *out)
{
    static const char forms[] = "b\bf\fn\nr\rt\t";
    const char *form;
    uint32_t code;

    if (**at != 'u') {
        form = strchr(forms, **at);
        *out++ = form == NULL ? **at : form[1];
        ++*at;
        return out;
    }
    code = hex4(*at + 1);
    *at += 5;
    if (code >= 0xd800 && code <= 0xdbff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (hex4(*at + 2) - 0xdc00);
        *at += 6;
    }
    return put_character(out, code);
}

/* The characters between `at` and `end`; decoding never makes a text longer. */
static bool
decode(const char *at, const char *end, struct arena *arena, struct pb_token *token)
{
    char *text = arena_alloc(arena, (size_t)(end - at) + 1);
    char *out = text;

    if (text == NULL) {
        return false;
    }
    while (at < end) {
        if (*at == '\\') {
            at++;
            out = decode_escape(&at, out);
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    token->text = text;
    token->bytes = (size_t)(out - text);
    token->kept = true;
    return true;
}

static bool
string_token(struct pb_json_cursor *in, struct arena *arena, struct pb_token *token)
{
    const char *text = in->at + 1;
    bool escapes;
    const char *end = string_end(text, in->end, &escapes);

    in->at = end + 1;
    token->kind = PB_TOKEN_STRING;
    if (escapes) {
        return decode(text, end, arena, token);
    }
    token->text = text;
    token->bytes = (size_t)(end - text);
    return true;
}

/* A number or a literal: up to the character that cannot belong to it. */
static void
word_token(struct pb_json_cursor *in, struct pb_token *token)
{
    const char *text = in->at;

    while (in->at<in->end && * in->at> ' ' && *in->at != ',' && *in->at != ']' && *in->at != '}') {
        in->at++;
    }
    token->kind = *text == 'n'                   ? PB_TOKEN_NULL
                  : *text == 't' || *text == 'f' ? PB_TOKEN_BOOL
                                                 : PB_TOKEN_NUMBER;
    token->text = text;
    token->bytes = (size_t)(in->at - text);
}

bool
pb_json_token(struct pb_json_cursor *in, struct arena *arena, struct pb_token *token)
{
    token->kept = false;
    switch (pb_json_peek(in)) {
    case '"':
        return string_token(in, arena, token);
    case '{':
    case '[':
        *token =
            (struct pb_token){.kind = *in->at == '{' ? PB_TOKEN_OBJECT : PB_TOKEN_LIST, .text = ""};
        return true;
    default:
        word_token(in, token);
        return true;
    }
}

void
pb_json_skip(struct pb_json_cursor *in)
{
    struct pb_token token;
    bool escapes;
    int depth = 0;

    do {
        switch (pb_json_peek(in)) {
        case '"':
            in->at = string_end(in->at + 1, in->end, &escapes) + 1;
            break;
        case '{':
        case '[':
            depth++;
            in->at++;
            break;
        case '}':
        case ']':
            depth--;
            in->at++;
            break;
        case ',':
        case ':':
            in->at++;
            break;
        default:
            word_token(in, &token);
            break;
        }
    } while (depth > 0);
}

bool
pb_json_enter(struct pb_json_cursor *in)
{
    char c;

    in->at++;
    c = pb_json_peek(in);
    if (c == '}' || c == ']') {
        in->at++;
        return false;
    }
    return true;
}

bool
pb_json_next(struct pb_json_cursor *in)
{
    bool more = pb_json_peek(in) == ',';

    in->at++;
    if (more) {
        pb_json_peek(in);
    }
    return more;
}

void
pb_json_colon(struct pb_json_cursor *in)
{
    pb_json_peek(in);
    in->at++;
}
