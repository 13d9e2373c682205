#include "auth/members.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "pb/json_cursor.h"
#include "pb/json_syntax.h"

/* 2^53 - 1 has as many digits: what every reader of JSON can represent, and then some. */
enum { NUMBER_DIGITS = 16 };

struct reader {
    struct pb_json_cursor in;
    struct arena arena; /* for strings with escapes */
    const struct member_rule *rules;
    size_t n_rules;
    uint32_t seen; /* a bit for each rule */
    char *out;
};

static const struct member_rule *
find(const struct reader *r, const struct pb_token *name)
{
    for (size_t i = 0; i < r->n_rules; i++) {
        if (strlen(r->rules[i].name) == name->bytes &&
            memcmp(r->rules[i].name, name->text, name->bytes) == 0) {
            return &r->rules[i];
        }
    }
    return NULL;
}

static bool
set_text(const struct pb_token *token, const struct member_rule *rule, char *out)
{
    if (token->kind != PB_TOKEN_STRING || token->bytes >= rule->room_bytes ||
        (token->bytes == 0 && rule->kind != MEMBER_OPEN) ||
        memchr(token->text, '\0', token->bytes) != NULL) {
        return false;
    }
    memcpy(out, token->text, token->bytes);
    out[token->bytes] = '\0';
    return true;
}

static bool
set_number(const struct pb_token *token, char *out)
{
    int64_t value = 0;

    if (token->kind != PB_TOKEN_NUMBER || token->bytes > NUMBER_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < token->bytes; i++) {
        if (token->text[i] < '0' || token->text[i] > '9') {
            return false;
        }
        value = value * 10 + (token->text[i] - '0');
    }
    memcpy(out, &value, sizeof(value));
    return true;
}

static bool
read_one_text(struct reader *r, const struct member_rule *rule, char *out)
{
    struct pb_token token;

    return pb_json_enter(&r->in) && pb_json_token(&r->in, &r->arena, &token) &&
           set_text(&token, rule, out) && !pb_json_next(&r->in);
}

static bool
read_value(struct reader *r, const struct member_rule *rule)
{
    char *out = r->out + rule->offset;
    struct pb_token token;

    if (!pb_json_token(&r->in, &r->arena, &token)) {
        return false;
    }
    if (rule->kind == MEMBER_ONE_TEXT) {
        return token.kind == PB_TOKEN_LIST && read_one_text(r, rule, out);
    }
    return rule->kind == MEMBER_NUMBER ? set_number(&token, out) : set_text(&token, rule, out);
}

static bool
read_member(struct reader *r)
{
    const struct member_rule *rule;
    struct pb_token name;
    uint32_t bit;

    if (!pb_json_token(&r->in, &r->arena, &name)) {
        return false;
    }
    rule = find(r, &name);
    if (rule == NULL) {
        return false;
    }
    bit = UINT32_C(1) << (rule - r->rules);
    if (r->seen & bit) {
        return false;
    }
    r->seen |= bit;
    pb_json_colon(&r->in);
    return read_value(r, rule);
}

static bool
read_object(struct reader *r)
{
    bool more;

    if (pb_json_peek(&r->in) != '{') {
        return false;
    }
    for (more = pb_json_enter(&r->in); more; more = pb_json_next(&r->in)) {
        if (!read_member(r)) {
            return false;
        }
    }
    return r->seen == (UINT32_C(1) << r->n_rules) - 1;
}

bool
members_read(const char *json, size_t bytes, const struct member_rule *rules, size_t n_rules,
             void *out)
{
    struct reader r = {.in = {json, json + bytes}, .rules = rules, .n_rules = n_rules, .out = out};
    struct pb_json_fault fault;
    bool fits;

    ASSERT(n_rules < 32);
    if (!pb_json_check(json, bytes, &fault)) {
        return false;
    }
    arena_init(&r.arena, 2 * bytes + 64, 2 * bytes + 64);
    fits = read_object(&r);
    arena_fini(&r.arena);
    return fits;
}
