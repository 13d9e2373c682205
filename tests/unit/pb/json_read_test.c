#include "fixture.h"

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "pb/wire.h"

struct read_case {
    const char *text;  /* the members of an Everything */
    const char *wants; /* members that it then has; null: it has not; NULL: as `text` */
    const char *said;  /* the violations; NULL: none */
};

/* Every member of `wants` must be in `got`, and those that are null must not. */
static void
compare(const char *text, json_t *wants, json_t *got)
{
    const char *name;
    json_t *value;

    json_object_foreach(wants, name, value)
    {
        const json_t *found = json_object_get(got, name);

        if (json_is_null(value)) {
            cr_assert_null(found, "%s: %s", text, name);
        } else {
            cr_assert_not_null(found, "%s: %s", text, name);
            cr_assert(json_equal(found, value), "%s: %s is %s", text, name,
                      json_dumps(found, JSON_ENCODE_ANY));
        }
    }
}

static json_t *
load(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    cr_assert_not_null(json, "%s: %s", text, error.text);
    return json;
}

static void
check(const struct pb_message *schema, const struct read_case *one)
{
    struct fixture f;
    ProtobufCMessage *message, *again;
    char *written, *twice;
    json_t *wants, *got;

    fixture_init(&f, 0);
    message = fixture_read(&f, schema, one->text);
    cr_assert_str_eq(fixture_said(&f), one->said == NULL ? "" : one->said, "%s: %s", one->text,
                     f.said);
    written = fixture_write(schema, message);
    wants = load(one->wants == NULL ? one->text : one->wants);
    got = load(written);
    compare(one->text, wants, got);
    json_decref(wants);
    json_decref(got);

    /* What was written reads back as the same. */
    fixture_fini(&f);
    fixture_init(&f, 0);
    again = fixture_read(&f, schema, written);
    cr_assert_str_eq(fixture_said(&f), "", "%s: %s", written, f.said);
    twice = fixture_write(schema, again);
    cr_assert_str_eq(written, twice);
    free(written);
    free(twice);
    fixture_fini(&f);
}

static void
check_all(const struct pb_message *schema, const struct read_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check(schema, &cases[i]);
    }
}

#define CHECK_EVERYTHING(cases)                                                                    \
    check_all(&depot__test__v1__everything__schema, cases, sizeof(cases) / sizeof((cases)[0]))

Test(json_read, whole_numbers)
{
    static const struct read_case cases[] = {
        {"{\"anInt32\":0}", NULL, NULL},
        {"{\"anInt32\":-0}", "{\"anInt32\":0}", NULL},
        {"{\"anInt32\":2147483647}", NULL, NULL},
        {"{\"anInt32\":-2147483648}", NULL, NULL},
        {"{\"anInt32\":2147483648}", "{\"anInt32\":0}", "/anInt32 OUT_OF_RANGE"},
        {"{\"anInt32\":-2147483649}", "{\"anInt32\":0}", "/anInt32 OUT_OF_RANGE"},
        {"{\"anInt32\":99999999999999999999999}", "{\"anInt32\":0}", "/anInt32 OUT_OF_RANGE"},
        {"{\"anInt32\":1.0}", "{\"anInt32\":1}", NULL},
        {"{\"anInt32\":1e2}", "{\"anInt32\":100}", NULL},
        {"{\"anInt32\":1E+2}", "{\"anInt32\":100}", NULL},
        {"{\"anInt32\":1.25e2}", "{\"anInt32\":125}", NULL},
        {"{\"anInt32\":1200e-2}", "{\"anInt32\":12}", NULL},
        {"{\"anInt32\":0.00012e5}", "{\"anInt32\":12}", NULL},
        {"{\"anInt32\":0e999999999999}", "{\"anInt32\":0}", NULL},
        {"{\"anInt32\":0.0e-999999999999}", "{\"anInt32\":0}", NULL},
        {"{\"anInt32\":1e999999999999999999999}", "{\"anInt32\":0}", "/anInt32 OUT_OF_RANGE"},
        {"{\"anInt32\":1e-999999999999999999999}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":1.5}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":1e-1}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":1.25e1}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"12\"}", "{\"anInt32\":12}", NULL},
        {"{\"anInt32\":\"-12\"}", "{\"anInt32\":-12}", NULL},
        {"{\"anInt32\":\"1e2\"}", "{\"anInt32\":100}", NULL},
        {"{\"anInt32\":\"\\u0031\"}", "{\"anInt32\":1}", NULL},
        {"{\"anInt32\":\"\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\" 1\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"1 \"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"01\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"+1\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"0x1\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"1\\u0000\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":\"NaN\"}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":true}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":{}}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":[1,{\"a\":[]}]}", "{\"anInt32\":0}", "/anInt32 WRONG_TYPE"},
        {"{\"anInt32\":null}", "{\"anInt32\":0}", NULL},
        {"{\"aSint32\":-5,\"aSfixed32\":-6}", NULL, NULL},
        {"{\"aUint32\":4294967295,\"aFixed32\":4294967295}", NULL, NULL},
        {"{\"aUint32\":4294967296}", "{\"aUint32\":0}", "/aUint32 OUT_OF_RANGE"},
        {"{\"aUint32\":-1}", "{\"aUint32\":0}", "/aUint32 OUT_OF_RANGE"},
        {"{\"aUint32\":-0}", "{\"aUint32\":0}", NULL},
        {"{\"aFixed32\":-1.5}", "{\"aFixed32\":0}", "/aFixed32 WRONG_TYPE"},
        {"{\"anInt64\":\"9223372036854775807\"}", NULL, NULL},
        {"{\"anInt64\":9223372036854775807}", "{\"anInt64\":\"9223372036854775807\"}", NULL},
        {"{\"anInt64\":-9223372036854775808}", "{\"anInt64\":\"-9223372036854775808\"}", NULL},
        {"{\"anInt64\":9223372036854775808}", "{\"anInt64\":\"0\"}", "/anInt64 OUT_OF_RANGE"},
        {"{\"anInt64\":-9223372036854775809}", "{\"anInt64\":\"0\"}", "/anInt64 OUT_OF_RANGE"},
        {"{\"anInt64\":9007199254740993}", "{\"anInt64\":\"9007199254740993\"}", NULL},
        {"{\"anInt64\":9.007199254740993e15}", "{\"anInt64\":\"9007199254740993\"}", NULL},
        {"{\"aSint64\":\"-3\",\"aSfixed64\":\"-4\"}", NULL, NULL},
        {"{\"aUint64\":18446744073709551615}", "{\"aUint64\":\"18446744073709551615\"}", NULL},
        {"{\"aUint64\":1.8446744073709551615e19}", "{\"aUint64\":\"18446744073709551615\"}", NULL},
        {"{\"aUint64\":18446744073709551616}", "{\"aUint64\":\"0\"}", "/aUint64 OUT_OF_RANGE"},
        {"{\"aUint64\":-1}", "{\"aUint64\":\"0\"}", "/aUint64 OUT_OF_RANGE"},
        {"{\"aFixed64\":\"18446744073709551615\"}", NULL, NULL},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, a_number_of_a_million_digits_is_exact)
{
    struct fixture f;
    struct buf text = BUF_INIT;
    Depot__Test__V1__Everything *message;

    buf_puts(&text, "{\"anInt32\":0.");
    for (int i = 0; i < 1000000; i++) {
        buf_putc(&text, '0');
    }
    buf_puts(&text, "17e1000002}");
    buf_putc(&text, '\0');
    fixture_init(&f, 0);
    message = (void *)fixture_read(&f, &depot__test__v1__everything__schema, text.data);
    cr_assert_str_eq(fixture_said(&f), "");
    cr_assert_eq(message->an_int32, 17);
    fixture_fini(&f);
    buf_fini(&text);
}

Test(json_read, real_numbers)
{
    static const struct read_case cases[] = {
        {"{\"aDouble\":0.1}", NULL, NULL},
        {"{\"aDouble\":-1.5e300}", NULL, NULL},
        {"{\"aDouble\":1}", "{\"aDouble\":1}", NULL},
        {"{\"aDouble\":5e-324}", NULL, NULL},
        {"{\"aDouble\":1.7976931348623157e308}", NULL, NULL},
        {"{\"aDouble\":1e309}", "{\"aDouble\":0}", "/aDouble OUT_OF_RANGE"},
        {"{\"aDouble\":-1e309}", "{\"aDouble\":0}", "/aDouble OUT_OF_RANGE"},
        {"{\"aDouble\":1e-400}", "{\"aDouble\":0}", NULL},
        {"{\"aDouble\":\"0.25\"}", "{\"aDouble\":0.25}", NULL},
        {"{\"aDouble\":\"NaN\"}", NULL, NULL},
        {"{\"aDouble\":\"Infinity\"}", NULL, NULL},
        {"{\"aDouble\":\"-Infinity\"}", NULL, NULL},
        {"{\"aDouble\":\"+Infinity\"}", "{\"aDouble\":0}", "/aDouble WRONG_TYPE"},
        {"{\"aDouble\":\"inf\"}", "{\"aDouble\":0}", "/aDouble WRONG_TYPE"},
        {"{\"aDouble\":\"nan\"}", "{\"aDouble\":0}", "/aDouble WRONG_TYPE"},
        {"{\"aDouble\":\"0x1p3\"}", "{\"aDouble\":0}", "/aDouble WRONG_TYPE"},
        {"{\"aDouble\":\"1e309\"}", "{\"aDouble\":0}", "/aDouble OUT_OF_RANGE"},
        {"{\"aDouble\":\"\"}", "{\"aDouble\":0}", "/aDouble WRONG_TYPE"},
        {"{\"aDouble\":false}", "{\"aDouble\":0}", "/aDouble WRONG_TYPE"},
        {"{\"aDouble\":0.1000000000000000055511151231257827021181583404541015625000000000000001}",
         "{\"aDouble\":0.1}", NULL},
        {"{\"aFloat\":0.5}", NULL, NULL},
        {"{\"aFloat\":3.4028235e38}", NULL, NULL},
        {"{\"aFloat\":3.5e38}", "{\"aFloat\":0}", "/aFloat OUT_OF_RANGE"},
        {"{\"aFloat\":0.1}", NULL, NULL},
        {"{\"aFloat\":\"NaN\"}", NULL, NULL},
        {"{\"aFloat\":\"-Infinity\"}", NULL, NULL},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, strings)
{
    static const struct read_case cases[] = {
        {"{\"aString\":\"\"}", NULL, NULL},
        {"{\"aString\":\"abc\"}", NULL, NULL},
        {"{\"aString\":\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"}", NULL, NULL},
        {"{\"aString\":\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"}",
         "{\"aString\":\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}", NULL},
        {"{\"aString\":\"\\u0001\\u001f\\u007f\"}", NULL, NULL},
        {"{\"aString\":\"\xf0\x9f\x98\x80\"}", NULL, NULL},
        {"{\"aString\":\"\\ufeff\\uffff\"}", NULL, NULL},
        {"{\"aString\":\"a\\u0000b\"}", "{\"aString\":\"\"}", "/aString BAD_FORMAT"},
        {"{\"aString\":\"\\u0000\"}", "{\"aString\":\"\"}", "/aString BAD_FORMAT"},
        {"{\"aString\":1}", "{\"aString\":\"\"}", "/aString WRONG_TYPE"},
        {"{\"aString\":true}", "{\"aString\":\"\"}", "/aString WRONG_TYPE"},
        {"{\"aString\":{\"a\":\"}\"}}", "{\"aString\":\"\"}", "/aString WRONG_TYPE"},
        {"{\"aString\":[\"]\"]}", "{\"aString\":\"\"}", "/aString WRONG_TYPE"},
        {"{\"aString\":null}", "{\"aString\":\"\"}", NULL},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, bools_bytes_and_enums)
{
    static const struct read_case cases[] = {
        {"{\"aBool\":true}", NULL, NULL},
        {"{\"aBool\":false}", NULL, NULL},
        {"{\"aBool\":1}", "{\"aBool\":false}", "/aBool WRONG_TYPE"},
        {"{\"aBool\":\"true\"}", "{\"aBool\":false}", "/aBool WRONG_TYPE"},
        {"{\"someBytes\":\"\"}", NULL, NULL},
        {"{\"someBytes\":\"AA==\"}", NULL, NULL},
        {"{\"someBytes\":\"AAE=\"}", NULL, NULL},
        {"{\"someBytes\":\"AAEC\"}", NULL, NULL},
        {"{\"someBytes\":\"AAE\"}", "{\"someBytes\":\"AAE=\"}", NULL},
        {"{\"someBytes\":\"AA\"}", "{\"someBytes\":\"AA==\"}", NULL},
        {"{\"someBytes\":\"-_-_\"}", "{\"someBytes\":\"+/+/\"}", NULL},
        {"{\"someBytes\":\"+/+/\"}", NULL, NULL},
        {"{\"someBytes\":\"-_\"}", "{\"someBytes\":\"+w==\"}", NULL},
        {"{\"someBytes\":\"A\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"A===\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"AA=\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"AAA==\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"AA==AA==\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"====\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"A A=\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":\"\xc3\xa9\xc3\xa9\"}", "{\"someBytes\":\"\"}", "/someBytes BAD_FORMAT"},
        {"{\"someBytes\":7}", "{\"someBytes\":\"\"}", "/someBytes WRONG_TYPE"},
        {"{\"colour\":\"GREEN\"}", NULL, NULL},
        {"{\"colour\":\"INFRARED\"}", NULL, NULL},
        {"{\"colour\":\"GR\\u0045EN\"}", "{\"colour\":\"GREEN\"}", NULL},
        {"{\"colour\":2}", "{\"colour\":\"GREEN\"}", NULL},
        {"{\"colour\":-1}", "{\"colour\":\"INFRARED\"}", NULL},
        {"{\"colour\":4e1}", "{\"colour\":\"VIOLET\"}", NULL},
        {"{\"colour\":0}", "{\"colour\":\"COLOUR_UNSPECIFIED\"}", NULL},
        {"{\"colour\":\"COLOUR_UNSPECIFIED\"}", NULL, NULL},
        {"{\"colour\":3}", "{\"colour\":\"COLOUR_UNSPECIFIED\"}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":99999999999}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":\"green\"}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":\"GREE\"}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":\"GREEN \"}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":\"GREEN\\u0000\"}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":\"2\"}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":\"\"}", "{}", "/colour UNKNOWN_VALUE"},
        {"{\"colour\":true}", "{}", "/colour WRONG_TYPE"},
        {"{\"colour\":[]}", "{}", "/colour WRONG_TYPE"},
        {"{\"colour\":null}", "{\"colour\":\"COLOUR_UNSPECIFIED\"}", NULL},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, lists)
{
    static const struct read_case cases[] = {
        {"{\"int32s\":[]}", NULL, NULL},
        {"{\"int32s\":null}", "{\"int32s\":[]}", NULL},
        {"{\"int32s\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}", NULL, NULL},
        {"{\"int32s\":1}", "{\"int32s\":[]}", "/int32s WRONG_TYPE"},
        {"{\"int32s\":{\"0\":1}}", "{\"int32s\":[]}", "/int32s WRONG_TYPE"},
        {"{\"int32s\":[1,null,3]}", "{\"int32s\":[1,0,3]}", "/int32s/1 WRONG_TYPE"},
        {"{\"int32s\":[\"x\",2,[3],{},5]}", "{\"int32s\":[0,2,0,0,5]}",
         "/int32s/0 WRONG_TYPE, /int32s/2 WRONG_TYPE, /int32s/3 WRONG_TYPE"},
        {"{\"doubles\":[0.5,\"NaN\",-1e100]}", NULL, NULL},
        {"{\"floats\":[0.5,1.5]}", NULL, NULL},
        {"{\"int64s\":[\"1\",\"-2\"],\"uint32s\":[7],\"uint64s\":[\"8\"]}", NULL, NULL},
        {"{\"sint32s\":[-1],\"sint64s\":[\"-2\"],\"fixed32s\":[3],\"fixed64s\":[\"4\"]}", NULL,
         NULL},
        {"{\"sfixed32s\":[-1],\"sfixed64s\":[\"-2\"],\"bools\":[true,false,true]}", NULL, NULL},
        {"{\"strings\":[\"\",\"a\",\"b\\n\"]}", NULL, NULL},
        {"{\"strings\":[\"a\",7,\"c\"]}", "{\"strings\":[\"a\",\"\",\"c\"]}",
         "/strings/1 WRONG_TYPE"},
        {"{\"byteses\":[\"\",\"AA==\",\"/w==\"]}", NULL, NULL},
        {"{\"colours\":[\"RED\",\"VIOLET\"]}", NULL, NULL},
        {"{\"colours\":[\"RED\",\"BLUE\"]}", "{\"colours\":[\"RED\",\"COLOUR_UNSPECIFIED\"]}",
         "/colours/1 UNKNOWN_VALUE"},
        {"{\"inners\":[{\"name\":\"a\"},{},{\"size\":3}]}",
         "{\"inners\":[{\"name\":\"a\",\"size\":0},{\"name\":\"\",\"size\":0},"
         "{\"name\":\"\",\"size\":3}]}",
         NULL},
        {"{\"inners\":[{\"nam\":1},null,{\"name\":2}]}",
         "{\"inners\":[{\"name\":\"\",\"size\":0},{\"name\":\"\",\"size\":0},"
         "{\"name\":\"\",\"size\":0}]}",
         "/inners/0/nam UNKNOWN_FIELD, /inners/1 WRONG_TYPE, /inners/2/name WRONG_TYPE"},
        {"{\"times\":[\"2026-03-01T09:00:00Z\",\"1970-01-01T00:00:00Z\"]}", NULL, NULL},
        {"{\"times\":[\"2026-03-01T09:00:00Z\",\"soon\"]}",
         "{\"times\":[\"2026-03-01T09:00:00Z\",\"1970-01-01T00:00:00Z\"]}",
         "/times/1 BAD_TIMESTAMP"},
        {"{\"durations\":[\"1s\",\"0s\"]}", NULL, NULL},
        {"{\"stringValues\":[\"a\",\"\"]}", NULL, NULL},
        {"{\"stringValues\":[null]}", "{\"stringValues\":[\"\"]}", "/stringValues/0 WRONG_TYPE"},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, maps)
{
    static const struct read_case cases[] = {
        {"{\"stringsByString\":{}}", NULL, NULL},
        {"{\"stringsByString\":null}", "{\"stringsByString\":{}}", NULL},
        {"{\"stringsByString\":{\"b\":\"1\",\"a\":\"2\",\"\":\"3\"}}", NULL, NULL},
        {"{\"stringsByString\":[]}", "{\"stringsByString\":{}}", "/stringsByString WRONG_TYPE"},
        {"{\"stringsByString\":{\"a\":\"1\",\"b\":2,\"c\":\"3\"}}",
         "{\"stringsByString\":{\"a\":\"1\",\"b\":\"\",\"c\":\"3\"}}",
         "/stringsByString/b WRONG_TYPE"},
        {"{\"stringsByString\":{\"a\":null}}", "{}", "/stringsByString/a WRONG_TYPE"},
        {"{\"stringsByString\":{\"a\":\"1\",\"a\":\"2\"}}", "{\"stringsByString\":{\"a\":\"1\"}}",
         "/stringsByString/a DUPLICATE_FIELD"},
        {"{\"stringsByString\":{\"a\":\"1\",\"\\u0061\":\"2\",\"b\":\"3\"}}",
         "{\"stringsByString\":{\"a\":\"1\",\"b\":\"3\"}}", "/stringsByString/a DUPLICATE_FIELD"},
        {"{\"stringsByString\":{\"a/b~c\":1}}", "{}", "/stringsByString/a~1b~0c WRONG_TYPE"},
        {"{\"stringsByString\":{\"a\\u0000b\":\"1\",\"c\":\"2\"}}",
         "{\"stringsByString\":{\"c\":\"2\"}}",
         "/stringsByString/a\xef\xbf\xbd"
         "b BAD_FORMAT"},
        {"{\"stringsByString\":{\"a\":\"x\\u0000\"}}", "{}", "/stringsByString/a BAD_FORMAT"},
        {"{\"innersByInt32\":{\"5\":{\"name\":\"a\"},\"-1\":{\"size\":2}}}",
         "{\"innersByInt32\":{\"5\":{\"name\":\"a\",\"size\":0},\"-1\":{\"name\":\"\",\"size\":2}}"
         "}",
         NULL},
        {"{\"innersByInt32\":{\"5\":{},\"5.0\":{}}}", "{}", "/innersByInt32/5.0 DUPLICATE_FIELD"},
        {"{\"innersByInt32\":{\"x\":{},\"2147483648\":{}}}", "{\"innersByInt32\":{}}",
         "/innersByInt32/x WRONG_TYPE, /innersByInt32/2147483648 OUT_OF_RANGE"},
        {"{\"innersByInt32\":{\"5\":{\"inner\":{\"size\":\"x\"}}}}", "{}",
         "/innersByInt32/5/inner/size WRONG_TYPE"},
        {"{\"int64sByBool\":{\"true\":\"1\",\"false\":\"2\"}}", NULL, NULL},
        {"{\"int64sByBool\":{\"yes\":1}}", "{\"int64sByBool\":{}}", "/int64sByBool/yes WRONG_TYPE"},
        {"{\"int64sByBool\":{\"true\":1,\"true\":2}}", "{\"int64sByBool\":{\"true\":\"1\"}}",
         "/int64sByBool/true DUPLICATE_FIELD"},
        {"{\"coloursByUint64\":{\"18446744073709551615\":\"RED\",\"0\":\"GREEN\"}}", NULL, NULL},
        {"{\"coloursByUint64\":{\"1\":\"PINK\"}}", "{}", "/coloursByUint64/1 UNKNOWN_VALUE"},
        {"{\"timesByString\":{\"a\":\"2026-03-01T09:00:00Z\"}}", NULL, NULL},
        {"{\"bytesBySint64\":{\"-9223372036854775808\":\"AA==\",\"3\":\"\"}}", NULL, NULL},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, equal_maps_make_equal_messages)
{
    static const char *const texts[] = {
        "{\"stringsByString\":{\"b\":\"1\",\"a\":\"2\",\"c\":\"3\",\"aa\":\"4\"},"
        "\"innersByInt32\":{\"10\":{},\"-1\":{},\"9\":{}},"
        "\"coloursByUint64\":{\"18446744073709551615\":0,\"1\":1}}",
        "{\"coloursByUint64\":{\"1\":1,\"18446744073709551615\":0},"
        "\"innersByInt32\":{\"-1\":{},\"9\":{},\"10\":{}},"
        "\"stringsByString\":{\"aa\":\"4\",\"c\":\"3\",\"b\":\"1\",\"a\":\"2\"}}",
    };
    char *written[2];

    for (size_t i = 0; i < 2; i++) {
        struct fixture f;

        fixture_init(&f, 0);
        written[i] =
            fixture_write(&depot__test__v1__everything__schema,
                          fixture_read(&f, &depot__test__v1__everything__schema, texts[i]));
        fixture_fini(&f);
    }
    cr_assert_str_eq(written[0], written[1]);
    cr_assert_not_null(strstr(written[0], "{\"a\":\"2\",\"aa\":\"4\",\"b\":\"1\",\"c\":\"3\"}"));
    cr_assert_not_null(strstr(written[0], "{\"1\":\"RED\",\"18446744073709551615\":"));
    free(written[0]);
    free(written[1]);
}

Test(json_read, oneofs)
{
    static const struct read_case cases[] = {
        {"{}", "{\"choiceNumber\":null,\"choiceText\":null,\"maybeName\":null}", NULL},
        {"{\"choiceNumber\":7}", "{\"choiceNumber\":7,\"choiceText\":null}", NULL},
        {"{\"choiceNumber\":0}", "{\"choiceNumber\":0,\"choiceText\":null}", NULL},
        {"{\"choiceText\":\"\"}", "{\"choiceText\":\"\",\"choiceNumber\":null}", NULL},
        {"{\"choiceInner\":{}}", "{\"choiceInner\":{\"name\":\"\",\"size\":0}}", NULL},
        {"{\"choiceColour\":\"RED\"}", NULL, NULL},
        {"{\"choiceFlag\":false}", NULL, NULL},
        {"{\"choiceBytes\":\"AA==\"}", NULL, NULL},
        {"{\"maybeName\":\"\"}", NULL, NULL},
        {"{\"choiceNumber\":null,\"choiceText\":\"a\"}",
         "{\"choiceText\":\"a\",\"choiceNumber\":null}", NULL},
        {"{\"choiceNumber\":null}", "{\"choiceNumber\":null}", NULL},
        {"{\"choiceNumber\":1,\"choiceText\":\"a\"}", "{\"choiceNumber\":1,\"choiceText\":null}",
         "/choiceText DUPLICATE_FIELD"},
        {"{\"choiceInner\":{},\"choiceBytes\":{\"a\":1},\"choiceFlag\":true}",
         "{\"choiceBytes\":null,\"choiceFlag\":null}",
         "/choiceBytes DUPLICATE_FIELD, /choiceFlag DUPLICATE_FIELD"},
        {"{\"choiceNumber\":\"x\"}", "{\"choiceNumber\":null}", "/choiceNumber WRONG_TYPE"},
        {"{\"choiceBytes\":\"!\",\"choiceText\":\"a\"}",
         "{\"choiceBytes\":null,\"choiceText\":\"a\"}", "/choiceBytes BAD_FORMAT"},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, well_known_types)
{
    static const struct read_case cases[] = {
        {"{\"aTime\":\"2026-03-01T09:00:00Z\"}", NULL, NULL},
        {"{\"aTime\":\"2026-03-01T10:00:00.500000+01:00\"}",
         "{\"aTime\":\"2026-03-01T09:00:00.500Z\"}", NULL},
        {"{\"aTime\":\"2026-03-01T09:00:00\\u005a\"}", "{\"aTime\":\"2026-03-01T09:00:00Z\"}",
         NULL},
        {"{\"aTime\":null}", "{\"aTime\":null}", NULL},
        {"{\"aTime\":\"2026-03-01T09:00:00\"}", "{\"aTime\":null}", "/aTime BAD_TIMESTAMP"},
        {"{\"aTime\":\"\"}", "{\"aTime\":null}", "/aTime BAD_TIMESTAMP"},
        {"{\"aTime\":1772355600}", "{\"aTime\":null}", "/aTime WRONG_TYPE"},
        {"{\"aTime\":{\"seconds\":1}}", "{\"aTime\":null}", "/aTime WRONG_TYPE"},
        {"{\"aDuration\":\"0s\"}", NULL, NULL},
        {"{\"aDuration\":\"1.5s\"}", "{\"aDuration\":\"1.500s\"}", NULL},
        {"{\"aDuration\":\"-0.5s\"}", "{\"aDuration\":\"-0.500s\"}", NULL},
        {"{\"aDuration\":\"-3.000000001s\"}", NULL, NULL},
        {"{\"aDuration\":\"0.000001s\"}", NULL, NULL},
        {"{\"aDuration\":\"315576000000s\"}", NULL, NULL},
        {"{\"aDuration\":\"-315576000000s\"}", NULL, NULL},
        {"{\"aDuration\":\"315576000001s\"}", "{\"aDuration\":null}", "/aDuration OUT_OF_RANGE"},
        {"{\"aDuration\":\"99999999999999999999999999s\"}", "{\"aDuration\":null}",
         "/aDuration OUT_OF_RANGE"},
        {"{\"aDuration\":\"1\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"-s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\".5s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"1.s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"1.0000000001s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"1.5.5s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"+1s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"1 s\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"1ms\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":\"\"}", "{\"aDuration\":null}", "/aDuration BAD_FORMAT"},
        {"{\"aDuration\":1}", "{\"aDuration\":null}", "/aDuration WRONG_TYPE"},
        {"{\"aMask\":\"\"}", NULL, NULL},
        {"{\"aMask\":\"name\"}", NULL, NULL},
        {"{\"aMask\":\"startTime,a.bCd.e,x2\"}", NULL, NULL},
        {"{\"aMask\":\"start_time\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\"a,,b\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\",\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\"a.\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\".a\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\"a..b\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\"A\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":\"a b\"}", "{\"aMask\":null}", "/aMask BAD_FORMAT"},
        {"{\"aMask\":[\"a\"]}", "{\"aMask\":null}", "/aMask WRONG_TYPE"},
        {"{\"anEmpty\":{}}", NULL, NULL},
        {"{\"anEmpty\":{\"a\":1}}", "{\"anEmpty\":{}}", "/anEmpty/a UNKNOWN_FIELD"},
        {"{\"anEmpty\":[]}", "{\"anEmpty\":null}", "/anEmpty WRONG_TYPE"},
        {"{\"maybeString\":\"\",\"maybeInt32\":0,\"maybeInt64\":\"0\",\"maybeUint32\":0,"
         "\"maybeUint64\":\"0\",\"maybeBool\":false,\"maybeDouble\":0.0,\"maybeFloat\":0.0,"
         "\"maybeBytes\":\"\"}",
         "{\"maybeString\":\"\",\"maybeInt32\":0,\"maybeInt64\":\"0\",\"maybeUint32\":0,"
         "\"maybeUint64\":\"0\",\"maybeBool\":false,\"maybeBytes\":\"\"}",
         NULL},
        {"{\"maybeString\":null,\"maybeInt32\":null,\"maybeBool\":null}", NULL, NULL},
        {"{\"maybeString\":\"a\",\"maybeInt32\":-1,\"maybeBool\":true}", NULL, NULL},
        {"{\"maybeInt32\":\"x\"}", "{\"maybeInt32\":null}", "/maybeInt32 WRONG_TYPE"},
        {"{\"maybeInt32\":2147483648}", "{\"maybeInt32\":null}", "/maybeInt32 OUT_OF_RANGE"},
        {"{\"maybeString\":{\"value\":\"a\"}}", "{\"maybeString\":null}",
         "/maybeString WRONG_TYPE"},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, members)
{
    static const struct read_case cases[] = {
        {"{}",
         "{\"anInt32\":0,\"aString\":\"\",\"strings\":[],\"stringsByString\":{},"
         "\"anInt64\":\"0\",\"colour\":\"COLOUR_UNSPECIFIED\",\"inner\":null}",
         NULL},
        {"{\"an_int32\":7}", "{\"anInt32\":7,\"an_int32\":null}", NULL},
        {"{\"a\\u006eInt32\":7}", "{\"anInt32\":7}", NULL},
        {"{\"anInt32\":7,\"an_int32\":8}", "{\"anInt32\":7}", "/anInt32 DUPLICATE_FIELD"},
        {"{\"anInt32\":7,\"anInt32\":7}", "{\"anInt32\":7}", "/anInt32 DUPLICATE_FIELD"},
        {"{\"anInt32\":null,\"anInt32\":7}", "{\"anInt32\":0}", "/anInt32 DUPLICATE_FIELD"},
        {"{\"int32s\":[1],\"int32s\":[2]}", "{\"int32s\":[1]}", "/int32s DUPLICATE_FIELD"},
        {"{\"anint32\":7}", "{\"anInt32\":0}", "/anint32 UNKNOWN_FIELD"},
        {"{\"AnInt32\":7,\"an_Int32\":7}", "{}", "/AnInt32 UNKNOWN_FIELD, /an_Int32 UNKNOWN_FIELD"},
        {"{\"anInt32 \":7,\"anInt3\":7,\"\":7}", "{}",
         "/anInt32  UNKNOWN_FIELD, /anInt3 UNKNOWN_FIELD, / UNKNOWN_FIELD"},
        {"{\"a/b~\":{\"c\":[{}]},\"anInt32\":3}", "{\"anInt32\":3}", "/a~1b~0 UNKNOWN_FIELD"},
        {"{\"x\":null}", "{}", "/x UNKNOWN_FIELD"},
        {"{\"x\":1,\"x\":2}", "{}", "/x UNKNOWN_FIELD"},
        {"{\"anInt32\\u0000\":1}", "{\"anInt32\":0}", "/anInt32\xef\xbf\xbd UNKNOWN_FIELD"},
        {"{\"@odd/na~me\":\"a\"}", NULL, NULL},
        {"{\"renamed\":\"a\"}", "{\"@odd/na~me\":\"a\"}", NULL},
        {"{\"renamed\":1}", "{}", "/@odd~1na~0me WRONG_TYPE"},
        {"{\"inner\":{\"inner\":{\"inner\":{\"name\":5}}}}", "{}",
         "/inner/inner/inner/name WRONG_TYPE"},
        {"{\"inner\":{\"name\":\"a\",\"inner\":null}}", "{\"inner\":{\"name\":\"a\",\"size\":0}}",
         NULL},
        {"{\"inner\":\"a\"}", "{\"inner\":null}", "/inner WRONG_TYPE"},
        {"{\"inner\":[]}", "{\"inner\":null}", "/inner WRONG_TYPE"},
        {" { \"anInt32\" : 1 , \"strings\" : [ \"a\" , \"b\" ] , \"inner\" : { } } ",
         "{\"anInt32\":1,\"strings\":[\"a\",\"b\"]}", NULL},
        {"{\"renamed\":\"z\",\"aDouble\":1,\"inner\":{\"size\":1,\"name\":\"b\"},\"aFloat\":2}",
         "{\"@odd/na~me\":\"z\",\"aDouble\":1,\"aFloat\":2,"
         "\"inner\":{\"size\":1,\"name\":\"b\"}}",
         NULL},
    };

    CHECK_EVERYTHING(cases);
}

Test(json_read, the_document_must_be_an_object)
{
    static const char *const texts[] = {"[]",   "null", "1",     "\"a\"",
                                        "true", "[{}]", " -1.5", "\"\\u0041\""};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fixture f;

        fixture_init(&f, 0);
        fixture_read(&f, &depot__test__v1__everything__schema, texts[i]);
        cr_assert_str_eq(fixture_said(&f), " WRONG_TYPE", "%s: %s", texts[i], f.said);
        fixture_fini(&f);
    }
}

Test(json_read, places_stand_behind_the_prefix)
{
    struct fixture f;
    ProtobufCMessage *message;

    fixture_init(&f, 0);
    cr_assert_eq(
        pb_json_read(&f.call, &depot__test__v1__inner__schema, "/a/b", "{\"x\":1}", 7, &message),
        STATUS_OK);
    cr_assert_eq(pb_json_read(&f.call, &depot__test__v1__inner__schema, "/c", "[]", 2, &message),
                 STATUS_OK);
    cr_assert_str_eq(fixture_said(&f), "/a/b/x UNKNOWN_FIELD, /c WRONG_TYPE");
    fixture_fini(&f);
}

Test(json_read, what_the_service_sets_is_read_only)
{
    static const struct read_case cases[] = {
        {"{\"id\":\"a\",\"name\":\"b\"}", "{\"id\":\"\",\"name\":\"b\"}", "/id READ_ONLY"},
        {"{\"id\":\"\"}", "{}", "/id READ_ONLY"},
        {"{\"id\":7,\"createTime\":{\"x\":[1]},\"update_time\":\"x\",\"type\":\"cars\"}", "{}",
         "/id READ_ONLY, /createTime READ_ONLY, /updateTime READ_ONLY, /type READ_ONLY"},
        {"{\"id\":null,\"createTime\":null}", "{\"id\":\"\",\"createTime\":null}", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct pb_message *schema = &depot__inventory__v1__resource__schema;
        struct fixture f;
        char *written;
        json_t *wants, *got;

        fixture_init(&f, 0);
        written = fixture_write(schema, fixture_read(&f, schema, cases[i].text));
        cr_assert_str_eq(fixture_said(&f), cases[i].said == NULL ? "" : cases[i].said);
        wants = load(cases[i].wants);
        got = load(written);
        compare(cases[i].text, wants, got);
        json_decref(wants);
        json_decref(got);
        free(written);
        fixture_fini(&f);
    }
}

Test(json_read, the_kind_of_an_allocation)
{
    static const struct {
        const char *text;
        Depot__Inventory__V1__Allocation__Kind kind;
        const char *said;
    } cases[] = {
        {"{\"kind\":\"BOOKING\"}", DEPOT__INVENTORY__V1__ALLOCATION__KIND__BOOKING, ""},
        {"{\"kind\":1}", DEPOT__INVENTORY__V1__ALLOCATION__KIND__BOOKING, ""},
        {"{\"kind\":\"MAINTENANCE\"}", DEPOT__INVENTORY__V1__ALLOCATION__KIND__MAINTENANCE, ""},
        {"{\"kind\":\"KIND_UNSPECIFIED\"}",
         DEPOT__INVENTORY__V1__ALLOCATION__KIND__KIND_UNSPECIFIED, ""},
        {"{\"kind\":\"booking\"}", DEPOT__INVENTORY__V1__ALLOCATION__KIND__KIND_UNSPECIFIED,
         "/kind UNKNOWN_VALUE"},
        {"{\"kind\":3}", DEPOT__INVENTORY__V1__ALLOCATION__KIND__KIND_UNSPECIFIED,
         "/kind UNKNOWN_VALUE"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        Depot__Inventory__V1__Allocation *allocation;

        fixture_init(&f, 0);
        allocation =
            (void *)fixture_read(&f, &depot__inventory__v1__allocation__schema, cases[i].text);
        cr_assert_eq(allocation->kind, cases[i].kind);
        cr_assert_str_eq(fixture_said(&f), cases[i].said);
        cr_assert_not_null(allocation->description);
        fixture_fini(&f);
    }
}

Test(json_read, a_fault_of_syntax_is_all_that_is_said)
{
    static const char *const texts[] = {
        "{\"x\":1,\"anInt32\":\"y\",\"aTime\":\"z\"",
        "{\"x\":1,\"anInt32\":\"y\"} {}",
        "{\"x\":1,\"aString\":\"\\u0000\",\"b\":01}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fixture f;
        enum status status;

        fixture_init(&f, 0);
        call_violation(&f.call, &reason_unknown_parameter, "/q", "earlier");
        cr_assert_null(fixture_read_status(&f, &depot__test__v1__everything__schema, texts[i],
                                           strlen(texts[i]), &status));
        cr_assert_eq(status, STATUS_INVALID_ARGUMENT);
        cr_assert_eq(f.call.problem.reason, &reason_malformed_json);
        cr_assert_eq(f.call.problem.n_violations, 0);
        cr_assert_null(f.call.problem.violations);
        cr_assert_eq(strncmp(f.call.problem.detail, "Line 1, column ", 15), 0, "%s",
                     f.call.problem.detail);
        fixture_fini(&f);
    }
}

Test(json_read, an_empty_body_is_malformed)
{
    static const char *const texts[] = {"", "  \n "};

    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        enum status status;

        fixture_init(&f, 0);
        cr_assert_null(fixture_read_status(&f, &depot__test__v1__everything__schema, texts[i],
                                           strlen(texts[i]), &status));
        cr_assert_eq(status, STATUS_INVALID_ARGUMENT);
        cr_assert_eq(f.call.problem.reason, &reason_malformed_json);
        cr_assert_str_eq(f.call.problem.detail, "The body is empty.");
        cr_assert_eq(pb_json_read(&f.call, &depot__test__v1__everything__schema, "", NULL, 0,
                                  &(ProtobufCMessage *){NULL}),
                     STATUS_INVALID_ARGUMENT);
        fixture_fini(&f);
    }
}

Test(json_read, violations_are_bounded_and_places_cut)
{
    struct fixture f;
    struct buf text = BUF_INIT;

    buf_puts(&text, "{\"a\":1");
    for (int i = 0; i < 200; i++) {
        buf_printf(&text, ",\"u%d", i);
        for (int j = 0; j < 500; j++) {
            buf_puts(&text, "\xf0\x9f\x98\x80");
        }
        buf_puts(&text, "\":1");
    }
    buf_puts(&text, "}");
    buf_putc(&text, '\0');
    fixture_init(&f, 0);
    fixture_read(&f, &depot__test__v1__everything__schema, text.data);
    cr_assert_eq(f.call.problem.n_violations, LIMIT_VIOLATIONS);
    for (const struct violation *v = f.call.problem.violations; v != NULL; v = v->next) {
        cr_assert_lt(strlen(v->field), 1024);
        cr_assert(utf8_valid(v->field, strlen(v->field), NULL));
    }
    fixture_fini(&f);
    buf_fini(&text);
}

/* Behind a gateway the deepest document must still be one that a service takes. */
Test(json_read, the_deepest_document_can_be_packed)
{
    const struct pb_message *schema = &depot__test__v1__inner__schema;
    struct fixture f;
    struct buf text = BUF_INIT;
    ProtobufCMessage *message, *unpacked;
    Depot__Test__V1__Everything around = DEPOT__TEST__V1__EVERYTHING__INIT;
    uint8_t *packed;
    size_t bytes;

    for (int i = 1; i < LIMIT_JSON_DEPTH; i++) {
        buf_puts(&text, "{\"inner\":");
    }
    buf_puts(&text, "{\"name\":\"deep\"}");
    for (int i = 1; i < LIMIT_JSON_DEPTH; i++) {
        buf_putc(&text, '}');
    }
    buf_putc(&text, '\0');
    fixture_init(&f, 0);
    message = fixture_read(&f, schema, text.data);
    cr_assert_str_eq(fixture_said(&f), "");
    around.inner = (Depot__Test__V1__Inner *)message;
    packed = pb_pack(&f.arena, &around.base, &bytes);
    cr_assert_eq(
        pb_unpack(&f.arena, &depot__test__v1__everything__schema, packed, bytes, &unpacked),
        STATUS_OK);
    fixture_fini(&f);
    buf_fini(&text);
}
