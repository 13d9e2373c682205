#include "fixture.h"

#include "pb/json_syntax.h"

/* A literal with its length, since some documents hold NUL bytes. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

struct text {
    const char *text;
    size_t bytes;
};

static bool
check(struct text text, struct pb_json_fault *fault)
{
    char *copy = malloc(text.bytes == 0 ? 1 : text.bytes);
    bool ok;

    memcpy(copy, text.text, text.bytes);
    ok = pb_json_check(copy, text.bytes, fault);
    free(copy);
    return ok;
}

Test(json_syntax, accepts_rfc_8259)
{
    static const struct text cases[] = {
        TEXT("{}"),
        TEXT("[]"),
        TEXT("null"),
        TEXT("true"),
        TEXT("false"),
        TEXT("0"),
        TEXT("-0"),
        TEXT("1"),
        TEXT("-1"),
        TEXT("10"),
        TEXT("1234567890123456789012345678901234567890"),
        TEXT("0.0"),
        TEXT("0.5"),
        TEXT("1.25"),
        TEXT("-1.25"),
        TEXT("1e0"),
        TEXT("1E0"),
        TEXT("1e+5"),
        TEXT("1e-5"),
        TEXT("1.5e300"),
        TEXT("1e99999"),
        TEXT("0e0"),
        TEXT("0e+00"),
        TEXT("\"\""),
        TEXT("\"a\""),
        TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
        TEXT("\"\\u0000\""),
        TEXT("\"\\u00e9\\u00E9\""),
        TEXT("\"\\ud83d\\ude00\""),
        TEXT("\"\\uD83D\\uDE00\""),
        TEXT("\"\\uffff\""),
        TEXT("\"\\ud7ff\\ue000\""),
        TEXT("\"\x7f\""),
        TEXT("\"\xc3\xa9\""),
        TEXT("\"\xe2\x82\xac\""),
        TEXT("\"\xf0\x9f\x98\x80\""),
        TEXT("\"\xed\x9f\xbf\""),
        TEXT("\"\xee\x80\x80\""),
        TEXT("\"\xef\xbb\xbf\""),
        TEXT("\"\xef\xbf\xbf\""),
        TEXT("\"\xf4\x8f\xbf\xbf\""),
        TEXT(" \t\r\n{ \"a\" :\n1 , \"b\":[ ] }\r\n "),
        TEXT("{\"a\":{\"a\":{\"a\":null}}}"),
        TEXT("{\"\":0}"),
        TEXT("{\"a\":1,\"a\":2}"),
        TEXT("[1,\"a\",null,true,false,{},[]]"),
        TEXT("[[[[[[]]]]]]"),
        TEXT("\"abcdefgh\xc3\xa9ijklmnop\""),
        TEXT("\"abcdefg\\n\""),
        TEXT("\"abcdefgh\""),
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pb_json_fault fault = {0};

        cr_assert(check(cases[i], &fault), "%s: %s", cases[i].text, fault.what);
    }
}

Test(json_syntax, refuses_everything_else)
{
    static const struct text cases[] = {
        /* nothing */
        TEXT(""),
        TEXT(" "),
        TEXT("\n\t\r "),
        /* cut short */
        TEXT("{"),
        TEXT("["),
        TEXT("\""),
        TEXT("{\""),
        TEXT("{\"a"),
        TEXT("{\"a\""),
        TEXT("{\"a\":"),
        TEXT("{\"a\": "),
        TEXT("{\"a\":1"),
        TEXT("{\"a\":1,"),
        TEXT("[1"),
        TEXT("[1,"),
        TEXT("t"),
        TEXT("tru"),
        TEXT("fals"),
        TEXT("nul"),
        TEXT("-"),
        TEXT("1."),
        TEXT("1e"),
        TEXT("1e+"),
        TEXT("1e-"),
        TEXT("\"\\"),
        TEXT("\"\\u"),
        TEXT("\"\\u1"),
        TEXT("\"\\u12"),
        TEXT("\"\\u123"),
        TEXT("\"\\u1234"),
        TEXT("\"\\ud83d\\"),
        TEXT("\"\\ud83d\\ude0"),
        TEXT("\"\xc3"),
        TEXT("\"\xe2\x82"),
        TEXT("\"\xf0\x9f\x98"),
        /* numbers */
        TEXT("01"),
        TEXT("-01"),
        TEXT("00"),
        TEXT("-00"),
        TEXT("1.a"),
        TEXT(".5"),
        TEXT("-.5"),
        TEXT("+1"),
        TEXT("--1"),
        TEXT("- 1"),
        TEXT("1.5."),
        TEXT("1.e5"),
        TEXT("1e5.5"),
        TEXT("1ee5"),
        TEXT("1e5e5"),
        TEXT("0x10"),
        TEXT("1_000"),
        TEXT("1,5"),
        TEXT("NaN"),
        TEXT("-NaN"),
        TEXT("Infinity"),
        TEXT("-Infinity"),
        TEXT("inf"),
        TEXT("1n"),
        TEXT("1f"),
        TEXT("\xef\xbc\x91"),
        /* literals */
        TEXT("True"),
        TEXT("TRUE"),
        TEXT("nulL"),
        TEXT("undefined"),
        TEXT("truefalse"),
        TEXT("truex"),
        TEXT("a"),
        /* strings */
        TEXT("'a'"),
        TEXT("\"a"),
        TEXT("a\""),
        TEXT("\"\\a\""),
        TEXT("\"\\x41\""),
        TEXT("\"\\0\""),
        TEXT("\"\\'\""),
        TEXT("\"\\U0041\""),
        TEXT("\"\\u004\""),
        TEXT("\"\\u004g\""),
        TEXT("\"\\u+041\""),
        TEXT("\"\\u{41}\""),
        TEXT("\"\\ud800\""),
        TEXT("\"\\udfff\""),
        TEXT("\"\\ude00\\ud83d\""),
        TEXT("\"\\ud83d\\ud83d\""),
        TEXT("\"\\ud83dx\""),
        TEXT("\"\\ud83d\\n\""),
        TEXT("\"\\ud83d\\u0041\""),
        TEXT("\"\n\""),
        TEXT("\"\r\""),
        TEXT("\"\t\""),
        TEXT("\"\0\""),
        TEXT("\"\x01\""),
        TEXT("\"\x1f\""),
        TEXT("\"abcdefghijk\x1f\""),
        /* not UTF-8 */
        TEXT("\"\x80\""),
        TEXT("\"\xbf\""),
        TEXT("\"\xff\""),
        TEXT("\"\xfe\""),
        TEXT("\"\xc0\x80\""),
        TEXT("\"\xc0\xaf\""),
        TEXT("\"\xc1\xbf\""),
        TEXT("\"\xe0\x80\x80\""),
        TEXT("\"\xe0\x9f\xbf\""),
        TEXT("\"\xed\xa0\x80\""),
        TEXT("\"\xed\xbf\xbf\""),
        TEXT("\"\xf0\x80\x80\x80\""),
        TEXT("\"\xf0\x8f\xbf\xbf\""),
        TEXT("\"\xf4\x90\x80\x80\""),
        TEXT("\"\xf5\x80\x80\x80\""),
        TEXT("\"\xf8\x88\x80\x80\x80\""),
        TEXT("\"\xc3\""),
        TEXT("\"\xc3(\""),
        TEXT("\"\xe2\x82\""),
        TEXT("\"\xe2(\xa1\""),
        TEXT("\"\xf0\x9f\x98\""),
        TEXT("\"\xed\xa0\xbd\xed\xb8\x80\""),
        TEXT("{\"\xff\":1}"),
        TEXT("\xff"),
        /* objects and lists */
        TEXT("{a:1}"),
        TEXT("{'a':1}"),
        TEXT("{1:1}"),
        TEXT("{null:1}"),
        TEXT("{\"a\"}"),
        TEXT("{\"a\" 1}"),
        TEXT("{\"a\":}"),
        TEXT("{\"a\":1,}"),
        TEXT("{,}"),
        TEXT("{,\"a\":1}"),
        TEXT("{\"a\":1 \"b\":2}"),
        TEXT("{\"a\":1;\"b\":2}"),
        TEXT("{\"a\"::1}"),
        TEXT("{\"a\":1]"),
        TEXT("[1,]"),
        TEXT("[,]"),
        TEXT("[,1]"),
        TEXT("[1,,2]"),
        TEXT("[1 2]"),
        TEXT("[1}"),
        TEXT("[\"a\":1]"),
        TEXT("]"),
        TEXT("}"),
        TEXT(","),
        TEXT(":"),
        /* around the document */
        TEXT("\xef\xbb\xbf{}"),
        TEXT("\xff\xfe{\0}\0"),
        TEXT("{}{}"),
        TEXT("{} {}"),
        TEXT("{},"),
        TEXT("{}]"),
        TEXT("{}\0"),
        TEXT("{}x"),
        TEXT("1 2"),
        TEXT("\0"),
        TEXT("\0{}"),
        TEXT("\v{}"),
        TEXT("\f{}"),
        TEXT("\xc2\xa0{}"),
        TEXT("{}\xe2\x80\xa8"),
        TEXT("// a\n{}"),
        TEXT("/* a */{}"),
        TEXT("{} // a"),
        TEXT("{/**/}"),
        TEXT("<a/>"),
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pb_json_fault fault = {0};

        cr_assert_not(check(cases[i], &fault), "%s", cases[i].text);
        cr_assert_not_null(fault.what);
        cr_assert_geq(fault.line, 1);
        cr_assert_geq(fault.column, 1);
    }
}

Test(json_syntax, every_beginning_of_a_document_is_refused)
{
    static const char text[] = "{\"a\":[1,-2.5e+10,true,false,null,\"x\\n\\ud83d\\ude00\xc3\xa9\"],"
                               "\"b\":{\"c\":{}}}";
    struct pb_json_fault fault;

    for (size_t bytes = 0; bytes < sizeof(text) - 1; bytes++) {
        cr_assert_not(check((struct text){text, bytes}, &fault), "%zu", bytes);
    }
    cr_assert(check((struct text){text, sizeof(text) - 1}, &fault));
}

Test(json_syntax, tells_line_and_column)
{
    static const struct {
        struct text text;
        size_t line, column;
        const char *what;
    } cases[] = {
        {TEXT(""), 1, 1, "the body is empty"},
        {TEXT("\n \n  "), 3, 3, "the body is empty"},
        {TEXT("{"), 1, 2, "the document ends too early"},
        {TEXT("{\"a\" 1}"), 1, 6, "a colon is expected"},
        {TEXT("{\n  \"a\": 1,\n  b: 2\n}"), 3, 3, "a member's name in double quotes is expected"},
        {TEXT("{\"a\":1,}"), 1, 8, "a member's name in double quotes is expected"},
        {TEXT("[1,]"), 1, 4, "a value is expected"},
        {TEXT("[1 2]"), 1, 4, "a comma or ] is expected"},
        {TEXT("{\"a\":1 2}"), 1, 8, "a comma or } is expected"},
        {TEXT("{\"\xc3\xa9\xe2\x82\xac\": x}"), 1, 8, "a value is expected"},
        {TEXT("{} x"), 1, 4, "something stands behind the document"},
        {TEXT("[01]"), 1, 2, "a number may not begin with 0"},
        {TEXT("[1.]"), 1, 4, "a digit is expected"},
        {TEXT("[\"a\\x\"]"), 1, 5, "there is no such escape"},
        {TEXT("[\"\\u12g4\"]"), 1, 5, "four hexadecimal digits are expected"},
        {TEXT("[\"\\udc00\"]"), 1, 5, "a surrogate stands alone"},
        {TEXT("[\"a\nb\"]"), 1, 4, "a control character must be written as an escape"},
        {TEXT("[\"a\xff\"]"), 1, 4, "the text is not UTF-8"},
        {TEXT("\xef\xbb\xbf{}"), 1, 1, "a byte order mark is not allowed"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pb_json_fault fault = {0};

        cr_assert_not(check(cases[i].text, &fault));
        cr_assert_str_eq(fault.what, cases[i].what);
        cr_assert_eq(fault.line, cases[i].line, "%s", cases[i].text.text);
        cr_assert_eq(fault.column, cases[i].column, "%s: %zu", cases[i].text.text, fault.column);
    }
}

static struct buf
nested(int depth, char open, char close)
{
    struct buf text = BUF_INIT;

    for (int i = 0; i < depth; i++) {
        buf_puts(&text, open == '{' && i > 0 ? "\"a\":" : "");
        buf_putc(&text, open);
    }
    for (int i = 0; i < depth; i++) {
        buf_putc(&text, close);
    }
    return text;
}

Test(json_syntax, depth_is_bounded)
{
    static const char brackets[][2] = {{'[', ']'}, {'{', '}'}};

    for (size_t i = 0; i < 2; i++) {
        struct buf deep = nested(LIMIT_JSON_DEPTH, brackets[i][0], brackets[i][1]);
        struct buf deeper = nested(LIMIT_JSON_DEPTH + 1, brackets[i][0], brackets[i][1]);
        struct buf deepest = nested(1000000, brackets[i][0], brackets[i][1]);
        struct pb_json_fault fault;

        cr_assert(check((struct text){deep.data, deep.length_bytes}, &fault));
        cr_assert_not(check((struct text){deeper.data, deeper.length_bytes}, &fault));
        cr_assert_str_eq(fault.what, "the document is nested too deeply");
        cr_assert_not(check((struct text){deepest.data, deepest.length_bytes}, &fault));
        buf_fini(&deep);
        buf_fini(&deeper);
        buf_fini(&deepest);
    }
}

Test(json_syntax, siblings_are_not_depth)
{
    struct buf text = BUF_INIT;
    struct pb_json_fault fault;

    buf_puts(&text, "[[]");
    for (int i = 0; i < 10 * LIMIT_JSON_DEPTH; i++) {
        buf_puts(&text, ",[{}]");
    }
    buf_puts(&text, "]");
    cr_assert(check((struct text){text.data, text.length_bytes}, &fault));
    buf_fini(&text);
}

Test(json_syntax, members_and_elements_are_bounded)
{
    struct buf text = BUF_INIT;
    struct pb_json_fault fault;

    /* Both kinds count, at all levels: the object has 1, the list the rest. */
    buf_puts(&text, "{\"a\":[1");
    for (int i = 0; i < LIMIT_JSON_MEMBERS - 2; i++) {
        buf_puts(&text, ",1");
    }
    buf_puts(&text, "]}");
    cr_assert(check((struct text){text.data, text.length_bytes}, &fault));
    text.length_bytes -= 2;
    buf_puts(&text, ",1]}");
    cr_assert_not(check((struct text){text.data, text.length_bytes}, &fault));
    cr_assert_str_eq(fault.what, "the document has too many members and elements");
    buf_fini(&text);
}
