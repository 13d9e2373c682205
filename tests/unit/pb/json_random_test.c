/* Random documents, the same at every run, against another reader of JSON. */
#include "fixture.h"

#include <math.h>

#include "pb/json_syntax.h"
#include "pb/wire.h"

static uint64_t state;

static uint64_t
next_random(void)
{
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = state;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned
below(unsigned n)
{
    return (unsigned)(next_random() % n);
}

static const char *
one_of(const char *const *list, size_t n)
{
    return list[below((unsigned)n)];
}

#define ONE_OF(list) one_of(list, sizeof(list) / sizeof((list)[0]))

static void
put_space(struct buf *out)
{
    static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t\r\n "};

    buf_puts(out, ONE_OF(spaces));
}

static void
put_string(struct buf *out)
{
    static const char *const pieces[] = {
        "a",
        "name",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\xc3\xa9",
        "\\u20ac",
        "\\t",
        "{",
        "\\ud83d\\ude00",
        "\xf0\x9f\x98\x80",
        "[,:]}",
        "an_int32",
        "plain text that is long enough to be read by words",
    };
    unsigned n = below(5);

    buf_putc(out, '"');
    for (unsigned i = 0; i < n; i++) {
        buf_puts(out, ONE_OF(pieces));
    }
    buf_putc(out, '"');
}

static void
put_number(struct buf *out)
{
    static const char *const numbers[] = {
        "0",   "-0",   "1",   "-1",     "2147483647", "-2147483649", "9007199254740993", "0.5",
        "1e2", "1E-3", "1.5", "-2.5e1", "123456789",  "1.0",         "100e-2",           "3.14159",
    };

    buf_puts(out, ONE_OF(numbers));
}

static void put_value(struct buf *out, int depth);

static void
put_entries(struct buf *out, int depth, bool object)
{
    unsigned n = below(5);

    buf_putc(out, object ? '{' : '[');
    for (unsigned i = 0; i < n; i++) {
        buf_puts(out, i == 0 ? "" : ",");
        put_space(out);
        if (object) {
            put_string(out);
            put_space(out);
            buf_putc(out, ':');
        }
        put_value(out, depth - 1);
    }
    put_space(out);
    buf_putc(out, object ? '}' : ']');
}

static void
put_value(struct buf *out, int depth)
{
    static const char *const literals[] = {"true", "false", "null"};

    put_space(out);
    switch (below(depth > 0 ? 6 : 4)) {
    case 0:
        buf_puts(out, ONE_OF(literals));
        break;
    case 1:
    case 2:
        put_number(out);
        break;
    case 3:
        put_string(out);
        break;
    default:
        put_entries(out, depth, below(2) == 0);
        break;
    }
    put_space(out);
}

/* Breaks the document a little, mostly. */
static void
mutate(struct buf *text)
{
    static const char alphabet[] = "{}[]\",:\\ \n0123456789.-+eEtfnrul\x01\x80\xc3\xed\xff/";
    unsigned n = below(3);

    for (unsigned i = 0; i < n && text->length_bytes > 0; i++) {
        size_t at = below((unsigned)text->length_bytes);
        char c = alphabet[below(sizeof(alphabet) - 1)];

        switch (below(4)) {
        case 0:
            text->data[at] = c;
            break;
        case 1:
            memmove(text->data + at, text->data + at + 1, text->length_bytes - at - 1);
            text->length_bytes--;
            break;
        case 2:
            buf_putc(text, ' ');
            memmove(text->data + at + 1, text->data + at, text->length_bytes - at - 1);
            text->data[at] = c;
            break;
        default:
            text->length_bytes = at;
            break;
        }
    }
}

/* What jansson refuses although RFC 8259 does not: members that stand twice, numbers that it cannot
 * hold. It stops there, so the rest of the document is not compared. */
static bool
is_jansson_strictness(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);

    return code == json_error_duplicate_key || code == json_error_numeric_overflow;
}

Test(json_random, agrees_on_what_is_json)
{
    int accepted = 0, refused = 0;

    state = 20260301;
    for (int i = 0; i < 20000; i++) {
        struct buf text = BUF_INIT;
        struct pb_json_fault fault;
        json_error_t error;
        json_t *json;
        bool ok;

        put_value(&text, 4);
        mutate(&text);
        buf_putc(&text, '\0');
        text.length_bytes--;
        ok = pb_json_check(text.data, text.length_bytes, &fault);
        json = json_loadb(text.data, text.length_bytes,
                          JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
        if (json != NULL) {
            cr_assert(ok, "%s: %s", text.data, fault.what);
            accepted++;
        } else if (!is_jansson_strictness(&error)) {
            cr_assert_not(ok, "%s: %s", text.data, error.text);
            refused++;
        }
        json_decref(json);
        buf_fini(&text);
    }
    cr_assert_gt(accepted, 3000);
    cr_assert_gt(refused, 3000);
}

/* Any document at all, read as a message: no crash, and what is left reads back. */
Test(json_random, anything_may_be_read)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;
    int read = 0;

    state = 7;
    for (int i = 0; i < 20000; i++) {
        struct fixture f;
        struct buf text = BUF_INIT;
        enum status status;
        ProtobufCMessage *message;

        put_value(&text, 5);
        mutate(&text);
        fixture_init(&f, 0);
        message = fixture_read_status(&f, schema, text.data, text.length_bytes, &status);
        if (status == STATUS_OK) {
            char *written = fixture_write(schema, message);
            json_t *json = json_loads(written, JSON_REJECT_DUPLICATES, NULL);

            cr_assert_not_null(json, "%s", written);
            json_decref(json);
            free(written);
            read++;
        } else {
            cr_assert_eq(status, STATUS_INVALID_ARGUMENT);
            cr_assert_null(message);
        }
        fixture_fini(&f);
        buf_fini(&text);
    }
    cr_assert_gt(read, 3000);
}

/* --- documents that fit the contract --- */

static json_t *
random_text(void)
{
    static const char *const texts[] = {
        "",
        "a",
        "\x01\x1f\x7f",
        "quote \" and \\ and /",
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
        "line\nend",
        "a text of more than eight characters, and then some",
    };

    return json_string(ONE_OF(texts));
}

static json_t *
random_scalar(const ProtobufCFieldDescriptor *field)
{
    static const int64_t numbers[] = {
        0,         1,        -1, 7, 2147483647, -2147483647 - 1, 4294967295, 9007199254740993,
        INT64_MAX, INT64_MIN};
    static const char *const colours[] = {"RED", "GREEN", "VIOLET", "INFRARED",
                                          "COLOUR_UNSPECIFIED"};
    static const char *const bytes[] = {"", "AA==", "AAE=", "AAEC", "/+7dzLuqmYg="};
    static const double reals[] = {0.5, -1.25, 1e100, 0.1, 123456.789};
    int64_t number = numbers[below(10)];
    char text[32];

    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer((int32_t)number);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer((uint32_t)number);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        snprintf(text, sizeof(text), "%lld", (long long)number);
        return json_string(text);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
        return json_string(text);
    case PROTOBUF_C_TYPE_FLOAT:
        return json_real((double)(float)reals[below(2)]);
    case PROTOBUF_C_TYPE_DOUBLE:
        return json_real(reals[below(5)]);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(below(2));
    case PROTOBUF_C_TYPE_ENUM:
        return json_string(ONE_OF(colours));
    case PROTOBUF_C_TYPE_BYTES:
        return json_string(ONE_OF(bytes));
    default:
        return random_text();
    }
}

static json_t *random_message(const struct pb_message *schema, int depth);

static json_t *
random_field(const struct pb_field *field, int depth)
{
    return field->message != NULL ? random_message(field->message, depth - 1)
                                  : random_scalar(field->descriptor);
}

static json_t *
random_map(const struct pb_field *field, int depth)
{
    json_t *object = json_object();

    for (unsigned i = below(4); i > 0; i--) {
        json_t *key = random_scalar(field->message->fields[0].descriptor);
        char *text = json_is_boolean(key)  ? strdup(json_is_true(key) ? "true" : "false")
                     : json_is_string(key) ? strdup(json_string_value(key))
                                           : json_dumps(key, JSON_ENCODE_ANY);

        json_object_set_new(object, text, random_field(&field->message->fields[1], depth));
        json_decref(key);
        free(text);
    }
    return object;
}

static json_t *
random_list(const struct pb_field *field, int depth)
{
    json_t *list = json_array();

    for (unsigned i = below(6); i > 0; i--) {
        json_array_append_new(list, random_field(field, depth));
    }
    return list;
}

static json_t *
random_known(const struct pb_message *schema)
{
    static const char *const times[] = {"2026-03-01T09:00:00Z", "1969-12-31T23:59:59.500Z",
                                        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"};
    static const char *const durations[] = {"0s", "-0.500s", "1s", "315576000000s"};
    static const char *const masks[] = {"", "name", "name,startTime.nanos"};

    switch (schema->known) {
    case PB_TIMESTAMP:
        return json_string(ONE_OF(times));
    case PB_DURATION:
        return json_string(ONE_OF(durations));
    case PB_FIELD_MASK:
        return json_string(ONE_OF(masks));
    case PB_WRAPPER:
        return random_scalar(schema->fields[0].descriptor);
    default:
        return NULL;
    }
}

static json_t *
random_message(const struct pb_message *schema, int depth)
{
    json_t *object = random_known(schema);
    unsigned chosen = below(8); /* of the big oneof */

    if (object != NULL) {
        return object;
    }
    object = json_object();
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct pb_field *field = &schema->fields[i];
        bool in_choice = strncmp(field->name, "choice_", 7) == 0;

        if (in_choice ? field->descriptor->id != 51 + chosen : below(3) != 0) {
            continue;
        }
        if (field->message != NULL && !field->is_map && depth <= 0) {
            continue;
        }
        json_object_set_new(object, field->json_name,
                            field->is_map ? random_map(field, depth)
                            : field->descriptor->label == PROTOBUF_C_LABEL_REPEATED
                                ? random_list(field, depth)
                                : random_field(field, depth));
    }
    return object;
}

static bool covers(json_t *whole, json_t *part);

static bool
covers_list(json_t *whole, json_t *part)
{
    if (json_array_size(whole) != json_array_size(part)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(part); i++) {
        if (!covers(json_array_get(whole, i), json_array_get(part, i))) {
            return false;
        }
    }
    return true;
}

/* Whether all of `part` is in `whole`, which may have more members. */
static bool
covers(json_t *whole, json_t *part)
{
    const char *name;
    json_t *value;

    if (json_is_array(part)) {
        return json_is_array(whole) && covers_list(whole, part);
    }
    if (json_is_number(part)) {
        return json_is_number(whole) && json_number_value(whole) == json_number_value(part);
    }
    if (!json_is_object(part)) {
        return json_equal(whole, part);
    }
    json_object_foreach(part, name, value)
    {
        if (!covers(json_object_get(whole, name), value)) {
            return false;
        }
    }
    return json_is_object(whole);
}

/* Written by jansson, read and written by us, read by jansson: nothing is lost. */
Test(json_random, values_survive)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;

    state = 4711;
    for (int i = 0; i < 3000; i++) {
        json_t *json = random_message(schema, 4);
        char *text = json_dumps(json, below(2) ? JSON_INDENT(2) : JSON_ENSURE_ASCII);
        struct fixture f;
        char *written;
        json_t *back;

        fixture_init(&f, 0);
        written = fixture_write(schema, fixture_read(&f, schema, text));
        cr_assert_str_eq(fixture_said(&f), "", "%s: %s", text, f.said);
        back = json_loads(written, JSON_REJECT_DUPLICATES, NULL);
        cr_assert_not_null(back, "%s", written);
        cr_assert(covers(back, json), "%s\n%s", text, written);
        json_decref(back);
        json_decref(json);
        free(written);
        free(text);
        fixture_fini(&f);
    }
}

/* Packed and unpacked on the way: still the same. */
Test(json_random, values_survive_being_packed)
{
    const struct pb_message *schema = &depot__test__v1__everything__schema;

    state = 1234;
    for (int i = 0; i < 1000; i++) {
        json_t *json = random_message(schema, 4);
        char *text = json_dumps(json, 0);
        struct fixture f;
        ProtobufCMessage *message, *unpacked;
        char *before, *after;
        uint8_t *packed;
        size_t bytes;

        fixture_init(&f, 0);
        message = fixture_read(&f, schema, text);
        before = fixture_write(schema, message);
        packed = pb_pack(&f.arena, message, &bytes);
        cr_assert_not_null(packed);
        cr_assert_eq(pb_unpack(&f.arena, schema, packed, bytes, &unpacked), STATUS_OK, "%s", text);
        memset(packed, 0xff, bytes);
        after = fixture_write(schema, unpacked);
        cr_assert_str_eq(before, after);
        free(before);
        free(after);
        free(text);
        json_decref(json);
        fixture_fini(&f);
    }
}
