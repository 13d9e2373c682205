/* Requests that change a part of a thing: what they name, and which rules hold then. */
#include "pb/update.h"

#include "fixture.h"
#include "pb/wire.h"

static const struct pb_message *const schema = &depot__test__v1__update_stay_request__schema;
static const struct pb_message *const thing = &depot__test__v1__stay__schema;

#define REQUEST(stay)       "{\"id\":\"a\",\"stay\":" stay "}"
#define MASKED(mask, stay)  "{\"id\":\"a\",\"stay\":" stay ",\"updateMask\":\"" mask "\"}"
#define TIME(name, text)    "\"" name "\":\"2030-01-0" text "T00:00:00Z\""
#define FROM_TO(start, end) TIME("startTime", start) "," TIME("endTime", end)

struct rule_case {
    const char *text; /* read first */
    const char *said; /* by both; "" if nothing */
};

static void
check(const struct rule_case *row)
{
    struct fixture f;
    ProtobufCMessage *message;
    enum status status;

    fixture_init(&f, 0);
    message = fixture_read(&f, schema, row->text);
    status = pb_validate(&f.call, schema, message);
    cr_expect_str_eq(fixture_said(&f), row->said, "%s: %s", row->text, f.said);
    cr_expect_eq(status, row->said[0] == '\0' ? STATUS_OK : STATUS_INVALID_ARGUMENT);
    fixture_fini(&f);
}

Test(update, rules_hold_for_what_is_named_and_for_what_is_there)
{
    static const struct rule_case cases[] = {
        {REQUEST("{}"), ""},
        {REQUEST("{\"name\":\"abcd\"}"), ""},
        {REQUEST("{\"name\":\"abcde\"}"), "/stay/name TOO_LONG"},
        {REQUEST("{\"note\":\"a\"}"), "/stay/note TOO_SHORT"},
        {REQUEST("null"), "/stay REQUIRED"},
        {"{\"id\":\"a\"}", "/stay REQUIRED"},
        {"{\"stay\":{}}", "/id REQUIRED"},
        {MASKED("", "{}"), ""},
        {MASKED("name", "{\"name\":\"a\"}"), ""},
        {MASKED("name", "{}"), "/stay/name REQUIRED"},
        {MASKED("name", "{\"name\":\"\"}"), "/stay/name REQUIRED"},
        {MASKED("note", "{}"), "/stay/note TOO_SHORT"},
        {MASKED("pairs", "{}"), ""},
        {MASKED("pairs", "{\"pairs\":{\"a\":\"\",\"b\":\"\"}}"), "/stay/pairs TOO_MANY"},
        {MASKED("name,note", "{}"), "/stay/name REQUIRED, /stay/note TOO_SHORT"},
        /* Not named, yet there: it must be possible all the same. */
        {MASKED("note", "{\"note\":\"ab\",\"name\":\"abcde\"}"), "/stay/name TOO_LONG"},
        {MASKED("note", "{\"note\":\"ab\",\"colour\":7}"), "/stay/colour UNKNOWN_VALUE"},
        {MASKED("note", "{\"note\":\"ab\",\"made\":\"x\"}"), "/stay/made READ_ONLY"},
        {REQUEST("7"), "/stay WRONG_TYPE"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&cases[i]);
    }
}

Test(update, paths)
{
    static const struct rule_case cases[] = {
        {MASKED("nothing", "{}"), "/updateMask/0 UNKNOWN_FIELD"},
        {MASKED("pairs,nothing,name.length", "{}"),
         "/updateMask/1 UNKNOWN_FIELD, /updateMask/2 UNKNOWN_FIELD"},
        {MASKED("made", "{}"), "/updateMask/0 READ_ONLY"},
        {MASKED("pairs,made", "{}"), "/updateMask/1 READ_ONLY"},
        {MASKED("pairs.a", "{}"), "/updateMask/0 UNKNOWN_FIELD"},
        {MASKED("startTime.seconds", "{}"), "/updateMask/0 UNKNOWN_FIELD"},
        {MASKED("pairs,pairs", "{}"), ""},
        {MASKED("*", "{}"), "/updateMask BAD_FORMAT"},
        {MASKED("start_time", "{}"), "/updateMask BAD_FORMAT"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&cases[i]);
    }
}

Test(update, the_detail_names_the_path_as_it_was_sent)
{
    struct fixture f;
    ProtobufCMessage *message;

    fixture_init(&f, 0);
    message = fixture_read(&f, schema, MASKED("startTime.seconds", "{}"));
    cr_assert_eq(pb_validate(&f.call, schema, message), STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(f.call.problem.detail, "`startTime.seconds`, which is no member"),
                       "%s", f.call.problem.detail);
    fixture_fini(&f);
}

/* Of a period that is changed in part only what is named can be judged. */
Test(update, periods)
{
    static const struct rule_case cases[] = {
        {MASKED("startTime,endTime", "{" FROM_TO("1", "2") "}"), ""},
        {MASKED("startTime,endTime", "{" FROM_TO("2", "2") "}"), "/stay/endTime PERIOD_EMPTY"},
        {MASKED("startTime,endTime", "{" FROM_TO("3", "2") "}"), "/stay/endTime PERIOD_REVERSED"},
        {MASKED("startTime", "{" FROM_TO("3", "2") "}"), ""},
        {MASKED("endTime", "{" FROM_TO("3", "2") "}"), ""},
        {MASKED("note", "{\"note\":\"ab\"," FROM_TO("3", "2") "}"), ""},
        {MASKED("startTime", "{}"), ""},
        {MASKED("startTime,endTime", "{}"), "/stay PERIOD_MISSING"},
        {MASKED("startTime,endTime", "{\"unbounded\":true}"), "/stay PERIOD_MISSING"},
        {MASKED("startTime,endTime,unbounded", "{\"unbounded\":true}"), ""},
        {MASKED("unbounded", "{\"unbounded\":true}"), ""},
        {MASKED("unbounded", "{}"), ""},
        {MASKED("unbounded", "{\"unbounded\":true," TIME("endTime", "2") "}"), ""},
        {MASKED("unbounded,endTime", "{\"unbounded\":true," TIME("endTime", "2") "}"),
         "/stay/unbounded PERIOD_CONTRADICTORY"},
        {REQUEST("{\"unbounded\":true," TIME("endTime", "2") "}"),
         "/stay/unbounded PERIOD_CONTRADICTORY"},
        {REQUEST("{" TIME("endTime", "2") "}"), ""},
        {REQUEST("{" FROM_TO("3", "2") "}"), "/stay/endTime PERIOD_REVERSED"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&cases[i]);
    }
}

/* "name,colour": the fields that a request names. */
static void
check_names(const char *text, const char *expected)
{
    struct fixture f;
    ProtobufCMessage *message;
    char names[256] = "";

    fixture_init(&f, 0);
    message = fixture_read(&f, schema, text);
    for (size_t i = 0; i < thing->n_fields; i++) {
        if (pb_update_names(schema, message, &thing->fields[i])) {
            strcat(names, names[0] == '\0' ? "" : ",");
            strcat(names, thing->fields[i].name);
        }
    }
    cr_expect_str_eq(names, expected, "%s: %s", text, names);
    fixture_fini(&f);
}

Test(update, without_a_mask_what_has_a_value_is_named)
{
    check_names(REQUEST("{}"), "");
    check_names(REQUEST("{\"name\":\"a\",\"unbounded\":true,\"colour\":\"RED\"}"),
                "name,unbounded,colour");
    check_names(REQUEST("{\"name\":\"\",\"unbounded\":false,\"pairs\":{}}"), "");
    check_names(REQUEST("{\"pairs\":{\"a\":\"\"}," TIME("startTime", "1") "}"), "start_time,pairs");
}

Test(update, with_a_mask_only_what_it_lists_is_named)
{
    check_names(MASKED("", "{\"name\":\"a\"}"), "");
    check_names(MASKED("startTime,pairs", "{\"name\":\"a\"}"), "start_time,pairs");
    check_names(MASKED("pairs,name", "{}"), "name,pairs");
}

Test(update, an_empty_mask_survives_the_wire)
{
    struct fixture f;
    ProtobufCMessage *message;
    uint8_t packed[128];
    size_t bytes;

    fixture_init(&f, 0);
    message = fixture_read(&f, schema, MASKED("", "{\"name\":\"a\"}"));
    bytes = protobuf_c_message_pack(message, packed);
    cr_assert_eq(pb_unpack(&f.arena, schema, packed, bytes, &message), STATUS_OK);
    cr_assert_not_null(pb_update_mask(schema, message));
    cr_assert_eq(pb_update_mask(schema, message)->n_paths, 0);
    cr_assert_not(pb_update_names(schema, message, &thing->fields[0]));
    fixture_fini(&f);
}

Test(update, a_path_is_written_as_json_has_it_and_cut)
{
    char out[PB_PATH_TEXT_BYTES], long_path[400];

    pb_update_path_write("start_time.seconds", out);
    cr_assert_str_eq(out, "startTime.seconds");
    pb_update_path_write("a_", out);
    cr_assert_str_eq(out, "a_");
    memset(long_path, 'a', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    pb_update_path_write(long_path, out);
    cr_assert_eq(strlen(out), PB_PATH_TEXT_BYTES - 1);
}

/* --- what a document names --- */

static void
check_document(const char *text, const char *expected)
{
    struct fixture f;
    ProtobufCMessage *message;
    const uint64_t *named = NULL;
    char names[256] = "";

    fixture_init(&f, 0);
    cr_assert_eq(pb_json_read_named(&f.call, thing, "/stay", text, strlen(text), &message, &named),
                 STATUS_OK);
    for (size_t i = 0; named != NULL && i < thing->n_fields; i++) {
        if ((named[0] >> i & 1) != 0) {
            strcat(names, names[0] == '\0' ? "" : ",");
            strcat(names, thing->fields[i].name);
        }
    }
    cr_expect_str_eq(names, expected, "%s: %s", text, names);
    fixture_fini(&f);
}

Test(update, a_document_names_its_members_also_null_and_refused_ones)
{
    check_document("{}", "");
    check_document("{\"name\":\"a\"}", "name");
    check_document("{\"start_time\":null,\"name\":\"\"}", "name,start_time");
    check_document("{\"name\":7,\"made\":\"x\",\"nothing\":1}", "name,made");
    check_document("{\"pairs\":{\"note\":\"x\"}}", "pairs");
    check_document("[]", "");
    check_document("null", "");
}
