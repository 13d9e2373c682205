/* Filters and orders: what is taken and what it means, and what is refused, in which column. */
#include "fixture.h"

#include "base/limits.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "pb/order.h"

static const struct pb_message *const resource = &depot__inventory__v1__resource__schema;
static const struct pb_message *const allocation = &depot__inventory__v1__allocation__schema;

static struct arena memory;

static void
setup(void)
{
    arena_init(&memory, 4096, 0);
}

static void
teardown(void)
{
    arena_fini(&memory);
}

TestSuite(filter, .init = setup, .fini = teardown);

/* --- what is meant: (and (= name "a") (not (has attributes.k))) --- */

static void
write_tree(struct buf *out, const struct pb_filter *filter)
{
    static const char *const kinds[] = {"", "not", "and", "or"};
    static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">=", "has", "is"};

    buf_putc(out, '(');
    if (filter->kind == PB_FILTER_COMPARE) {
        buf_printf(out, "%s %s", ops[filter->op], filter->field->name);
        if (filter->key != NULL) {
            buf_printf(out, ".%s", filter->key);
        }
        if (filter->value != NULL) {
            buf_printf(out, " %s", filter->value);
        }
    } else {
        buf_puts(out, kinds[filter->kind]);
        for (const struct pb_filter *part = filter->operands; part != NULL; part = part->next) {
            buf_putc(out, ' ');
            write_tree(out, part);
        }
    }
    buf_putc(out, ')');
}

/* Exactly as long as the text, so that a sanitizer sees a step beyond it. */
static char *
exact(const char *text)
{
    char *copy = malloc(strlen(text) + 1);

    memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static void
expect_meaning(const struct pb_message *schema, const char *text, const char *expected)
{
    const struct pb_filter *filter = NULL;
    struct pb_expression_fault fault = {0};
    struct buf out = BUF_INIT;
    char *copy = exact(text);

    cr_assert(pb_filter_read(&memory, schema, copy, &filter, &fault), "%s: column %zu: %s", text,
              fault.column, fault.text);
    free(copy);
    write_tree(&out, filter);
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, expected, "%s: %s", text, out.data);
    buf_fini(&out);
}

static void
expect_refusal(const struct pb_message *schema, const char *text, size_t column, const char *why)
{
    const struct pb_filter *filter = NULL;
    struct pb_expression_fault fault = {0};
    char *copy = exact(text);

    cr_assert_not(pb_filter_read(&memory, schema, copy, &filter, &fault), "%s", text);
    free(copy);
    cr_assert_null(filter);
    cr_assert_not_null(strstr(fault.text, why), "%s: %s", text, fault.text);
    cr_assert_eq(fault.column, column, "%s: column %zu: %s", text, fault.column, fault.text);
}

Test(filter, comparisons)
{
    expect_meaning(resource, "name = \"Beetle\"", "(= name Beetle)");
    expect_meaning(resource, "name=\"Beetle\"", "(= name Beetle)");
    expect_meaning(resource, " \t\r\nname\n!=\n'a' ", "(!= name a)");
    expect_meaning(resource, "name<\"a\"", "(< name a)");
    expect_meaning(resource, "name<=\"a\"", "(<= name a)");
    expect_meaning(resource, "name>\"a\"", "(> name a)");
    expect_meaning(resource, "name>=\"\"", "(>= name )");
    expect_meaning(resource, "description:\"old\"", "(has description old)");
    expect_meaning(resource, "description:*", "(is description)");
    expect_meaning(resource, "name = \"*\"", "(= name *)");
}

Test(filter, texts)
{
    expect_meaning(resource, "name = \"a\\\"b\\\\c\\'d\"", "(= name a\"b\\c'd)");
    expect_meaning(resource, "name = 'a\"b\\'c'", "(= name a\"b'c)");
    expect_meaning(resource, "name = \"a AND b) OR (c\"", "(= name a AND b) OR (c)");
    expect_meaning(resource, "name = \"M\xc3\xbcller\"", "(= name M\xc3\xbcller)");
    expect_meaning(resource, "name = \"'; DROP TABLE resource; --\"",
                   "(= name '; DROP TABLE resource; --)");
    expect_refusal(resource, "name = Beetle", 8, "expected a text in quotes");
    expect_refusal(resource, "name = 5", 8, "expected a text in quotes");
    expect_refusal(resource, "name = ", 8, "expected a text in quotes");
    expect_refusal(resource, "name = \"open", 8, "the quote is not closed");
    expect_refusal(resource, "name = \"open'", 8, "the quote is not closed");
    expect_refusal(resource, "name = \"open\\\"", 8, "the quote is not closed");
    expect_refusal(resource, "name = \"a\\nb\"", 10, "as escape");
    expect_refusal(resource, "name = \"a\\", 10, "as escape");
}

Test(filter, maps)
{
    expect_meaning(resource, "attributes.colour = \"red\"", "(= attributes.colour red)");
    expect_meaning(resource, "attributes.a-b_1 != 'x'", "(!= attributes.a-b_1 x)");
    expect_meaning(resource, "attributes.\"two words\":\"x\"", "(has attributes.two words x)");
    expect_meaning(resource, "attributes:colour", "(is attributes.colour)");
    expect_meaning(resource, "attributes : 'two words'", "(is attributes.two words)");
    expect_meaning(resource, "attributes.colour:*", "(is attributes.colour)");
    expect_meaning(resource, "attributes.AND = \"x\"", "(= attributes.AND x)");
    expect_refusal(resource, "attributes = \"red\"", 12, "expected : and a key");
    expect_refusal(resource, "attributes", 11, "expected : and a key");
    expect_refusal(resource, "attributes:", 12, "expected a key");
    expect_refusal(resource, "attributes.", 12, "expected a key");
    expect_refusal(resource, "attributes. colour = \"red\"", 12, "expected a key");
    expect_refusal(resource, "attributes.colour = red", 21, "expected a text in quotes");
    expect_refusal(resource, "attributes.a.b = \"x\"", 13, "expected =, !=");
    expect_refusal(resource, "name.first = \"x\"", 5, "`name` has no members");
}

Test(filter, times_and_enums)
{
    expect_meaning(resource, "createTime > 2030-05-01T09:00:00+02:00",
                   "(> create_time 2030-05-01T07:00:00Z)");
    expect_meaning(resource, "create_time<=\"2030-05-01T09:00:00.5Z\"",
                   "(<= create_time 2030-05-01T09:00:00.500Z)");
    expect_meaning(allocation, "(end_time > 2030-05-01T09:00:00Z)",
                   "(> end_time 2030-05-01T09:00:00Z)");
    expect_meaning(allocation, "NOT startTime:*", "(not (is start_time))");
    expect_meaning(allocation, "kind = MAINTENANCE", "(= kind MAINTENANCE)");
    expect_meaning(allocation, "kind != 'BOOKING'", "(!= kind BOOKING)");
    expect_refusal(resource, "createTime > yesterday", 14, "expected a time of RFC 3339");
    expect_refusal(resource, "createTime > 2030-05-01", 14, "expected a time of RFC 3339");
    expect_refusal(resource, "createTime > \"2030-05-01T09:00:00\"", 14, "expected a time");
    expect_refusal(resource, "createTime > 0000-01-01T00:00:00Z", 14, "expected a time");
    expect_refusal(resource, "createTime > -infinity", 14, "expected a time");
    expect_refusal(resource, "createTime:2030-05-01T09:00:00Z", 12, "expected *");
    expect_refusal(allocation, "kind = HOLIDAY", 8, "expected one of BOOKING, MAINTENANCE");
    expect_refusal(allocation, "kind = booking", 8, "expected one of");
    expect_refusal(allocation, "kind = 1", 8, "expected one of");
    expect_refusal(allocation, "kind > BOOKING", 6, "expected = or !=");
    expect_refusal(allocation, "kind:*", 5, "expected = or !=");
}

Test(filter, or_binds_tighter_than_and)
{
    expect_meaning(resource, "name=\"a\" AND name=\"b\" OR name=\"c\"",
                   "(and (= name a) (or (= name b) (= name c)))");
    expect_meaning(resource, "name=\"a\" OR name=\"b\" AND name=\"c\" OR name=\"d\"",
                   "(and (or (= name a) (= name b)) (or (= name c) (= name d)))");
    expect_meaning(resource, "(name=\"a\" AND name=\"b\") OR name=\"c\"",
                   "(or (and (= name a) (= name b)) (= name c))");
    expect_meaning(resource, "NOT name=\"a\" OR -name=\"b\"",
                   "(or (not (= name a)) (not (= name b)))");
    expect_meaning(resource, "NOT (name=\"a\" OR name=\"b\")", "(not (or (= name a) (= name b)))");
    expect_meaning(resource, "-(name=\"a\")", "(not (= name a))");
    expect_meaning(resource, "NOT(name=\"a\")AND(name=\"b\")", "(and (not (= name a)) (= name b))");
    expect_meaning(resource, "((name=\"a\"))", "(= name a)");
    expect_meaning(resource, "name=\"a\"AND name=\"b\"AND name=\"c\"",
                   "(and (= name a) (= name b) (= name c))");
}

Test(filter, what_is_no_filter)
{
    expect_refusal(resource, "", 1, "expected a field, one of `name`, `description`");
    expect_refusal(resource, "  ", 3, "expected a field");
    expect_refusal(resource, "Beetle", 1, "nothing is searched for by itself");
    expect_refusal(resource, "\"Beetle\"", 1, "nothing is searched for by itself");
    expect_refusal(resource, "42", 1, "nothing is searched for by itself");
    expect_refusal(resource, "*", 1, "nothing is searched for by itself");
    expect_refusal(resource, "M\xc3\xbcller", 1, "nothing is searched for by itself");
    expect_refusal(resource, "colour = \"red\"", 1, "no filter knows `colour`");
    expect_refusal(resource, "id = \"x\"", 1, "no filter knows `id`");
    expect_refusal(resource, "etag = \"x\"", 1, "no filter knows `etag`");
    expect_refusal(resource, "type : \"cars\"", 1, "no filter knows `type`");
    expect_refusal(resource, "name", 5, "expected =, !=, <, <=, >, >= or :");
    expect_refusal(resource, "name == \"a\"", 7, "expected a text in quotes");
    expect_refusal(resource, "name ~ \"a\"", 6, "expected =");
    expect_refusal(resource, "name = \"a\" name = \"b\"", 12, "expected AND, OR or the end");
    expect_refusal(resource, "name = \"a\" and name = \"b\"", 12, "expected AND, OR or the end");
    expect_refusal(resource, "name = \"a\" ANDname = \"b\"", 12, "expected AND, OR or the end");
    expect_refusal(resource, "name = \"a\" AND", 15, "expected a field");
    expect_refusal(resource, "name = \"a\" OR OR name = \"b\"", 15, "before `OR`");
    expect_refusal(resource, "AND name = \"a\"", 1, "before `AND`");
    expect_refusal(resource, "NOT NOT name = \"a\"", 5, "before `NOT`");
    expect_refusal(resource, "--name = \"a\"", 2, "expected a field");
    expect_refusal(resource, "NOT", 4, "expected a field");
    expect_refusal(resource, "()", 2, "expected a field");
    expect_refusal(resource, "(name = \"a\"", 12, "expected AND, OR or )");
    expect_refusal(resource, "name = \"a\")", 11, "expected AND, OR or the end");
    expect_refusal(resource, "regex(name, \"a\")", 1, "nothing is searched for by itself");
    expect_refusal(resource, "name = \"\xc3\xbc\xc3\xbc\" ;", 13, "expected AND, OR or the end");
    expect_refusal(resource, "name = \"a\" -- x", 12, "expected AND, OR or the end");
}

static void
repeat(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, text);
    }
}

Test(filter, nesting_is_limited)
{
    for (size_t n = LIMIT_FILTER_DEPTH; n <= LIMIT_FILTER_DEPTH + 1; n++) {
        struct buf text = BUF_INIT;

        repeat(&text, "NOT(", n);
        buf_puts(&text, "name=\"a\"");
        repeat(&text, ")", n);
        buf_putc(&text, '\0');
        if (n == LIMIT_FILTER_DEPTH) {
            const struct pb_filter *filter;
            struct pb_expression_fault fault;

            cr_assert(pb_filter_read(&memory, resource, text.data, &filter, &fault));
        } else {
            expect_refusal(resource, text.data, 4 * n, "nested more than 8 deep");
        }
        buf_fini(&text);
    }
}

Test(filter, depth_is_not_number)
{
    struct buf text = BUF_INIT;
    const struct pb_filter *filter;
    struct pb_expression_fault fault;

    buf_puts(&text, "(name=\"a\")");
    repeat(&text, "OR(name=\"a\")", LIMIT_FILTER_TERMS - 1);
    buf_putc(&text, '\0');
    cr_assert(pb_filter_read(&memory, resource, text.data, &filter, &fault));
    buf_fini(&text);
}

Test(filter, comparisons_are_limited)
{
    struct buf text = BUF_INIT;

    buf_puts(&text, "name=\"a\"");
    repeat(&text, " AND name=\"a\"", LIMIT_FILTER_TERMS);
    buf_putc(&text, '\0');
    expect_refusal(resource, text.data, text.length_bytes - strlen("=\"a\""),
                   "more than 32 comparisons");
    buf_fini(&text);
}

/* --- types that inventory does not filter by --- */

static struct pb_field marked_fields[128];
static struct pb_message marked;

static const struct pb_message *
everything_marked(void)
{
    marked = depot__test__v1__everything__schema;
    cr_assert_leq(marked.n_fields, 128);
    memcpy(marked_fields, marked.fields, marked.n_fields * sizeof(marked_fields[0]));
    for (size_t i = 0; i < marked.n_fields; i++) {
        marked_fields[i].rule.filterable = true;
        marked_fields[i].rule.sortable = true;
    }
    marked.fields = marked_fields;
    return &marked;
}

Test(filter, numbers_and_truth)
{
    const struct pb_message *schema = everything_marked();

    expect_meaning(schema, "an_int32 = -5", "(= an_int32 -5)");
    expect_meaning(schema, "anInt32>=1e2", "(>= an_int32 100)");
    expect_meaning(schema, "an_int64 < 9223372036854775807", "(< an_int64 9223372036854775807)");
    expect_meaning(schema, "a_double != 0.5", "(!= a_double 0.5)");
    expect_meaning(schema, "a_double:*", "(is a_double)");
    expect_meaning(schema, "a_bool = true AND a_bool != false",
                   "(and (= a_bool true) (!= a_bool false))");
    expect_refusal(schema, "an_int32 = \"5\"", 12, "expected a whole number");
    expect_refusal(schema, "an_int32 = 1.5", 12, "expected a whole number");
    expect_refusal(schema, "an_int32 = 0x5", 12, "expected a whole number");
    expect_refusal(schema, "an_int32 = 9223372036854775808", 12, "expected a whole number");
    expect_refusal(schema, "a_double = NaN", 12, "expected a number");
    expect_refusal(schema, "a_double = 1e999", 12, "expected a number");
    expect_refusal(schema, "a_double = ", 12, "expected a number");
    expect_refusal(schema, "a_bool = yes", 10, "expected true or false");
    expect_refusal(schema, "a_bool < true", 8, "expected = or !=");
    expect_refusal(schema, "a_bool = trueish", 10, "expected true or false");
}

/* --- orders --- */

static void
expect_order(const char *text, const char *expected)
{
    struct pb_expression_fault fault = {0};
    struct pb_order order = {0};
    char out[256] = "";
    char *copy = exact(text);

    cr_assert(pb_order_read(&memory, resource, copy, &order, &fault), "%s: %s", text, fault.text);
    free(copy);
    for (size_t i = 0; i < order.n; i++) {
        strcat(out, order.keys[i].descending ? "-" : "+");
        strcat(out, order.keys[i].field->name);
    }
    cr_assert_str_eq(out, expected, "%s: %s", text, out);
}

static void
expect_no_order(const struct pb_message *schema, const char *text, size_t column, const char *why)
{
    struct pb_expression_fault fault = {0};
    struct pb_order order = {0};

    cr_assert_not(pb_order_read(&memory, schema, text, &order, &fault), "%s", text);
    cr_assert_eq(order.n, 0);
    cr_assert_not_null(strstr(fault.text, why), "%s: %s", text, fault.text);
    cr_assert_eq(fault.column, column, "%s: column %zu: %s", text, fault.column, fault.text);
}

Test(filter, orders)
{
    expect_order("name", "+name");
    expect_order(" name  desc ,createTime asc,update_time", "-name+create_time+update_time");
    expect_no_order(resource, "", 1, "expected a field, one of `name`, `createTime`, `updateTime`");
    expect_no_order(resource, "description", 1, "expected a field");
    expect_no_order(resource, "name desc asc", 11, "expected asc, desc, a comma or the end");
    expect_no_order(resource, "name DESC", 6, "expected asc, desc, a comma or the end");
    expect_no_order(resource, "name,", 6, "expected a field");
    expect_no_order(resource, "name,,name", 6, "expected a field");
    expect_no_order(resource, "name, name desc", 7, "`name` stands twice");
    expect_no_order(resource, "name; DROP TABLE resource", 5, "expected asc");
    expect_no_order(everything_marked(), "an_int32, an_int64, a_uint32, a_sint32, a_string", 41,
                    "more than 4 fields");
}
