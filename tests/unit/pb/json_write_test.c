#include "fixture.h"

#include <float.h>
#include <math.h>

#include "depot/inventory/v1/inventory.pb-c.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "pb/number.h"

static void
writes(const struct pb_message *schema, const void *message, const char *wanted)
{
    char *written = fixture_write(schema, message);

    cr_assert_str_eq(written, wanted);
    free(written);
}

Test(json_write, a_vehicle)
{
    Depot__Inventory__V1__Resource__AttributesEntry entry =
        DEPOT__INVENTORY__V1__RESOURCE__ATTRIBUTES_ENTRY__INIT;
    Depot__Inventory__V1__Resource__AttributesEntry *entries[] = {&entry};
    Depot__Inventory__V1__Resource resource = DEPOT__INVENTORY__V1__RESOURCE__INIT;
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    writes(&depot__inventory__v1__resource__schema, &resource,
           "{\"id\":\"\",\"type\":\"\",\"name\":\"\",\"description\":\"\",\"attributes\":{}}");
    entry.key = (char *)(uintptr_t) "colour";
    entry.value = (char *)(uintptr_t) "\"red\"\n";
    resource.name = (char *)(uintptr_t) "B-\xc3\x84 1";
    resource.n_attributes = 1;
    resource.attributes = entries;
    time.seconds = 1772355600;
    resource.create_time = &time;
    writes(&depot__inventory__v1__resource__schema, &resource,
           "{\"id\":\"\",\"type\":\"\",\"name\":\"B-\xc3\x84 1\",\"description\":\"\","
           "\"attributes\":{\"colour\":\"\\\"red\\\"\\n\"},"
           "\"createTime\":\"2026-03-01T09:00:00Z\"}");
}

Test(json_write, what_is_only_for_requests_is_left_out)
{
    Depot__Inventory__V1__Allocation allocation = DEPOT__INVENTORY__V1__ALLOCATION__INIT;

    allocation.unbounded = true;
    allocation.kind = DEPOT__INVENTORY__V1__ALLOCATION__KIND__MAINTENANCE;
    writes(&depot__inventory__v1__allocation__schema, &allocation,
           "{\"id\":\"\",\"resourceType\":\"\",\"resourceId\":\"\",\"kind\":\"MAINTENANCE\","
           "\"description\":\"\",\"attributes\":{},\"ownerId\":\"\"}");
}

Test(json_write, versions_are_members_only_of_the_whole)
{
    Depot__Test__V1__Versioned part = DEPOT__TEST__V1__VERSIONED__INIT;
    Depot__Test__V1__Versioned *parts[] = {&part};
    Depot__Test__V1__Versioned message = DEPOT__TEST__V1__VERSIONED__INIT;
    struct buf out = BUF_INIT;

    part.version = (char *)(uintptr_t) "2";
    message.version = (char *)(uintptr_t) "1";
    message.n_parts = 1;
    message.parts = parts;
    writes(&depot__test__v1__versioned__schema, &message,
           "{\"name\":\"\",\"parts\":[{\"name\":\"\",\"parts\":[]}]}");
    pb_json_write_whole(&out, &depot__test__v1__versioned__schema, &message.base);
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, "{\"name\":\"\",\"version\":\"1\",\"parts\":[{\"name\":\"\","
                               "\"version\":\"2\",\"parts\":[]}]}");
    buf_fini(&out);
}

Test(json_write, members_extend_an_object)
{
    Depot__Inventory__V1__AllocationOverlap overlap =
        DEPOT__INVENTORY__V1__ALLOCATION_OVERLAP__INIT;
    Google__Protobuf__Empty empty = GOOGLE__PROTOBUF__EMPTY__INIT;
    const struct pb_message *nothing =
        pb_field_named(&depot__test__v1__everything__schema, "an_empty", 8)->message;
    struct buf out = BUF_INIT;

    buf_puts(&out, "{\"a\":1");
    pb_json_write_members(&out, &depot__inventory__v1__allocation_overlap__schema, &overlap.base);
    pb_json_write_members(&out, nothing, &empty.base);
    buf_putc(&out, '}');
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, "{\"a\":1,\"conflicts\":[]}");
    buf_fini(&out);
}

static void
writes_styled(const Depot__Test__V1__Linked *linked, const struct pb_json_style *style,
              const char *wanted)
{
    struct buf out = BUF_INIT;

    pb_json_write_styled(&out, &depot__test__v1__linked__schema, &linked->base, style);
    buf_putc(&out, '\0');
    cr_assert_str_eq(out.data, wanted);
    buf_fini(&out);
}

Test(json_write, paths_become_links_for_those_who_need_them)
{
    Depot__Test__V1__Linked linked = DEPOT__TEST__V1__LINKED__INIT;
    Google__Protobuf__StringValue next = GOOGLE__PROTOBUF__STRING_VALUE__INIT;
    char *pages[] = {(char *)(uintptr_t) "/a?b=\"", (char *)(uintptr_t) ""};
    const struct pb_json_style links = {.link_prefix = "https://h"};

    writes_styled(&linked, &links, "{\"self\":\"\",\"pages\":[],\"plain\":\"\"}");
    linked.version = (char *)(uintptr_t) "7";
    linked.self = linked.plain = (char *)(uintptr_t) "/v1/x";
    linked.pages = pages;
    linked.n_pages = 2;
    next.value = (char *)(uintptr_t) "/n";
    linked.next = &next;
    writes_styled(&linked, &links,
                  "{\"self\":\"https://h/v1/x\",\"pages\":[\"https://h/a?b=\\\"\",\"\"],"
                  "\"next\":\"https://h/n\",\"plain\":\"/v1/x\"}");
    writes(&depot__test__v1__linked__schema, &linked,
           "{\"self\":\"/v1/x\",\"pages\":[\"/a?b=\\\"\",\"\"],\"next\":\"/n\","
           "\"plain\":\"/v1/x\"}");
    writes_styled(&linked, &(struct pb_json_style){.versions = true},
                  "{\"version\":\"7\",\"self\":\"/v1/x\",\"pages\":[\"/a?b=\\\"\",\"\"],"
                  "\"next\":\"/n\",\"plain\":\"/v1/x\"}");
}

Test(json_write, an_enum_without_a_name_is_a_number)
{
    Depot__Inventory__V1__Allocation allocation = DEPOT__INVENTORY__V1__ALLOCATION__INIT;
    char *written;

    allocation.kind = (Depot__Inventory__V1__Allocation__Kind)77;
    written = fixture_write(&depot__inventory__v1__allocation__schema, &allocation.base);
    cr_assert_not_null(strstr(written, "\"kind\":77,"));
    free(written);
}

Test(json_write, strings_that_are_no_utf_8_are_mended)
{
    Depot__Test__V1__Inner inner = DEPOT__TEST__V1__INNER__INIT;

    inner.name = (char *)(uintptr_t) "a\xff\xc3(\xed\xa0\x80z\xe2\x82";
    writes(&depot__test__v1__inner__schema, &inner,
           "{\"name\":\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"
           "\xef\xbf\xbd\xef\xbf\xbd\",\"size\":0}");
    inner.name = NULL;
    writes(&depot__test__v1__inner__schema, &inner, "{\"name\":\"\",\"size\":0}");
}

Test(json_write, a_map_value_that_is_unset_is_empty)
{
    Depot__Test__V1__Everything__InnersByInt32Entry inner =
        DEPOT__TEST__V1__EVERYTHING__INNERS_BY_INT32_ENTRY__INIT;
    Depot__Test__V1__Everything__InnersByInt32Entry *inners[] = {&inner};
    Depot__Test__V1__Everything__TimesByStringEntry time =
        DEPOT__TEST__V1__EVERYTHING__TIMES_BY_STRING_ENTRY__INIT;
    Depot__Test__V1__Everything__TimesByStringEntry *times[] = {&time};
    Depot__Test__V1__Everything message = DEPOT__TEST__V1__EVERYTHING__INIT;
    char *written;

    message.n_inners_by_int32 = 1;
    message.inners_by_int32 = inners;
    message.n_times_by_string = 1;
    message.times_by_string = times;
    written = fixture_write(&depot__test__v1__everything__schema, &message.base);
    cr_assert_not_null(strstr(written, "\"innersByInt32\":{\"0\":{\"name\":\"\",\"size\":0}}"));
    cr_assert_not_null(strstr(written, "\"timesByString\":{\"\":\"1970-01-01T00:00:00Z\"}"));
    free(written);
}

Test(json_write, whole_numbers)
{
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {9, "9"},
        {10, "10"},
        {-1, "-1"},
        {-10, "-10"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    char out[PB_NUMBER_TEXT_BYTES];
    size_t n;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = pb_number_write_signed(cases[i].value, out);
        cr_assert_eq(n, strlen(cases[i].text));
        cr_assert_arr_eq(out, cases[i].text, n);
    }
    n = pb_number_write_unsigned(UINT64_MAX, out);
    cr_assert_eq(n, 20);
    cr_assert_arr_eq(out, "18446744073709551615", 20);
}

Test(json_write, real_numbers_read_back_as_they_were)
{
    static const double cases[] = {0.1,
                                   1.0 / 3,
                                   1e21,
                                   1e-7,
                                   DBL_MAX,
                                   DBL_MIN,
                                   5e-324,
                                   -0.0,
                                   1e15,
                                   123456789012,
                                   0.30000000000000004,
                                   1e22,
                                   1e23,
                                   -2.5,
                                   4.35,
                                   9007199254740993.0};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[PB_NUMBER_TEXT_BYTES] = {0};
        double back;
        float back_float;
        size_t n = pb_number_write_double(cases[i], out);

        cr_assert_lt(n, sizeof(out));
        cr_assert_eq(pb_number_double(out, n, false, &back), PB_NUMBER_OK, "%s", out);
        cr_assert_eq(back, cases[i], "%s", out);
        cr_assert_eq(signbit(back), signbit(cases[i]));
        if (fabs(cases[i]) < (double)FLT_MAX) {
            memset(out, 0, sizeof(out));
            n = pb_number_write_float((float)cases[i], out);
            cr_assert_eq(pb_number_float(out, n, false, &back_float), PB_NUMBER_OK, "%s", out);
            cr_assert_eq(back_float, (float)cases[i], "%s", out);
        }
    }
}
