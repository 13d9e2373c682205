/* Pages in an order of the caller's: nothing twice, nothing lost, whoever inserts meanwhile; and no
 * text of a client's is ever SQL. */
#include "lists.h"

TestSuite(list_orders, .init = lists_open, .fini = lists_close, .timeout = 300);

/* Few times and many vehicles, so that most of the order is ties; then names with odd characters.
 */
static void
seed_cars(int from, int to)
{
    char *sql;

    cr_assert_neq(
        asprintf(
            &sql,
            "INSERT INTO resource (id, type, name, description, attributes, create_time, "
            "  update_time) "
            "SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n * 37 %% 199), 12, '0'))::uuid,"
            "  'cars', (ARRAY['a', 'A', 'z', '\xc3\xbc', '1:', '''', '\xf0\x9f\x9a\x97'])"
            "[1 + n %% 7] || n, '', '{}', timestamptz '2030-01-01 00:00:00.000001' "
            "  + n %% 3 * interval '1 day', timestamptz '2030-01-01' + n %% 2 * interval '1 s' "
            "FROM generate_series(%d, %d) n",
            from, to),
        -1);
    test_database_run(&database, sql);
    free(sql);
}

static void
seed_bookings(void)
{
    test_database_run(
        &database, SEED_CAR
        "INSERT INTO allocation (id, resource_id, kind, during, description, attributes, "
        "  create_time) "
        "SELECT ('01900000-0000-7000-9000-' || lpad(to_hex(n * 7 % 41), 12, '0'))::uuid, '" CAR
        "', 'BOOKING',"
        "  tstzrange(CASE WHEN n > 1 THEN timestamptz '2030-01-01' + n * interval '6 hours' END,"
        "    timestamptz '2030-01-01' + (n + 1) * interval '6 hours'),"
        "  '', '{}', timestamptz '2030-01-01' + n % 4 * interval '1 day' "
        "FROM generate_series(1, 40) n");
}

enum { IDS_MAX = 512 };

struct ids {
    size_t n;
    const char *ids[IDS_MAX];
};

static void
take_ids(struct ids *self, const struct pb_message *schema, const struct listed *listed)
{
    for (size_t i = 0; i < listed->n; i++) {
        cr_assert_lt(self->n, IDS_MAX);
        self->ids[self->n++] = id_of(schema, listed->messages[i]);
    }
}

/* All of the list, in pages of `size`. */
static struct ids
all_pages(struct listed (*list)(const char *, const char *, const char *, int32_t),
          const struct pb_message *schema, const char *filter, const char *order, int32_t size)
{
    struct ids ids = {0};
    const char *token = "";

    do {
        struct listed page = list(filter, order, token, size);

        cr_assert_leq(page.n, (size_t)size);
        take_ids(&ids, schema, &page);
        token = page.next;
    } while (token[0] != '\0');
    return ids;
}

/* What PostgreSQL says of the same order. */
static void
assert_order(const struct ids *ids, const char *from, const char *order)
{
    char *sql;
    char *expected;
    struct buf found = BUF_INIT;

    cr_assert_neq(
        asprintf(&sql, "SELECT string_agg(id::text, ' ' ORDER BY %s) FROM %s", order, from), -1);
    expected = test_database_value(&database, sql);
    for (size_t i = 0; i < ids->n; i++) {
        buf_printf(&found, "%s%s", i == 0 ? "" : " ", ids->ids[i]);
    }
    buf_putc(&found, '\0');
    cr_assert_str_eq(found.data, expected, "%s", order);
    buf_fini(&found);
    free(expected);
    free(sql);
}

Test(list_orders, pages_of_any_size_are_the_whole_in_order)
{
    static const struct {
        const char *order, *sql;
    } orders[] = {
        {"name", "name COLLATE \"C\", id"},
        {"name desc", "name COLLATE \"C\" DESC, id DESC"},
        {"create_time", "create_time, id"},
        {"createTime desc", "create_time DESC, id DESC"},
        {"createTime desc, updateTime", "create_time DESC, update_time, id"},
        {"createTime, updateTime desc", "create_time, update_time DESC, id DESC"},
        {"updateTime, createTime desc, name desc",
         "update_time, create_time DESC, name COLLATE \"C\" DESC, id DESC"},
    };

    seed_cars(1, 100);
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        for (int32_t size = 1; size <= 101; size += size < 3 ? 1 : 49) {
            struct ids ids =
                all_pages(cars, &depot__inventory__v1__resource__schema, "", orders[i].order, size);

            assert_order(&ids, "resource", orders[i].sql);
        }
    }
}

Test(list_orders, pages_of_a_filter)
{
    struct ids ids;

    seed_cars(1, 100);
    ids = all_pages(cars, &depot__inventory__v1__resource__schema, "name:\"z\" OR name:\"a\"",
                    "createTime desc", 4);
    assert_order(&ids, "resource WHERE name ~ '[az]'", "create_time DESC, id DESC");
    ids = all_pages(cars, &depot__inventory__v1__resource__schema, "name:\"z\"", "", 4);
    assert_order(&ids, "resource WHERE name ~ 'z'", "id");
}

Test(list_orders, an_absent_start_is_the_earliest)
{
    struct ids ids;

    seed_bookings();
    for (int32_t size = 1; size <= 41; size += 20) {
        ids = all_pages(bookings, &depot__inventory__v1__allocation__schema, "", "startTime", size);
        assert_order(&ids, "allocation", "lower(during) NULLS FIRST");
        ids = all_pages(bookings, &depot__inventory__v1__allocation__schema, "", "start_time desc",
                        size);
        assert_order(&ids, "allocation", "lower(during) DESC NULLS LAST");
        ids = all_pages(bookings, &depot__inventory__v1__allocation__schema, "",
                        "createTime desc, startTime", size);
        assert_order(&ids, "allocation", "create_time DESC, lower(during) NULLS FIRST, id");
        ids = all_pages(bookings, &depot__inventory__v1__allocation__schema, "", "", size);
        assert_order(&ids, "allocation", "lower(during) NULLS FIRST");
    }
}

static bool
has_id(const struct ids *ids, const char *id)
{
    for (size_t i = 0; i < ids->n; i++) {
        if (strcmp(ids->ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

Test(list_orders, who_was_there_is_seen_once_while_others_come)
{
    const struct pb_message *schema = &depot__inventory__v1__resource__schema;
    struct ids before, seen = {0};
    const char *token = "";
    int n = 100;

    seed_cars(1, n);
    before = all_pages(cars, schema, "", "createTime desc", 500);
    do {
        struct listed page = cars("", "createTime desc", token, 9);

        for (size_t i = 0; i < page.n; i++) {
            cr_assert_not(has_id(&seen, id_of(schema, page.messages[i])));
        }
        take_ids(&seen, schema, &page);
        token = page.next;
        seed_cars(n + 1, n + 4);
        n += 4;
    } while (token[0] != '\0');
    for (size_t i = 0; i < before.n; i++) {
        cr_assert(has_id(&seen, before.ids[i]));
    }
}

static void
refuse_token(const char *filter, const char *order, const char *token)
{
    struct rpc_served served = list_cars(filter, order, token, 9);

    cr_assert_eq(served.status, STATUS_INVALID_ARGUMENT);
    cr_assert_eq(served.call.problem.reason, &reason_bad_page_token);
}

/* A token of this very query, with a position that no list of ours made. */
static const char *
forge(const char *order, const char *position)
{
    Depot__Inventory__V1__ListResourcesRequest request =
        DEPOT__INVENTORY__V1__LIST_RESOURCES_REQUEST__INIT;
    struct call call;

    call_init(&call, &memory);
    request.type = (char *)"cars";
    request.order_by = (char *)order;
    return page_token_make(&call, &depot__inventory__v1__list_resources_request__schema,
                           &request.base, position);
}

Test(list_orders, tokens_are_of_one_filter_and_order)
{
    const char *token;

    seed_cars(1, 100);
    token = cars("name:\"a\"", "name", "", 9).next;
    cr_assert_str_neq(token, "");
    cr_assert_eq(list_cars("name:\"a\"", "name", token, 9).status, STATUS_OK);
    refuse_token("name:\"a\"", "name desc", token);
    refuse_token("name:\"a\"", "", token);
    refuse_token("name:\"b\"", "name", token);
    refuse_token("", "name", token);
    refuse_token("name:\"a\"", "name", cars("name:\"a\"", "", "", 2).next);
}

Test(list_orders, forged_positions_never_reach_the_database)
{
    static const char *const positions[] = {
        "x",          "1:a",       "1:a1:b1:c",
        "1:a9:short", "-1:a1:b",   "0001:a1:b",
        "1:a1:",      "1:\3771:b", "99999999999999999999:a1:b",
        ":",
    };
    static const char *const times[] = {
        "8:tomorrow1:b", "8:infinity1:b", "3:now1:b", "0:1:b", "25:294277-01-01T00:00:00.00Z1:b",
    };

    seed_cars(1, 20);
    for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
        refuse_token("", "name", forge("name", positions[i]));
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        refuse_token("", "createTime", forge("createTime", times[i]));
    }
    cr_assert_eq(list_cars("", "name", forge("name", "1:a3:'--"), 9).status, STATUS_OK);
    cr_assert_eq(list_cars("", "createTime", forge("createTime", "9:-infinity0:"), 9).status,
                 STATUS_OK);
}

/* Each is found by its name and by nothing else, and does nothing. */
Test(list_orders, no_text_is_sql)
{
    static const char *const names[] = {
        "'; DROP TABLE resource; --",
        "' OR '1'='1",
        "$1",
        "$$",
        "$tag$",
        "a' COLLATE \\\"C\\\"",
        "\\\\'",
        "\\\\x41",
        "%",
        "_",
        "/* } */ true",
        "E'\\\\n'",
        "1; SELECT pg_sleep(100)",
        ":name",
        ":'type'",
        "\xef\xbc\x87",
        "\xca\xbc",
    };
    const size_t n = sizeof(names) / sizeof(names[0]);

    for (size_t i = 0; i < n; i++) {
        char filter[256];
        struct listed found;

        snprintf(filter, sizeof(filter), "name = \"%s\"", names[i]);
        cr_assert_eq(cars(filter, "", "", 500).n, 0, "%s", filter);
        seed_cars((int)i + 1, (int)i + 1);
        snprintf(filter, sizeof(filter), "attributes.\"%s\" = \"%s\" OR attributes:\"%s\"",
                 names[i], names[i], names[i]);
        found = cars(filter, "name desc", "", 500);
        cr_assert_eq(found.n, 0, "%s", filter);
        snprintf(filter, sizeof(filter), "NOT description:\"%s\"", names[i]);
        cr_assert_eq(cars(filter, "", "", 500).n, i + 1, "%s", filter);
        cr_assert_eq(list_cars("", names[i], "", 9).status, STATUS_INVALID_ARGUMENT);
        cr_assert_eq(list_cars(names[i], "", "", 9).status, STATUS_INVALID_ARGUMENT);
    }
}
