#include "fixture.h"

#include <pthread.h>

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"

struct rule_case {
    const char *text; /* read first */
    const char *said; /* by both; "" if nothing */
};

/* The fields of Ruled that are required or whose empty value is not allowed. */
#define FILLED                                                                                     \
    "\"requiredString\":\"a\",\"requiredInner\":{},\"shortString\":\"ab\",\"shortBytes\":"         \
    "\"AAAA\","                                                                                    \
    "\"large\":\"5\",\"coded\":\"AB1\",\"listed\":\"one\","                                        \
    "\"uuid\":\"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5f\",\"requiredList\":[\"a\"],"                  \
    "\"colour\":\"RED\",\"oneToThree\":1"

static void
check(const struct pb_message *schema, const char *text, const char *said)
{
    struct fixture f;
    ProtobufCMessage *message;
    enum status status;

    fixture_init(&f, 0);
    message = fixture_read(&f, schema, text);
    status = pb_validate(&f.call, schema, message);
    cr_assert_str_eq(fixture_said(&f), said, "%s: %s", text, f.said);
    cr_assert_eq(status, said[0] == '\0' ? STATUS_OK : STATUS_INVALID_ARGUMENT);
    fixture_fini(&f);
}

Test(validate, rules)
{
    static const struct rule_case cases[] = {
        {"{" FILLED "}", ""},
        {"{}", "/requiredString REQUIRED, /requiredInner REQUIRED, /shortString TOO_SHORT, "
               "/shortBytes TOO_SHORT, /large OUT_OF_RANGE, /coded BAD_FORMAT, "
               "/listed UNKNOWN_VALUE, /uuid BAD_FORMAT, /requiredList REQUIRED, "
               "/colour REQUIRED, /oneToThree OUT_OF_RANGE"},
        {"{" FILLED ",\"small\":-5}", ""},
        {"{" FILLED ",\"small\":10}", ""},
        {"{" FILLED ",\"small\":-6}", "/small OUT_OF_RANGE"},
        {"{" FILLED ",\"small\":11}", "/small OUT_OF_RANGE"},
        {"{" FILLED ",\"real\":1}", ""},
        {"{" FILLED ",\"real\":1.0000001}", "/real OUT_OF_RANGE"},
        {"{" FILLED ",\"real\":-0.1}", "/real OUT_OF_RANGE"},
        {"{" FILLED ",\"real\":\"NaN\"}", "/real OUT_OF_RANGE"},
        {"{" FILLED ",\"real\":\"Infinity\"}", "/real OUT_OF_RANGE"},
        {"{" FILLED ",\"few\":[\"abc\",\"d\"]}", ""},
        {"{" FILLED ",\"few\":[\"a\",\"b\",\"c\"]}", "/few TOO_MANY"},
        {"{" FILLED ",\"few\":[\"a\",\"bcde\"]}", "/few/1 TOO_LONG"},
        {"{" FILLED ",\"few\":[1,\"bcde\"]}", "/few/0 WRONG_TYPE, /few/1 TOO_LONG"},
        {"{" FILLED ",\"pairs\":{\"abc\":\"abcd\",\"b\":\"\"}}", ""},
        {"{" FILLED ",\"pairs\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}", "/pairs TOO_MANY"},
        {"{" FILLED ",\"pairs\":{\"abcd\":\"\"}}", "/pairs/abcd TOO_LONG"},
        {"{" FILLED ",\"pairs\":{\"a/~\":\"abcde\"}}", "/pairs/a~1~0 TOO_LONG"},
        {"{" FILLED ",\"pairs\":{\"abcd\":\"abcde\"}}", "/pairs/abcd TOO_LONG"},
        {"{" FILLED ",\"pairs\":{\"abcd\":5}}", "/pairs/abcd WRONG_TYPE"},
        {"{" FILLED ",\"secret\":\"a\"}", ""},
        {"{" FILLED ",\"made\":\"a\"}", "/made READ_ONLY"},
        {"{" FILLED ",\"maybe\":\"ab\"}", ""},
        {"{" FILLED ",\"maybe\":null}", ""},
        {"{" FILLED ",\"maybe\":\"a\"}", "/maybe TOO_SHORT"},
        {"{" FILLED ",\"maybe\":\"abcde\"}", "/maybe TOO_LONG"},
        {"{" FILLED ",\"choiceText\":\"abc\"}", ""},
        {"{" FILLED ",\"choiceText\":\"abcd\"}", "/choiceText TOO_LONG"},
        {"{" FILLED ",\"choiceRuled\":{" FILLED "}}", ""},
        {"{" FILLED ",\"choiceRuled\":{" FILLED ",\"small\":99}}",
         "/choiceRuled/small OUT_OF_RANGE"},
        {"{" FILLED ",\"smalls\":[0,9]}", ""},
        {"{" FILLED ",\"smalls\":[-1,9,10]}", "/smalls/0 OUT_OF_RANGE, /smalls/2 OUT_OF_RANGE"},
        {"{" FILLED ",\"spans\":[{\"unbounded\":true},{},7]}",
         "/spans/2 WRONG_TYPE, /spans/1 PERIOD_MISSING"},
        {"{" FILLED ",\"namedSpans\":{\"a/b\":{}}}", "/namedSpans/a~1b PERIOD_MISSING"},
        {"{" FILLED ",\"howLong\":\"1s\"}", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(&depot__test__v1__ruled__schema, cases[i].text, cases[i].said);
    }
}

/* One field after the other, the rest being as it must be. */
Test(validate, texts)
{
    static const struct {
        const char *field, *value, *said;
    } cases[] = {
        {"shortString", "\"abcd\"", ""},
        {"shortString", "\"abcde\"", "/shortString TOO_LONG"},
        {"shortString", "\"a\"", "/shortString TOO_SHORT"},
        /* Four characters of sixteen bytes, one of four. */
        {"shortString", "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"", ""},
        {"shortString", "\"\xf0\x9f\x98\x80\"", "/shortString TOO_SHORT"},
        {"shortString", "\"e\\u0301e\\u0301\"", ""},
        {"shortString", "\"e\\u0301e\\u0301e\"", "/shortString TOO_LONG"},
        {"shortBytes", "\"AAA=\"", ""},
        {"shortBytes", "\"AAAAAA==\"", ""},
        {"shortBytes", "\"AA==\"", "/shortBytes TOO_SHORT"},
        {"shortBytes", "\"AAAAAAA=\"", "/shortBytes TOO_LONG"},
        {"coded", "\"ZZ123\"", ""},
        {"coded", "\"ZZ123x\"", "/coded BAD_FORMAT"},
        {"coded", "\"zz1\"", "/coded BAD_FORMAT"},
        {"coded", "\"\"", "/coded BAD_FORMAT"},
        {"listed", "\"two\"", ""},
        {"listed", "\"three\"", "/listed UNKNOWN_VALUE"},
        {"listed", "\"tw\"", "/listed UNKNOWN_VALUE"},
        {"listed", "\"two \"", "/listed UNKNOWN_VALUE"},
        {"uuid", "\"0190D3A4-7B1C-7CC2-8F6E-3A1B2C3D4E5F\"", ""},
        {"uuid", "\"0190d3a47b1c7cc28f6e3a1b2c3d4e5f\"", "/uuid BAD_FORMAT"},
        {"uuid", "\"0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5g\"", "/uuid BAD_FORMAT"},
        {"uuid", "\"{190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5}\"", "/uuid BAD_FORMAT"},
        {"requiredString", "\"\"", "/requiredString REQUIRED"},
        {"requiredString", "null", "/requiredString REQUIRED"},
        {"requiredString", "7", "/requiredString WRONG_TYPE"},
        {"requiredInner", "null", "/requiredInner REQUIRED"},
        {"requiredInner", "[]", "/requiredInner WRONG_TYPE"},
        {"requiredList", "[]", "/requiredList REQUIRED"},
        {"requiredList", "[\"\"]", ""},
        {"requiredList", "{}", "/requiredList WRONG_TYPE"},
        {"colour", "0", "/colour REQUIRED"},
        {"colour", "\"COLOUR_UNSPECIFIED\"", "/colour REQUIRED"},
        {"colour", "\"PINK\"", "/colour UNKNOWN_VALUE"},
        {"large", "9223372036854775807", ""},
        {"large", "9223372036854775808", "/large OUT_OF_RANGE"},
        {"large", "4", "/large OUT_OF_RANGE"},
        {"oneToThree", "3", ""},
        {"oneToThree", "4", "/oneToThree OUT_OF_RANGE"},
        {"oneToThree", "\"4x\"", "/oneToThree WRONG_TYPE"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *json = json_loads("{" FILLED "}", 0, NULL);
        json_t *value = json_loads(cases[i].value, JSON_DECODE_ANY, NULL);
        char *text;

        cr_assert_not_null(json);
        if (value == NULL) { /* a number that jansson cannot hold */
            value = json_string(cases[i].value);
        }
        json_object_set_new(json, cases[i].field, value);
        text = json_dumps(json, 0);
        check(&depot__test__v1__ruled__schema, text, cases[i].said);
        free(text);
        json_decref(json);
    }
}

Test(validate, periods)
{
    static const struct {
        const struct pb_message *schema;
        const char *text, *said;
    } cases[] = {
        {&depot__test__v1__span__schema, "{}", " PERIOD_MISSING"},
        {&depot__test__v1__span__schema, "{\"unbounded\":false}", " PERIOD_MISSING"},
        {&depot__test__v1__span__schema, "{\"unbounded\":true}", ""},
        {&depot__test__v1__span__schema, "{\"startTime\":\"2026-03-01T09:00:00Z\"}", ""},
        {&depot__test__v1__span__schema, "{\"endTime\":\"2026-03-01T09:00:00Z\"}", ""},
        {&depot__test__v1__span__schema,
         "{\"startTime\":\"2026-03-01T09:00:00Z\",\"endTime\":\"2026-03-01T09:00:00.000001Z\"}",
         ""},
        {&depot__test__v1__span__schema,
         "{\"startTime\":\"2026-03-01T09:00:00Z\",\"endTime\":\"2026-03-01T10:00:00+01:00\"}",
         "/endTime PERIOD_EMPTY"},
        {&depot__test__v1__span__schema,
         "{\"startTime\":\"2026-03-01T09:00:00.5Z\",\"endTime\":\"2026-03-01T09:00:00.4Z\"}",
         "/endTime PERIOD_REVERSED"},
        {&depot__test__v1__span__schema,
         "{\"startTime\":\"2026-03-02T09:00:00Z\",\"endTime\":\"2026-03-01T09:00:00Z\"}",
         "/endTime PERIOD_REVERSED"},
        {&depot__test__v1__span__schema,
         "{\"unbounded\":true,\"startTime\":\"2026-03-01T09:00:00Z\"}",
         "/unbounded PERIOD_CONTRADICTORY"},
        {&depot__test__v1__span__schema,
         "{\"unbounded\":true,\"endTime\":\"2026-03-01T09:00:00Z\"}",
         "/unbounded PERIOD_CONTRADICTORY"},
        {&depot__test__v1__span__schema, "{\"startTime\":\"soon\"}", "/startTime BAD_TIMESTAMP"},
        {&depot__test__v1__span__schema, "{\"startTime\":7}", "/startTime WRONG_TYPE"},
        {&depot__test__v1__span__schema,
         "{\"unbounded\":true,\"endTime\":\"never\",\"startTime\":\"2026-03-01T09:00:00Z\"}",
         "/endTime BAD_TIMESTAMP"},
        {&depot__test__v1__span__schema, "{\"unbounded\":\"yes\"}", "/unbounded WRONG_TYPE"},
        {&depot__test__v1__window__schema, "{}", ""},
        {&depot__test__v1__window__schema, "{\"toTime\":\"2026-03-01T09:00:00Z\"}", ""},
        {&depot__test__v1__window__schema,
         "{\"toTime\":\"2026-03-01T09:00:00Z\",\"fromTime\":\"2026-03-01T09:00:00Z\"}",
         "/toTime PERIOD_EMPTY"},
        {&depot__test__v1__window__schema,
         "{\"toTime\":\"2026-03-01T09:00:00Z\",\"fromTime\":\"2026-03-01T09:00:01Z\"}",
         "/toTime PERIOD_REVERSED"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(cases[i].schema, cases[i].text, cases[i].said);
    }
}

#define TEXT(literal) ((char *)(uintptr_t)(literal))

/* Fills what a path would fill. */
static Depot__Inventory__V1__CreateAllocationRequest
allocation_request(Depot__Inventory__V1__Allocation *allocation)
{
    Depot__Inventory__V1__CreateAllocationRequest request =
        DEPOT__INVENTORY__V1__CREATE_ALLOCATION_REQUEST__INIT;

    request.type = TEXT("cars");
    request.resource_id = TEXT("0190d3a4-7b1c-7cc2-8f6e-3a1b2c3d4e5f");
    request.allocation = allocation;
    return request;
}

static void
check_request(const Depot__Inventory__V1__CreateAllocationRequest *request, const char *said,
              const struct reason *reason)
{
    struct fixture f;
    enum status status;

    fixture_init(&f, 0);
    status = pb_validate(&f.call, &depot__inventory__v1__create_allocation_request__schema,
                         &request->base);
    cr_assert_str_eq(fixture_said(&f), said);
    cr_assert_eq(status, reason == NULL ? STATUS_OK : reason->code);
    cr_assert_eq(f.call.problem.reason, reason);
    fixture_fini(&f);
}

Test(validate, a_booking)
{
    Depot__Inventory__V1__Allocation allocation = DEPOT__INVENTORY__V1__ALLOCATION__INIT;
    Depot__Inventory__V1__CreateAllocationRequest request = allocation_request(&allocation);
    Google__Protobuf__Timestamp start = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Timestamp end = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    check_request(&request, "/allocation PERIOD_MISSING", &reason_period_missing);
    allocation.unbounded = true;
    check_request(&request, "", NULL);
    allocation.start_time = &start;
    check_request(&request, "/allocation/unbounded PERIOD_CONTRADICTORY",
                  &reason_period_contradictory);
    allocation.unbounded = false;
    check_request(&request, "", NULL);
    allocation.end_time = &end;
    check_request(&request, "/allocation/endTime PERIOD_EMPTY", &reason_period_empty);
    end.seconds = -1;
    check_request(&request, "/allocation/endTime PERIOD_REVERSED", &reason_period_reversed);
    end.nanos = 1;
    check_request(&request, "/allocation/endTime BAD_TIMESTAMP", &reason_bad_timestamp);
    end.nanos = 0;
    end.seconds = 1;
    allocation.kind = (Depot__Inventory__V1__Allocation__Kind)9;
    check_request(&request, "/allocation/kind UNKNOWN_VALUE", &reason_unknown_value);
    allocation.kind = DEPOT__INVENTORY__V1__ALLOCATION__KIND__BOOKING;
    allocation.id = TEXT("x");
    allocation.create_time = &start;
    check_request(&request, "/allocation/id READ_ONLY, /allocation/createTime READ_ONLY",
                  &reason_read_only);
    allocation.kind = (Depot__Inventory__V1__Allocation__Kind)9;
    check_request(&request,
                  "/allocation/id READ_ONLY, /allocation/kind UNKNOWN_VALUE, "
                  "/allocation/createTime READ_ONLY",
                  &reason_validation_failed);
    request.allocation = NULL;
    check_request(&request, "/allocation REQUIRED", &reason_required);
}

Test(validate, what_cannot_exist_is_not_found_whatever_else_is_wrong)
{
    Depot__Inventory__V1__CreateAllocationRequest request = allocation_request(NULL);

    request.resource_id = TEXT("7");
    check_request(&request, "", &reason_resource_not_found);
    request.type = TEXT("boats");
    check_request(&request, "", &reason_resource_type_unknown);
    request.type = TEXT("");
    check_request(&request, "", &reason_resource_type_unknown);
}

Test(validate, attributes_have_bounds)
{
    struct fixture f;
    struct buf text = BUF_INIT;
    ProtobufCMessage *message;

    buf_puts(&text, "{\"name\":\"");
    for (int i = 0; i < 64; i++) {
        buf_puts(&text, "\xc3\xa4");
    }
    buf_puts(&text, "\",\"attributes\":{\"k\":\"v\"");
    for (int i = 1; i < 33; i++) {
        buf_printf(&text, ",\"k%d\":\"v\"", i);
    }
    buf_puts(&text, "}}");
    buf_putc(&text, '\0');
    fixture_init(&f, 0);
    message = fixture_read(&f, &depot__inventory__v1__resource__schema, text.data);
    cr_assert_eq(pb_validate(&f.call, &depot__inventory__v1__resource__schema, message),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_str_eq(fixture_said(&f), "/attributes TOO_MANY");
    fixture_fini(&f);
    buf_fini(&text);
}

Test(validate, only_some_fields)
{
    const struct pb_message *schema = &depot__inventory__v1__create_allocation_request__schema;
    static const int16_t path[] = {0, 1, -1}, none[] = {-1};
    Depot__Inventory__V1__CreateAllocationRequest request = allocation_request(NULL);
    struct fixture f;

    fixture_init(&f, 0);
    cr_assert_eq(pb_validate_fields(&f.call, schema, &request.base, path), STATUS_OK);
    request.type = TEXT("boats");
    cr_assert_eq(pb_validate_fields(&f.call, schema, &request.base, none), STATUS_OK);
    cr_assert_eq(pb_validate_fields(&f.call, schema, &request.base, path), STATUS_NOT_FOUND);
    cr_assert_eq(f.call.problem.reason, &reason_resource_type_unknown);
    fixture_fini(&f);
}

Test(validate, values_of_peers)
{
    Depot__Test__V1__Ruled ruled = DEPOT__TEST__V1__RULED__INIT;
    Depot__Test__V1__Everything message = DEPOT__TEST__V1__EVERYTHING__INIT;
    Depot__Test__V1__Colour colours[] = {DEPOT__TEST__V1__COLOUR__RED, (Depot__Test__V1__Colour)41};
    Depot__Test__V1__Everything__ColoursByUint64Entry entry =
        DEPOT__TEST__V1__EVERYTHING__COLOURS_BY_UINT64_ENTRY__INIT;
    Depot__Test__V1__Everything__ColoursByUint64Entry *entries[] = {&entry};
    Depot__Test__V1__Everything__InnersByInt32Entry no_value =
        DEPOT__TEST__V1__EVERYTHING__INNERS_BY_INT32_ENTRY__INIT;
    Depot__Test__V1__Everything__InnersByInt32Entry *no_values[] = {&no_value};
    Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
    struct fixture f;

    fixture_init(&f, 0);
    message.n_colours = 2;
    message.colours = colours;
    entry.key = UINT64_MAX;
    entry.value = (Depot__Test__V1__Colour)-7;
    message.n_colours_by_uint64 = 1;
    message.colours_by_uint64 = entries;
    message.n_inners_by_int32 = 1;
    message.inners_by_int32 = no_values;
    duration.seconds = 1;
    duration.nanos = -1;
    message.a_duration = &duration;
    cr_assert_eq(pb_validate(&f.call, &depot__test__v1__everything__schema, &message.base),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_str_eq(fixture_said(&f),
                     "/colours/1 UNKNOWN_VALUE, /coloursByUint64/18446744073709551615 "
                     "UNKNOWN_VALUE, /aDuration OUT_OF_RANGE");
    ruled.made = TEXT("x");
    cr_assert_eq(pb_validate(&f.call, &depot__test__v1__ruled__schema, &ruled.base),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_not_null(strstr(fixture_said(&f), "/made READ_ONLY"));
    fixture_fini(&f);
}

Test(validate, no_memory_for_a_violation_still_refuses)
{
    const struct pb_message *schema = &depot__test__v1__span__schema;
    Depot__Test__V1__Span span = DEPOT__TEST__V1__SPAN__INIT;

    for (size_t cap = 8; cap < 2048; cap += 8) {
        struct fixture f;

        fixture_init(&f, cap);
        cr_assert_eq(pb_validate(&f.call, schema, &span.base), STATUS_INVALID_ARGUMENT);
        cr_assert_eq(f.call.problem.reason, &reason_period_missing);
        cr_assert_not_null(f.call.problem.detail);
        fixture_fini(&f);
    }
}

static void *
validate_many(void *result)
{
    for (int i = 0; i < 200; i++) {
        struct fixture f;
        enum status status;

        fixture_init(&f, 0);
        status = pb_validate(&f.call, &depot__test__v1__ruled__schema,
                             fixture_read(&f, &depot__test__v1__ruled__schema, "{" FILLED "}"));
        *(bool *)result &= status == STATUS_OK;
        fixture_fini(&f);
    }
    return NULL;
}

Test(validate, patterns_are_compiled_once_by_any_thread)
{
    pthread_t threads[4];
    bool results[4] = {true, true, true, true};

    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, validate_many, &results[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        cr_assert(results[i]);
    }
}
