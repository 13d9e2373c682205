#include "pb/json_syntax.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

struct scan {
    const char *at, *end;
    const char *fault;
    int depth, members;
};

static bool check_value(struct scan *s);

/* Something is wrong at `at`. */
static bool
wrong(struct scan *s, const char *at, const char *what)
{
    s->at = at;
    s->fault = what;
    return false;
}

static bool
cut_short(struct scan *s)
{
    return wrong(s, s->end, "the document ends too early");
}

static void
skip_space(struct scan *s)
{
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t')) {
        s->at++;
    }
}

/* Passes over `c`, which must come next. */
static bool
expect(struct scan *s, char c, const char *what)
{
    if (s->at == s->end) {
        return cut_short(s);
    }
    if (*s->at != c) {
        return wrong(s, s->at, what);
    }
    s->at++;
    return true;
}

static bool
check_literal(struct scan *s, const char *literal)
{
    size_t bytes = strlen(literal);
    size_t left = (size_t)(s->end - s->at);
    size_t same = 0;

    while (same < bytes && same < left && s->at[same] == literal[same]) {
        same++;
    }
    if (same == left && same < bytes) {
        return cut_short(s);
    }
    if (same < bytes) {
        return wrong(s, s->at, "a value is expected");
    }
    s->at += bytes;
    return true;
}

static bool
is_digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool
check_digits(struct scan *s)
{
    if (!is_digit(s)) {
        return s->at == s->end ? cut_short(s) : wrong(s, s->at, "a digit is expected");
    }
    while (is_digit(s)) {
        s->at++;
    }
    return true;
}

static bool
check_number(struct scan *s)
{
    const char *whole;

    s->at += *s->at == '-';
    whole = s->at;
    if (!check_digits(s)) {
        return false;
    }
    if (*whole == '0' && s->at - whole > 1) {
        return wrong(s, whole, "a number may not begin with 0");
    }
    if (s->at < s->end && *s->at == '.') {
        s->at++;
        if (!check_digits(s)) {
            return false;
        }
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        s->at += s->at < s->end && (*s->at == '+' || *s->at == '-');
        return check_digits(s);
    }
    return true;
}

/* The four hexadecimal digits at `at`, or -1. */
static int
hex4(const char *at, const char *end)
{
    int value = 0;

    for (int i = 0; i < 4; i++, at++) {
        char c = at < end ? *at : ' ';
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* What follows `\u`. */
static bool
check_unicode_escape(struct scan *s)
{
    int unit = hex4(s->at, s->end);

    if (unit < 0) {
        return wrong(s, s->at, "four hexadecimal digits are expected");
    }
    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return wrong(s, s->at, "a surrogate stands alone");
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        int low =
            s->end - s->at >= 10 && memcmp(s->at + 4, "\\u", 2) == 0 ? hex4(s->at + 6, s->end) : -1;

        if (low < 0xdc00 || low > 0xdfff) {
            return wrong(s, s->at, "a surrogate stands alone");
        }
        s->at += 6;
    }
    s->at += 4;
    return true;
}

/* What follows a backslash. */
static bool
check_escape(struct scan *s)
{
    if (s->at == s->end) {
        return cut_short(s);
    }
    switch (*s->at++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        return check_unicode_escape(s);
    default:
        return wrong(s, s->at - 1, "there is no such escape");
    }
}

/* What follows the opening quote. */
static bool
check_string(struct scan *s)
{
    for (;;) {
        size_t width;

        s->at += utf8_plain_run(s->at, (size_t)(s->end - s->at));
        if (s->at == s->end) {
            return cut_short(s);
        }
        switch (*s->at) {
        case '"':
            s->at++;
            return true;
        case '\\':
            s->at++;
            if (!check_escape(s)) {
                return false;
            }
            continue;
        default:
            break;
        }
        width = utf8_sequence(s->at, (size_t)(s->end - s->at));
        if (width < 2) {
            return wrong(s, s->at,
                         width == 0 ? "the text is not UTF-8"
                                    : "a control character must be written as an escape");
        }
        s->at += width;
    }
}

static bool
count_member(struct scan *s)
{
    if (++s->members > LIMIT_JSON_MEMBERS) {
        return wrong(s, s->at, "the document has too many members and elements");
    }
    return true;
}

static bool
check_member(struct scan *s)
{
    if (!expect(s, '"', "a member's name in double quotes is expected") || !check_string(s)) {
        return false;
    }
    skip_space(s);
    return expect(s, ':', "a colon is expected") && check_value(s);
}

/* After a member or element: 1 if another one follows, 0 at the end, -1 if something is wrong. */
static int
check_separator(struct scan *s, char close)
{
    skip_space(s);
    if (s->at == s->end) {
        cut_short(s);
        return -1;
    }
    if (*s->at == ',') {
        s->at++;
        skip_space(s);
        return 1;
    }
    if (*s->at == close) {
        s->at++;
        return 0;
    }
    wrong(s, s->at, close == '}' ? "a comma or } is expected" : "a comma or ] is expected");
    return -1;
}

/* What follows the opening brace or bracket. */
static bool
check_entries(struct scan *s, char close)
{
    int more = 1;

    if (++s->depth > LIMIT_JSON_DEPTH) {
        return wrong(s, s->at - 1, "the document is nested too deeply");
    }
    skip_space(s);
    if (s->at < s->end && *s->at == close) {
        s->at++;
        more = 0;
    }
    while (more == 1) {
        if (!count_member(s) || !(close == '}' ? check_member(s) : check_value(s))) {
            return false;
        }
        more = check_separator(s, close);
    }
    s->depth--;
    return more == 0;
}

/* A value, with white space before it. Calls itself through lists and objects, LIMIT_JSON_DEPTH
 * times at most. */
static bool
check_value(struct scan *s)
{
    skip_space(s);
    if (s->at == s->end) {
        return cut_short(s);
    }
    switch (*s->at) {
    case '{':
        s->at++;
        return check_entries(s, '}');
    case '[':
        s->at++;
        return check_entries(s, ']');
    case '"':
        s->at++;
        return check_string(s);
    case 't':
        return check_literal(s, "true");
    case 'f':
        return check_literal(s, "false");
    case 'n':
        return check_literal(s, "null");
    default:
        break;
    }
    if (*s->at == '-' || is_digit(s)) {
        return check_number(s);
    }
    return wrong(s, s->at, "a value is expected");
}

static bool
check_document(struct scan *s)
{
    if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0) {
        return wrong(s, s->at, "a byte order mark is not allowed");
    }
    if (!check_value(s)) {
        return false;
    }
    skip_space(s);
    return s->at == s->end || wrong(s, s->at, "something stands behind the document");
}

/* Everything before `at` is known to be UTF-8. */
static void
locate(const char *text, const char *at, struct pb_json_fault *fault)
{
    fault->line = 1;
    fault->column = 1;
    for (; text < at; text++) {
        if (*text == '\n') {
            fault->line++;
            fault->column = 1;
        } else if (((unsigned char)*text & 0xc0) != 0x80) {
            fault->column++;
        }
    }
}

bool
pb_json_check(const char *text, size_t bytes, struct pb_json_fault *fault)
{
    struct scan s = {.at = text, .end = bytes == 0 ? text : text + bytes};

    skip_space(&s);
    if (s.at == s.end) {
        *fault = (struct pb_json_fault){.what = "the body is empty", .empty = true};
        locate(text, s.at, fault);
        return false;
    }
    s.at = text;
    if (check_document(&s)) {
        return true;
    }
    *fault = (struct pb_json_fault){.what = s.fault};
    locate(text, s.at, fault);
    return false;
}
