#include "accounts/backoff.h"
#include "desk.h"

struct wait {
    int64_t failures, wait_ms;
};

static void
expect_waits(enum backoff_kind kind, const struct wait *waits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(backoff_wait_ms(kind, waits[i].failures), waits[i].wait_ms, "%d %lld", kind,
                     (long long)waits[i].failures);
    }
}

Test(backoff, waits)
{
    static const struct wait pair[] = {{0, 0},      {4, 0},      {5, 1000},   {6, 2000},
                                       {10, 32000}, {11, 60000}, {64, 60000}, {1000000, 60000}};
    static const struct wait address[] = {
        {29, 0}, {30, 1000}, {34, 16000}, {35, 30000}, {64, 30000}};
    static const struct wait account[] = {{49, 0}, {50, 1000}, {64, 1000}};

    expect_waits(BACKOFF_PAIR, pair, N_OF(pair));
    expect_waits(BACKOFF_ADDRESS, address, N_OF(address));
    expect_waits(BACKOFF_ACCOUNT, account, N_OF(account));
}

static const char *const names[] = {"pair", "address", "account", "network"};

/* The subjects of somebody's try to log in. */
static void
subjects_of(struct arena *arena, const char *address, const char *name,
            const char *subjects[static BACKOFF_KINDS])
{
    static const struct db_query query = {.name = "try", .params = names, .n_params = N_OF(names)};
    Google__Protobuf__Empty request = GOOGLE__PROTOBUF__EMPTY__INIT;
    struct db_binding binding;
    struct db_params params;
    struct call call;

    call_init(&call, arena);
    call.client_address = address;
    db_binding_init(&binding, &query, &google__protobuf__empty__schema);
    db_params_init(&params, &call, &binding, &request.base);
    backoff_set(&call, &params, name);
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        subjects[kind] = params.values[kind];
    }
    db_binding_fini(&binding);
}

/* Which kinds of failures two tries have in common: 1, 2, 4 added up. */
static int
in_common(const char *address, const char *name, const char *address_2, const char *name_2)
{
    const char *one[BACKOFF_KINDS], *other[BACKOFF_KINDS];
    struct arena arena;
    int common = 0;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    subjects_of(&arena, address, name, one);
    subjects_of(&arena, address_2, name_2, other);
    for (int kind = 0; kind < BACKOFF_KINDS; kind++) {
        cr_assert_eq(strlen(one[kind]), 2 + 64);
        common |= (strcmp(one[kind], other[kind]) == 0) << kind;
    }
    cr_assert_str_neq(one[0], one[1]);
    cr_assert_str_neq(one[1], one[2]);
    arena_fini(&arena);
    return common;
}

enum {
    NOTHING = 0,
    ONE_ADDRESS = 1 << BACKOFF_ADDRESS,
    ONE_ACCOUNT = 1 << BACKOFF_ACCOUNT,
    ALL = 7
};

Test(backoff, subjects)
{
    cr_expect_eq(in_common("192.0.2.1", "ada", "192.0.2.1", "ADA"), ALL);
    cr_expect_eq(in_common("192.0.2.1", "ada", "192.0.2.1", "adb"), ONE_ADDRESS);
    cr_expect_eq(in_common("192.0.2.1", "ada", "192.0.2.2", "ada"), ONE_ACCOUNT);
    cr_expect_eq(in_common("192.0.2.1", "ada", "192.0.2.2", "adb"), NOTHING);
    cr_expect_eq(in_common("192.0.2.1", "ada", "::ffff:192.0.2.1", "ada"), ALL);
    cr_expect_eq(in_common("::ffff:192.0.2.1", "ada", "::ffff:192.0.2.2", "ada"), ONE_ACCOUNT);
    cr_expect_eq(in_common("2001:db8:0:1::1", "ada", "2001:db8:0:1:ffff::9", "ada"), ALL);
    cr_expect_eq(in_common("2001:db8:0:1::1", "ada", "2001:db8:0:2::1", "ada"), ONE_ACCOUNT);
    cr_expect_eq(in_common("", "ada", "", "ada"), ALL);
    cr_expect_eq(in_common("", "ada", "192.0.2.1", "ada"), ONE_ACCOUNT);
}

static void
expect_network(const char *address, const char *network)
{
    struct arena arena;
    struct call call;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    call_init(&call, &arena);
    call.client_address = address;
    cr_expect_str_eq(backoff_network(&call), network);
    arena_fini(&arena);
}

Test(backoff, networks)
{
    expect_network("192.0.2.1", "192.0.2.1");
    expect_network("::ffff:192.0.2.1", "192.0.2.1");
    expect_network("2001:db8:0:1:ffff::9", "2001:db8:0:1::/64");
    expect_network("2001:DB8:0:0001::", "2001:db8:0:1::/64");
    expect_network("", "");
    expect_network("no address", "no address");
}
