#include "fixture.h"

#include "pb/text.h"

/* Sets a field of an Everything to each text in turn (up to three); the JSON of what it then is. */
struct text_case {
    const char *field;
    const char *texts[3];
    const char *value; /* JSON, or NULL: absent */
    const char *said;
};

static void
check(const struct text_case *one)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;
    const struct pb_field *field = pb_field_named(schema, one->field, strlen(one->field));
    struct fixture f;
    ProtobufCMessage *message;
    json_t *json, *value;
    char *written;

    cr_assert_not_null(field);
    fixture_init(&f, 0);
    message = pb_new(&f.arena, schema);
    for (size_t i = 0; i < 3 && one->texts[i] != NULL; i++) {
        size_t bytes = strlen(one->texts[i]);
        char *copy = malloc(bytes + 1);

        memcpy(copy, one->texts[i], bytes);
        copy[bytes] = 'x'; /* no NUL behind it */
        cr_assert_eq(pb_text_set(&f.call, field, message, copy, bytes), STATUS_OK);
        free(copy);
    }
    cr_assert_str_eq(fixture_said(&f), one->said == NULL ? "" : one->said, "%s=%s", one->field,
                     one->texts[0]);
    written = fixture_write(schema, message);
    json = json_loads(written, 0, NULL);
    value = json_object_get(json, field->json_name);
    if (one->value == NULL) {
        cr_assert_null(value);
    } else {
        json_t *wanted = json_loads(one->value, JSON_DECODE_ANY, NULL);

        cr_assert(json_equal(value, wanted), "%s=%s: %s", one->field, one->texts[0], written);
        json_decref(wanted);
    }
    json_decref(json);
    free(written);
    fixture_fini(&f);
}

Test(text, sets_fields)
{
    static const struct text_case cases[] = {
        {"an_int32", {"-7"}, "-7", NULL},
        {"an_int32", {"1e1"}, "10", NULL},
        {"an_int32", {"2147483648"}, "0", "/anInt32 OUT_OF_RANGE"},
        {"an_int32", {""}, "0", "/anInt32 WRONG_TYPE"},
        {"an_int32", {"abc"}, "0", "/anInt32 WRONG_TYPE"},
        {"an_int32", {"1.5"}, "0", "/anInt32 WRONG_TYPE"},
        {"an_int32", {"+1"}, "0", "/anInt32 WRONG_TYPE"},
        {"an_int32", {" 1"}, "0", "/anInt32 WRONG_TYPE"},
        {"a_uint32", {"-1"}, "0", "/aUint32 OUT_OF_RANGE"},
        {"a_uint64", {"18446744073709551615"}, "\"18446744073709551615\"", NULL},
        {"an_int64", {"-9223372036854775808"}, "\"-9223372036854775808\"", NULL},
        {"a_double", {"0.5"}, "0.5", NULL},
        {"a_double", {"NaN"}, "\"NaN\"", NULL},
        {"a_double", {"0.5x"}, "0", "/aDouble WRONG_TYPE"},
        {"a_double", {"1e999"}, "0", "/aDouble OUT_OF_RANGE"},
        {"a_float", {"0.25"}, "0.25", NULL},
        {"a_bool", {"true"}, "true", NULL},
        {"a_bool", {"true", "false"}, "false", NULL},
        {"a_bool", {"TRUE"}, "false", "/aBool WRONG_TYPE"},
        {"a_bool", {"1"}, "false", "/aBool WRONG_TYPE"},
        {"a_bool", {""}, "false", "/aBool WRONG_TYPE"},
        {"a_string", {"a \"quoted\" text"}, "\"a \\\"quoted\\\" text\"", NULL},
        {"a_string", {""}, "\"\"", NULL},
        {"some_bytes", {"-_8"}, "\"+/8=\"", NULL},
        {"some_bytes", {"-"}, "\"\"", "/someBytes BAD_FORMAT"},
        {"colour", {"RED"}, "\"RED\"", NULL},
        {"colour", {"2"}, "\"GREEN\"", NULL},
        {"colour", {"-1"}, "\"INFRARED\"", NULL},
        {"colour", {"3"}, "\"COLOUR_UNSPECIFIED\"", "/colour UNKNOWN_VALUE"},
        {"colour", {"red"}, "\"COLOUR_UNSPECIFIED\"", "/colour UNKNOWN_VALUE"},
        {"a_time", {"2026-03-01T10:00:00+01:00"}, "\"2026-03-01T09:00:00Z\"", NULL},
        {"a_time", {"2026-03-01"}, NULL, "/aTime BAD_TIMESTAMP"},
        {"a_duration", {"1.5s"}, "\"1.500s\"", NULL},
        {"a_duration", {"1.5"}, NULL, "/aDuration BAD_FORMAT"},
        {"a_mask", {"name,startTime"}, "\"name,startTime\"", NULL},
        {"a_mask", {"start_time"}, NULL, "/aMask BAD_FORMAT"},
        {"maybe_int32", {"0"}, "0", NULL},
        {"maybe_int32", {"x"}, NULL, "/maybeInt32 WRONG_TYPE"},
        {"maybe_bool", {"true"}, "true", NULL},
        {"maybe_string", {""}, "\"\"", NULL},
        {"choice_number", {"0"}, "0", NULL},
        {"choice_number", {"x"}, NULL, "/choiceNumber WRONG_TYPE"},
        {"maybe_name", {""}, "\"\"", NULL},
        {"int32s", {"1", "2", "3"}, "[1,2,3]", NULL},
        {"int32s", {"1", "x", "3"}, "[1,0,3]", "/int32s WRONG_TYPE"},
        {"strings", {"", "b"}, "[\"\",\"b\"]", NULL},
        {"colours", {"RED", "2"}, "[\"RED\",\"GREEN\"]", NULL},
        {"times", {"1970-01-01T00:00:00Z"}, "[\"1970-01-01T00:00:00Z\"]", NULL},
        {"inner", {"{}"}, NULL, "/inner WRONG_TYPE"},
        {"inners", {"{}"}, "[]", "/inners WRONG_TYPE"},
        {"an_empty", {""}, NULL, "/anEmpty WRONG_TYPE"},
        {"strings_by_string", {"a"}, "{}", "/stringsByString WRONG_TYPE"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&cases[i]);
    }
}

Test(text, refuses_nul_characters)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;
    static const struct {
        const char *field;
        const char *said;
    } cases[] = {
        {"a_string", "/aString BAD_FORMAT"}, {"an_int32", "/anInt32 WRONG_TYPE"},
        {"colour", "/colour UNKNOWN_VALUE"}, {"a_time", "/aTime BAD_TIMESTAMP"},
        {"a_double", "/aDouble WRONG_TYPE"}, {"some_bytes", "/someBytes BAD_FORMAT"},
        {"a_bool", "/aBool WRONG_TYPE"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;

        fixture_init(&f, 0);
        cr_assert_eq(pb_text_set(&f.call,
                                 pb_field_named(schema, cases[i].field, strlen(cases[i].field)),
                                 pb_new(&f.arena, schema), "1\0", 2),
                     STATUS_OK);
        cr_assert_str_eq(fixture_said(&f), cases[i].said);
        fixture_fini(&f);
    }
}

Test(text, only_one_of_a_oneof)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;
    struct fixture f;
    Depot__Test__V1__Everything *message;

    fixture_init(&f, 0);
    message = (void *)pb_new(&f.arena, schema);
    cr_assert_eq(
        pb_text_set(&f.call, pb_field_named(schema, "choice_number", 13), &message->base, "7", 1),
        STATUS_OK);
    cr_assert_eq(
        pb_text_set(&f.call, pb_field_named(schema, "choice_text", 11), &message->base, "7", 1),
        STATUS_OK);
    cr_assert_str_eq(fixture_said(&f), "/choiceText DUPLICATE_FIELD");
    cr_assert_eq(message->choice_case, DEPOT__TEST__V1__EVERYTHING__CHOICE_CHOICE_NUMBER);
    cr_assert_eq(message->choice_number, 7);
    fixture_fini(&f);
}

Test(text, memory_may_run_out)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;
    static const char *const fields[] = {"a_string", "some_bytes", "a_time",
                                         "strings",  "a_mask",     "maybe_string"};

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        Depot__Test__V1__Everything message = DEPOT__TEST__V1__EVERYTHING__INIT;
        struct fixture f;

        fixture_init(&f, 8);
        cr_assert_eq(pb_text_set(&f.call, pb_field_named(schema, fields[i], strlen(fields[i])),
                                 &message.base, "abcd", 4),
                     STATUS_RESOURCE_EXHAUSTED, "%s", fields[i]);
        cr_assert_eq(f.call.problem.reason, &reason_internal_error);
        fixture_fini(&f);
    }
}
