#include "pb/filter.h"

#include <string.h>

#include "base/limits.h"
#include "pb/expression.h"
#include "pb/filter_value.h"

struct parser {
    struct pb_expression in;
    unsigned n_terms, depth;
};

static struct pb_filter *
new_node(struct parser *p, enum pb_filter_kind kind)
{
    struct pb_filter *node = arena_zalloc(p->in.arena, sizeof(*node));

    if (node == NULL) {
        pb_expression_fail(&p->in, p->in.at, "there is no room for it");
        return NULL;
    }
    node->kind = kind;
    return node;
}

/* --- comparisons --- */

/* The comparison sign here, its length in `bytes`; false if there is none. */
static bool
peek_op(const char *at, enum pb_filter_op *op, size_t *bytes)
{
    static const struct {
        const char *text;
        enum pb_filter_op op;
    } signs[] = {
        {"!=", PB_FILTER_NE}, {"<=", PB_FILTER_LE}, {">=", PB_FILTER_GE}, {"=", PB_FILTER_EQ},
        {"<", PB_FILTER_LT},  {">", PB_FILTER_GT},  {":", PB_FILTER_HAS},
    };

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        *bytes = strlen(signs[i].text);
        if (strncmp(at, signs[i].text, *bytes) == 0) {
            *op = signs[i].op;
            return true;
        }
    }
    return false;
}

static bool
is_compared(const char *at)
{
    enum pb_filter_op op;
    size_t bytes;

    return *at == '.' || peek_op(at + strspn(at, " \t\r\n"), &op, &bytes);
}

static bool
is_keyword(const char *at, size_t bytes)
{
    return (bytes == 3 && (strncmp(at, "AND", 3) == 0 || strncmp(at, "NOT", 3) == 0)) ||
           (bytes == 2 && strncmp(at, "OR", 2) == 0);
}

/* Says why what stands here cannot begin a comparison. */
static bool
refuse_start(struct parser *p, size_t name_bytes)
{
    const char *at = p->in.at;
    const char *fields = pb_expression_fields(&p->in, true);
    bool is_value = *at == '"' || *at == '\'' || *at == '*' || (*at >= '0' && *at <= '9') ||
                    (unsigned char)*at >= 0x80;

    if (name_bytes == 0 && !is_value) {
        return pb_expression_fail(&p->in, at, "expected a field, one of %s", fields);
    }
    if (is_keyword(at, name_bytes)) {
        return pb_expression_fail(&p->in, at, "expected a field, one of %s, before `%.*s`", fields,
                                  (int)name_bytes, at);
    }
    if (is_value || !is_compared(at + name_bytes)) {
        return pb_expression_fail(
            &p->in, at, "nothing is searched for by itself: expected a field, one of %s", fields);
    }
    return pb_expression_fail(
        &p->in, at, "no filter knows `%.*s`: expected a field, one of %s",
        name_bytes > LIMIT_SHOWN_CHARACTERS ? LIMIT_SHOWN_CHARACTERS : (int)name_bytes, at, fields);
}

static bool
read_field(struct parser *p, struct pb_filter *node)
{
    size_t bytes = pb_expression_name(p->in.at);

    node->field = pb_field_find(p->in.schema, p->in.at, bytes);
    if (bytes == 0 || node->field == NULL || !node->field->rule.filterable) {
        return refuse_start(p, bytes);
    }
    p->in.at += bytes;
    return true;
}

/* `.key` of a map; nothing else has members. */
static bool
read_key(struct parser *p, struct pb_filter *node)
{
    if (*p->in.at != '.') {
        return true;
    }
    if (pb_filter_type_of(node->field) != PB_FILTER_MAP) {
        return pb_expression_fail(&p->in, p->in.at, "`%s` has no members: expected a comparison",
                                  node->field->json_name);
    }
    p->in.at++;
    return pb_filter_read_key(&p->in, &node->key);
}

/* What may follow a field; of a map, that is `:` and a key. */
static const char *
expected_ops(enum pb_filter_type type)
{
    switch (type) {
    case PB_FILTER_TEXT:
        return "=, !=, <, <=, >, >= or :";
    case PB_FILTER_ENUM:
    case PB_FILTER_BOOL:
        return "= or !=";
    case PB_FILTER_MAP:
        return ": and a key, or a member such as .key";
    default:
        return "=, !=, <, <=, >, >= or :*";
    }
}

static bool
read_op(struct parser *p, struct pb_filter *node, enum pb_filter_type type)
{
    const char *at;
    size_t bytes;

    pb_expression_blanks(&p->in);
    at = p->in.at;
    if (!peek_op(at, &node->op, &bytes)) {
        return pb_expression_fail(&p->in, at, "expected %s", expected_ops(type));
    }
    if (!pb_filter_takes(type, node->op) &&
        !(node->op == PB_FILTER_HAS && pb_filter_takes(type, PB_FILTER_PRESENT))) {
        return pb_expression_fail(&p->in, at, "`%s` is not compared so: expected %s",
                                  node->field->json_name, expected_ops(type));
    }
    p->in.at += bytes;
    pb_expression_blanks(&p->in);
    return true;
}

/* Behind `:` comes what is to be there: `*` for anything. */
static bool
read_operand(struct parser *p, struct pb_filter *node, enum pb_filter_type type)
{
    if (node->op != PB_FILTER_HAS) {
        return pb_filter_read_value(&p->in, node->field, &node->value);
    }
    if (type == PB_FILTER_MAP) {
        node->op = PB_FILTER_PRESENT;
        return pb_filter_read_key(&p->in, &node->key);
    }
    if (*p->in.at == '*') {
        p->in.at++;
        node->op = PB_FILTER_PRESENT;
        return true;
    }
    if (!pb_filter_takes(type, PB_FILTER_HAS)) {
        return pb_expression_fail(&p->in, p->in.at,
                                  "expected *: `:` asks here whether there is a value");
    }
    return pb_filter_read_value(&p->in, node->field, &node->value);
}

static struct pb_filter *
read_comparison(struct parser *p)
{
    struct pb_filter *node = new_node(p, PB_FILTER_COMPARE);
    enum pb_filter_type type;

    if (node == NULL || !read_field(p, node)) {
        return NULL;
    }
    if (p->n_terms++ == LIMIT_FILTER_TERMS) {
        pb_expression_fail(&p->in, p->in.at, "there are more than %d comparisons",
                           LIMIT_FILTER_TERMS);
        return NULL;
    }
    if (!read_key(p, node)) {
        return NULL;
    }
    type = node->key != NULL ? PB_FILTER_TEXT : pb_filter_type_of(node->field);
    return read_op(p, node, type) && read_operand(p, node, type) ? node : NULL;
}

/* --- what joins them --- */

static struct pb_filter *read_ands(struct parser *p);

static struct pb_filter *
read_group(struct parser *p)
{
    struct pb_filter *node;

    if (p->depth == LIMIT_FILTER_DEPTH) {
        pb_expression_fail(&p->in, p->in.at, "parentheses are nested more than %d deep",
                           LIMIT_FILTER_DEPTH);
        return NULL;
    }
    p->depth++;
    p->in.at++;
    node = read_ands(p);
    if (node == NULL) {
        return NULL;
    }
    if (*p->in.at != ')') {
        pb_expression_fail(&p->in, p->in.at, "expected AND, OR or )");
        return NULL;
    }
    p->in.at++;
    p->depth--;
    return node;
}

static struct pb_filter *
read_term(struct parser *p)
{
    struct pb_filter *inner, *node;
    bool is_negated;

    pb_expression_blanks(&p->in);
    is_negated = *p->in.at == '-';
    p->in.at += is_negated;
    is_negated = is_negated || pb_expression_take(&p->in, "NOT");
    pb_expression_blanks(&p->in);
    inner = *p->in.at == '(' ? read_group(p) : read_comparison(p);
    if (inner == NULL || !is_negated) {
        return inner;
    }
    node = new_node(p, PB_FILTER_NOT);
    if (node != NULL) {
        node->operands = inner;
    }
    return node;
}

/* One operand, or several that are joined by the word. */
static struct pb_filter *
read_joined(struct parser *p, enum pb_filter_kind kind, const char *word,
            struct pb_filter *(*read)(struct parser *p))
{
    struct pb_filter *first = read(p);
    struct pb_filter *last = first;
    struct pb_filter *node;

    while (last != NULL) {
        struct pb_filter *more;

        pb_expression_blanks(&p->in);
        if (!pb_expression_take(&p->in, word)) {
            break;
        }
        more = read(p);
        last->next = more;
        last = more;
    }
    if (last == NULL || last == first) {
        return last;
    }
    node = new_node(p, kind);
    if (node != NULL) {
        node->operands = first;
    }
    return node;
}

static struct pb_filter *
read_ors(struct parser *p)
{
    return read_joined(p, PB_FILTER_OR, "OR", read_term);
}

static struct pb_filter *
read_ands(struct parser *p)
{
    return read_joined(p, PB_FILTER_AND, "AND", read_ors);
}

bool
pb_filter_read(struct arena *arena, const struct pb_message *schema, const char *text,
               const struct pb_filter **filter, struct pb_expression_fault *fault)
{
    struct parser p = {
        .in = {.arena = arena, .schema = schema, .text = text, .at = text, .fault = fault},
    };
    const struct pb_filter *root = read_ands(&p);

    if (root == NULL) {
        return false;
    }
    if (*p.in.at != '\0') {
        return pb_expression_fail(&p.in, p.in.at, "expected AND, OR or the end");
    }
    *filter = root;
    return true;
}
