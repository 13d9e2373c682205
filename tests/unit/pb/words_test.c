/* What people read: every text names what it is about, what is asked of it, and what came. */
#include "fixture.h"

#include "depot/inventory/v1/inventory.schema.h"
#include "pb/place.h"
#include "pb/text.h"
#include "pb/words.h"

struct words_case {
    const char *text; /* a document with one thing wrong */
    const char *said;
};

static void
check(const struct pb_message *schema, const struct words_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct fixture f;
        ProtobufCMessage *message;

        fixture_init(&f, 0);
        message = fixture_read(&f, schema, cases[i].text);
        cr_assert_eq(pb_validate(&f.call, schema, message), STATUS_INVALID_ARGUMENT, "%s",
                     cases[i].text);
        cr_assert_eq(f.call.problem.n_violations, 1, "%s: %s", cases[i].text, fixture_said(&f));
        cr_assert_str_eq(f.call.problem.detail, cases[i].said, "%s: %s", cases[i].text,
                         f.call.problem.detail);
        fixture_fini(&f);
    }
}

#define CHECK(schema, cases)                                                                       \
    check(&depot__##schema##__schema, cases, sizeof(cases) / sizeof(*cases))

Test(words, of_a_vehicle)
{
    static const struct words_case cases[] = {
        {"{}", "`name` is required."},
        {"{\"name\":\"\"}", "`name` is required."},
        {"{\"name\":7}", "`name` must be a string, not `7`."},
        {"{\"name\":true}", "`name` must be a string, not `true`."},
        {"{\"name\":{}}", "`name` must be a string, not an object."},
        {"{\"name\":[\"a\"]}", "`name` must be a string, not a list."},
        {"{\"name\":\"a\\u0000b\"}", "`name` must not hold NUL characters."},
        {"{\"name\":\"1234567890123456789012345678901234567890123456789012345678901234\xc3\xa4\"}",
         "`name` must have at most 64 characters, not 65."},
        {"{\"name\":\"a\",\"name\":\"b\"}", "`name` stands twice."},
        {"{\"name\":\"a\",\"id\":\"b\"}", "`id` is set by the service and cannot be sent."},
        {"{\"name\":\"a\",\"createTime\":1}",
         "`createTime` is set by the service and cannot be sent."},
        {"{\"name\":\"a\",\"colour\":\"b\"}",
         "`colour` is no member here; the members are: name, description, attributes."},
        {"{\"name\":\"a\",\"attributes\":[]}", "`attributes` must be an object, not a list."},
        {"{\"name\":\"a\",\"attributes\":\"b\"}", "`attributes` must be an object, not a string."},
        {"{\"name\":\"a\",\"attributes\":{\"seats\":4}}", "`seats` must be a string, not `4`."},
        {"{\"name\":\"a\",\"attributes\":{\"b\":\"1\",\"b\":\"2\"}}", "`b` stands twice."},
        {"[]", "The body must be an object, not a list."},
        {"null", "The body must be an object, not null."},
        {"-1", "The body must be an object, not a number."},
        {"false", "The body must be an object, not true or false."},
    };

    CHECK(inventory__v1__resource, cases);
}

Test(words, of_an_allocation)
{
    static const struct words_case cases[] = {
        {"{}", "Give `startTime`, `endTime` or both; for a period without bounds set `unbounded` "
               "to true."},
        {"{\"unbounded\":true,\"kind\":\"PICNIC\"}",
         "`kind` must be one of BOOKING, MAINTENANCE, not `PICNIC`."},
        {"{\"unbounded\":true,\"kind\":9}", "`kind` must be one of BOOKING, MAINTENANCE, not `9`."},
        {"{\"unbounded\":true,\"kind\":\"\"}",
         "`kind` must be one of BOOKING, MAINTENANCE, not an empty text."},
        {"{\"unbounded\":true,\"kind\":[]}", "`kind` must be the name of a value, not a list."},
        {"{\"unbounded\":\"true\"}", "`unbounded` must be true or false, not the text `true`."},
        {"{\"startTime\":\"soon\"}",
         "`startTime` must be a time like 2026-03-01T09:00:00Z (RFC 3339 with an offset, at most "
         "six fractional digits, in the years 1 to 9999), not `soon`."},
        {"{\"startTime\":1893456000}", "`startTime` must be a string, not `1893456000`."},
        {"{\"startTime\":\"2030-01-01T00:00:00Z\",\"endTime\":\"2030-01-01T01:00:00+01:00\"}",
         "`endTime` must lie after `startTime`; it is the same moment."},
        {"{\"startTime\":\"2030-01-02T00:00:00Z\",\"endTime\":\"2030-01-01T00:00:00Z\"}",
         "`endTime` must lie after `startTime`; it lies before it."},
        {"{\"unbounded\":true,\"endTime\":\"2030-01-01T00:00:00Z\"}",
         "`unbounded` is true: then neither `startTime` nor `endTime` may be given."},
    };

    CHECK(inventory__v1__allocation, cases);
}

Test(words, of_every_rule)
{
#define FILLED                                                                                     \
    "{\"requiredString\":\"a\",\"requiredInner\":{},\"shortString\":\"ab\",\"shortBytes\":"        \
    "\"AAAA\",\"large\":\"5\",\"coded\":\"AB1\",\"listed\":\"one\","                               \
    "\"uuid\":\"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5f\",\"requiredList\":[\"a\"],"                  \
    "\"colour\":\"RED\",\"oneToThree\":1,"
    static const struct words_case cases[] = {
        {FILLED "\"small\":-6}", "`small` must be from -5 to 10, not `-6`."},
        {FILLED "\"small\":99999999999}", "`small` must be from -5 to 10, not `99999999999`."},
        {FILLED "\"small\":1.5}", "`small` must be a whole number, not `1.5`."},
        {FILLED "\"small\":\"4x\"}", "`small` must be a whole number, not the text `4x`."},
        {FILLED "\"real\":1.5}", "`real` must be from 0 to 1, not `1.5`."},
        {FILLED "\"real\":\"NaN\"}", "`real` must be from 0 to 1, not `nan`."},
        {FILLED "\"real\":1e999}", "`real` must be from 0 to 1, not `1e999`."},
        {FILLED "\"real\":\"x\"}", "`real` must be a number, not the text `x`."},
        {FILLED "\"few\":[\"a\",\"b\",\"c\"]}", "`few` must have at most 2 entries, not 3."},
        {FILLED "\"few\":[\"a\",\"bcde\"]}", "`few[1]` must have at most 3 characters, not 4."},
        {FILLED "\"few\":\"a\"}", "`few` must be a list, not a string."},
        {FILLED "\"few\":[null]}", "`few[0]` must be a string, not `null`."},
        {FILLED "\"pairs\":{\"abcd\":\"\"}}",
         "`abcd` is too long a key: it must have at most 3 characters, not 4."},
        {FILLED "\"pairs\":{\"abc\":\"abcde\"}}", "`abc` must have at most 4 characters, not 5."},
        {FILLED "\"pairs\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}",
         "`pairs` must have at most 2 entries, not 3."},
        {FILLED "\"maybe\":\"a\"}", "`maybe` must have at least 2 characters, not 1."},
        {FILLED "\"howLong\":\"1\"}", "`howLong` must be a duration like 1.5s (seconds, at most "
                                      "nine fractional digits), not `1`."},
        {FILLED "\"howLong\":\"999999999999s\"}",
         "`howLong` must be a duration of at most 10,000 years, not `999999999999s`."},
        {FILLED "\"choiceText\":\"a\",\"choiceRuled\":{}}",
         "`choiceRuled` cannot be set beside another member of which only one may be set."},
        {FILLED "\"colours\":[\"PINK\"]}",
         "`colours[0]` must be one of INFRARED, RED, GREEN, VIOLET, not `PINK`."},
        {FILLED "\"listed\":\"three\"}", "`listed` stands twice."},
    };
#undef FILLED

    CHECK(test__v1__ruled, cases);
}

/* The rules that an empty document breaks: all at once, each in its own words. */
Test(words, of_what_is_missing)
{
    static const char *const said[] = {
        "`requiredString` is required.",
        "`requiredInner` is required.",
        "`shortString` must have at least 2 characters, not 0.",
        "`shortBytes` must have at least 2 bytes, not 0.",
        "`large` must be from 5 to 9223372036854775807, not `0`.",
        "`coded` must have the form ^[A-Z]{2}[0-9]+$, not be an empty text.",
        "`listed` must be one of one, two, not an empty text.",
        "`uuid` must be a UUID, not an empty text.",
        "`requiredList` must have at least one entry.",
        "`colour` is required.",
        "`oneToThree` must be from 1 to 3, not `0`.",
    };
    const struct pb_message *schema = &depot__test__v1__ruled__schema;
    const struct violation *v;
    struct fixture f;
    size_t n = 0;

    fixture_init(&f, 0);
    cr_assert_eq(pb_validate(&f.call, schema, fixture_read(&f, schema, "{}")),
                 STATUS_INVALID_ARGUMENT);
    for (v = f.call.problem.violations; v != NULL; v = v->next, n++) {
        cr_assert_lt(n, sizeof(said) / sizeof(said[0]));
        cr_assert_str_eq(v->detail, said[n]);
    }
    cr_assert_eq(n, sizeof(said) / sizeof(said[0]));
    fixture_fini(&f);
}

/* What is refused as a type that does not exist is all that a 404 says. */
Test(words, of_the_path)
{
    const struct pb_message *schema = &depot__inventory__v1__get_resource_request__schema;
    static const int16_t scope[] = {0, 1, -1};
    static const struct {
        const char *type, *id, *said;
    } cases[] = {
        {"boats", "7", "`type` must be one of cars, lorries, trucks, not `boats`."},
        {"cars", "7", "`id` must be a UUID, not `7`."},
    };

    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        ProtobufCMessage *message;

        fixture_init(&f, 0);
        message = pb_new(&f.arena, schema);
        cr_assert_eq(
            pb_text_set(&f.call, &schema->fields[0], message, cases[i].type, strlen(cases[i].type)),
            STATUS_OK);
        cr_assert_eq(
            pb_text_set(&f.call, &schema->fields[1], message, cases[i].id, strlen(cases[i].id)),
            STATUS_OK);
        cr_assert_eq(pb_validate_fields(&f.call, schema, message, scope), STATUS_NOT_FOUND);
        cr_assert_str_eq(f.call.problem.detail, cases[i].said);
        fixture_fini(&f);
    }
}

/* However long and odd a name or a value is, the answer stays short and valid UTF-8. */
Test(words, show_only_the_beginning_of_what_came)
{
    const struct pb_message *schema = &depot__inventory__v1__allocation__schema;
    struct buf text = BUF_INIT;
    const struct violation *v;
    struct fixture f;

    buf_puts(&text, "{\"");
    for (int i = 0; i < 5000; i++) {
        buf_puts(&text, "\xf0\x9f\x98\x80");
    }
    buf_puts(&text, "\":1,\"a\\u0000\\n\\u007fb\":2,\"kind\":\"");
    for (int i = 0; i < 5000; i++) {
        buf_puts(&text, "\xe2\x82\xac");
    }
    buf_puts(&text, "\",\"unbounded\":true}");
    buf_putc(&text, '\0');
    fixture_init(&f, 0);
    cr_assert_eq(pb_validate(&f.call, schema, fixture_read(&f, schema, text.data)),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_eq(f.call.problem.n_violations, 3);
    v = f.call.problem.violations;
    cr_assert_eq(strncmp(v->detail, "`\xf0\x9f\x98\x80", 5), 0);
    cr_assert_not_null(strstr(v->detail, "\xf0\x9f\x98\x80...` is no member here"));
    cr_assert_eq(strncmp(v->next->detail,
                         "`a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                         "b` is no",
                         19),
                 0, "%s", v->next->detail);
    cr_assert_not_null(strstr(v->next->next->detail, "\xe2\x82\xac...`."));
    for (; v != NULL; v = v->next) {
        cr_assert_lt(strlen(v->detail), 700);
        cr_assert(utf8_valid(v->detail, strlen(v->detail), NULL));
    }
    fixture_fini(&f);
    buf_fini(&text);
}

Test(words, long_lists_tell_how_many_are_left_out)
{
    char names[200][12];
    const char *list[201] = {NULL};
    struct pb_words words;
    const char *more;
    unsigned n_shown = 1;

    for (unsigned i = 0; i < 200; i++) {
        snprintf(names[i], sizeof(names[i]), "name%03u", i);
        list[i] = names[i];
    }
    words = pb_words_list(list);
    for (const char *at = words.text; (at = strchr(at, ',')) != NULL; at++) {
        n_shown++;
    }
    more = strstr(words.text, " and ");
    cr_assert_not_null(more);
    cr_assert_eq((unsigned)atoi(more + 5) + n_shown, 200, "%s", words.text);
    cr_assert_eq(strncmp(words.text, "name000, name001, ", 18), 0);
    cr_assert_str_eq(more + strlen(more) - 5, " more");
    list[0] = NULL;
    cr_assert_str_eq(pb_words_list(list).text, "none");
}
