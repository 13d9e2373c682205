/* Filters mean what a plain look at the rows says. */
#include "lists.h"

#include "db/params.h"
#include "pb/time.h"

TestSuite(list_filters, .init = lists_open, .fini = lists_close, .timeout = 300);

/* --- a plain look --- */

static bool
compare(enum pb_filter_op op, int order)
{
    switch (op) {
    case PB_FILTER_EQ:
        return order == 0;
    case PB_FILTER_LT:
        return order < 0;
    case PB_FILTER_LE:
        return order <= 0;
    case PB_FILTER_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* The entry's value, or NULL. */
static const char *
entry_of(const struct pb_field *field, const ProtobufCMessage *message, const char *key)
{
    ProtobufCMessage *const *entries;
    size_t n;

    memcpy(&entries, (const char *)message + field->descriptor->offset, sizeof(entries));
    memcpy(&n, (const char *)message + field->descriptor->quantifier_offset, sizeof(n));
    for (size_t i = 0; i < n; i++) {
        const struct pb_field *parts = field->message->fields;

        if (strcmp(*(char *const *)pb_member_const(&parts[0], entries[i]), key) == 0) {
            return *(char *const *)pb_member_const(&parts[1], entries[i]);
        }
    }
    return NULL;
}

static int64_t
us_of(const char *text)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    cr_assert(pb_time_parse(text, strlen(text), &time));
    return time.seconds * 1000000 + time.nanos / 1000;
}

static bool
holds_comparison(const struct pb_filter *filter, const ProtobufCMessage *message)
{
    const char *text = NULL;
    bool exhausted = false;

    if (filter->op == PB_FILTER_NE) {
        struct pb_filter same = *filter;

        same.op = PB_FILTER_EQ;
        return !holds_comparison(&same, message);
    }
    if (filter->key != NULL) {
        text = entry_of(filter->field, message, filter->key);
    } else {
        cr_assert(db_field_text(&memory, filter->field, message, &text, &exhausted));
    }
    if (filter->op == PB_FILTER_PRESENT) {
        bool is_empty = filter->key == NULL && text != NULL && text[0] == '\0';

        return text != NULL && !is_empty;
    }
    if (text == NULL) {
        return false;
    }
    if (pb_filter_type_of(filter->field) == PB_FILTER_TIME) {
        int64_t left = us_of(text);
        int64_t right = us_of(filter->value);

        return compare(filter->op, (left > right) - (left < right));
    }
    return filter->op == PB_FILTER_HAS ? strstr(text, filter->value) != NULL
                                       : compare(filter->op, strcmp(text, filter->value));
}

static bool
holds(const struct pb_filter *filter, const ProtobufCMessage *message)
{
    switch (filter->kind) {
    case PB_FILTER_COMPARE:
        return holds_comparison(filter, message);
    case PB_FILTER_NOT:
        return !holds(filter->operands, message);
    default:
        for (const struct pb_filter *part = filter->operands; part != NULL; part = part->next) {
            if (holds(part, message) == (filter->kind == PB_FILTER_OR)) {
                return filter->kind == PB_FILTER_OR;
            }
        }
        return filter->kind == PB_FILTER_AND;
    }
}

/* --- filters by chance --- */

/* The same in every run. */
static uint32_t state = 160;

static unsigned
chance(unsigned n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % n;
}

static const char *
one_of(const char *const *texts)
{
    unsigned n = 0;

    while (texts[n] != NULL) {
        n++;
    }
    return texts[chance(n)];
}

static const char *const some_texts[] = {
    "a",    "b",    "ab",       "A", "Z", "%",   "_",  "'",
    "\\\"", "\\\\", "\xc3\xbc", "",  "*", "a b", "$1", "\xf0\x9f\x9a\x97",
    "10",   "9",    "--",       "?", NULL};
static const char *const some_times[] = {"2030-01-01T00:00:00Z", "2030-01-03T00:00:00Z",
                                         "2030-01-05T12:00:00.000001Z", "2030-01-04T01:00:00+01:00",
                                         NULL};
static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">=", NULL};

static void
write_text_comparison(struct buf *out, const char *field)
{
    bool has = chance(4) == 0;

    if (has && chance(2) == 0) {
        buf_printf(out, "%s:*", field);
    } else {
        buf_printf(out, "%s %s \"%s\"", field, has ? ":" : one_of(signs), one_of(some_texts));
    }
}

static void
write_comparison(struct buf *out, bool of_cars)
{
    static const char *const texts[] = {
        "name", "description", "attributes.a", "attributes.\"b c\"", "attributes.'$1'", NULL};
    static const char *const times[] = {"start_time", "endTime", "create_time", NULL};

    if (of_cars || chance(4) == 0) {
        write_text_comparison(out, of_cars ? one_of(texts) : "description");
    } else if (chance(4) == 0) {
        buf_printf(out, "kind %s %s",
                   chance(2) == 0 ? "=" : "!=", chance(2) == 0 ? "BOOKING" : "MAINTENANCE");
    } else if (chance(4) == 0) {
        buf_printf(out, "%s:*", one_of(times));
    } else {
        buf_printf(out, "%s %s %s", one_of(times), one_of(signs), one_of(some_times));
    }
}

static void
write_filter(struct buf *out, bool of_cars, unsigned depth)
{
    unsigned n = 1 + chance(3);

    for (unsigned i = 0; i < n; i++) {
        if (i > 0) {
            buf_puts(out, chance(2) == 0 ? " AND " : " OR ");
        }
        if (chance(4) == 0) {
            buf_puts(out, chance(2) == 0 ? "NOT " : "-");
        }
        if (depth > 0 && chance(3) == 0) {
            buf_putc(out, '(');
            write_filter(out, of_cars, depth - 1);
            buf_putc(out, ')');
        } else {
            write_comparison(out, of_cars);
        }
    }
}

/* --- rows --- */

#define QUOTED_TEXTS                                                                               \
    "(ARRAY['a', 'b', 'ab', 'A', 'Z', '%', '_', '''', '\"', '\\', '\xc3\xbc', '', '*', 'a b', "    \
    "'$1', '\xf0\x9f\x9a\x97', '10', '9', '--', '?'])"

static void
seed_cars(void)
{
    test_database_run(
        &database, "INSERT INTO resource (id, type, name, description, attributes, create_time) "
                   "SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'cars', "
                   "  CASE WHEN n <= 20 THEN coalesce(nullif(" QUOTED_TEXTS
                   "[n], ''), 'x') ELSE 'car ' || n END,"
                   "  " QUOTED_TEXTS "[1 + n % 20],"
                   "  CASE n % 4 WHEN 0 THEN '{}' WHEN 1 THEN jsonb_build_object('a', " QUOTED_TEXTS
                   "[1 + n * 7 % 20]) WHEN 2 THEN jsonb_build_object('b c', " QUOTED_TEXTS
                   "[1 + n * 3 % 20], 'a', '') ELSE jsonb_build_object('$1', 'x') END,"
                   "  timestamptz '2030-01-01' + n % 5 * interval '1 day' "
                   "FROM generate_series(1, 120) n");
}

/* Side by side, the first without a start, the last without an end. */
static void
seed_bookings(void)
{
    test_database_run(
        &database, SEED_CAR
        "INSERT INTO allocation (id, resource_id, kind, during, description, attributes, "
        "  create_time) "
        "SELECT ('01900000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, '" CAR "', "
        "  CASE WHEN n % 3 = 0 THEN 'MAINTENANCE' ELSE 'BOOKING' END,"
        "  tstzrange(CASE WHEN n > 1 THEN timestamptz '2030-01-01' + n * interval '6 hours' END,"
        "    CASE WHEN n < 40 THEN timestamptz '2030-01-01' + (n + 1) * interval '6 hours' END),"
        "  " QUOTED_TEXTS "[1 + n % 20], '{}', timestamptz '2030-01-01' + n % 7 * interval '1 day' "
        "FROM generate_series(1, 40) n");
}

static void
compare_filter(bool of_cars, const struct pb_message *schema, const struct listed *all,
               const char *text)
{
    struct listed found = of_cars ? cars(text, "", "", 500) : bookings(text, "", "", 500);
    const struct pb_filter *filter;
    struct pb_expression_fault fault;
    size_t n = 0;

    cr_assert(pb_filter_read(&memory, schema, text, &filter, &fault), "%s: %s", text, fault.text);
    for (size_t i = 0; i < all->n; i++) {
        const char *id = id_of(schema, all->messages[i]);

        if (holds(filter, all->messages[i])) {
            cr_assert_lt(n, found.n, "%s: %s is missing", text, id);
            cr_assert_str_eq(id_of(schema, found.messages[n]), id, "%s", text);
            n++;
        }
    }
    cr_assert_eq(n, found.n, "%s: %zu too many", text, found.n - n);
}

static void
compare_filters(bool of_cars, const struct pb_message *schema, const struct listed *all)
{
    for (unsigned i = 0; i < 300; i++) {
        struct buf text = BUF_INIT;

        write_filter(&text, of_cars, 2);
        buf_putc(&text, '\0');
        compare_filter(of_cars, schema, all, text.data);
        buf_fini(&text);
    }
}

Test(list_filters, vehicles_are_those_that_a_plain_look_finds)
{
    struct listed all;

    seed_cars();
    all = cars("", "", "", 500);
    cr_assert_eq(all.n, 120);
    compare_filters(true, &depot__inventory__v1__resource__schema, &all);
}

Test(list_filters, allocations_are_those_that_a_plain_look_finds)
{
    struct listed all;

    seed_bookings();
    all = bookings("", "", "", 500);
    cr_assert_eq(all.n, 40);
    compare_filters(false, &depot__inventory__v1__allocation__schema, &all);
}
