/* What was taken back: lookups, growth, its end, and what happens when there is too much of it. */
#include "auth/revocations.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "auth/token.h"
#include "base/limits.h"

enum { NOW_S = 1800000000 };

static const struct revocations_now now = {NOW_S, NOW_S};

static struct revocations all;

static void
close_all(void)
{
    revocations_fini(&all);
}

TestSuite(revocations, .fini = close_all, .timeout = 60);

static struct auth_id
id_of(unsigned n)
{
    struct auth_id id;
    char text[37];

    snprintf(text, sizeof(text), "0195a3c0-7c00-7000-8000-%012x", n);
    cr_assert(auth_id_parse(text, &id));
    return id;
}

/* Whether a token of session `session` and account `account` is revoked. */
static bool
hit(unsigned session, unsigned account, uint32_t generation)
{
    struct auth_id first = id_of(session), second = id_of(account);

    return revocations_hit(&all, &first, &second, generation, NOW_S - 60);
}

static void
revoke_session(unsigned n, int64_t until_s)
{
    struct auth_id id = id_of(n);

    revocations_add_session(&all, &id, &now, until_s);
}

static void
revoke_account(unsigned n, uint32_t generation, int64_t until_s)
{
    struct auth_id id = id_of(n);

    revocations_add_account(&all, &id, generation, &now, until_s);
}

Test(revocations, ids)
{
    struct auth_id id, same;

    cr_assert(auth_id_parse("0195a3c0-7c00-7abc-8def-0123456789AB", &id));
    cr_assert_eq(id.words[0], UINT64_C(0x0195a3c07c007abc));
    cr_assert_eq(id.words[1], UINT64_C(0x8def0123456789ab));
    cr_assert(auth_id_parse("0195A3C0-7C00-7ABC-8DEF-0123456789ab", &same));
    cr_assert_eq(same.words[0], id.words[0]);
    cr_assert_eq(same.words[1], id.words[1]);
    cr_assert_not(auth_id_parse("", &id));
    cr_assert_not(auth_id_parse("0195a3c0-7c00-7abc-8def-0123456789a", &id));
    cr_assert_eq(id.words[0], same.words[0], "untouched");
}

Test(revocations, sessions_and_accounts)
{
    cr_assert_not(hit(1, 2, 0));
    revoke_session(1, NOW_S + 600);
    cr_assert(hit(1, 2, 0));
    cr_assert(hit(1, 2, UINT32_MAX), "of whatever generation");
    cr_assert_not(hit(3, 2, 0));
    revoke_account(2, 5, NOW_S + 600);
    cr_assert(hit(3, 2, 4));
    cr_assert_not(hit(3, 2, 5));
    cr_assert_not(hit(3, 4, 4));
    cr_assert_eq(all.n_used, 2);
}

/* What comes later, or again, never makes less of it. */
Test(revocations, the_greatest_counts)
{
    revoke_account(2, 5, NOW_S + 600);
    revoke_account(2, 3, NOW_S + 10);
    cr_assert(hit(3, 2, 4));
    revoke_account(2, 7, NOW_S + 20);
    cr_assert(hit(3, 2, 6));
    cr_assert_eq(all.n_used, 1);
    revocations_prune(&all, NOW_S + 599);
    cr_assert(hit(3, 2, 6));
    revoke_account(4, 0, NOW_S + 600);
    cr_assert_eq(all.n_used, 1, "no token has a generation before 0");
}

Test(revocations, what_no_longer_matters_is_dropped)
{
    for (unsigned i = 0; i < 1000; i++) {
        revoke_session(i, NOW_S + (i % 2 == 0 ? 100 : 200));
    }
    cr_assert_eq(all.n_used, 1000);
    revocations_prune(&all, NOW_S + 100);
    cr_assert_eq(all.n_used, 500);
    cr_assert_not(hit(10, 5000, 0));
    for (unsigned i = 1; i < 1000; i += 2) {
        cr_assert(hit(i, 5000, 0));
    }
    revocations_prune(&all, NOW_S + 159); /* it costs a pass over all: not that often */
    cr_assert_eq(all.n_used, 500);
    revocations_prune(&all, NOW_S + 300);
    cr_assert_eq(all.n_used, 0);
    revoke_session(1, NOW_S + 600);
    cr_assert(hit(1, 2, 0));
}

/* Old ones make room also when nobody prunes. */
Test(revocations, the_old_make_room_for_the_new)
{
    struct auth_id id;

    for (unsigned i = 0; i < 5 * LIMIT_AUTH_REVOCATIONS; i++) {
        struct revocations_now later = {NOW_S + i / 100, NOW_S + i / 100};

        id = id_of(i);
        revocations_add_session(&all, &id, &later, later.steady_s + 100);
    }
    cr_assert_leq(all.n_used, LIMIT_AUTH_REVOCATIONS);
    cr_assert_leq(all.n_slots, 4 * LIMIT_AUTH_REVOCATIONS);
    cr_assert_eq(all.all_before_s, 0, "there was always room");
    cr_assert(revocations_hit(&all, &id, &id, 0, NOW_S));
}

/* More than can be remembered: then all tokens of before are revoked, and none of after. */
Test(revocations, too_many)
{
    struct auth_id first = id_of(1), other = id_of(UINT32_MAX);

    for (unsigned i = 0; i < LIMIT_AUTH_REVOCATIONS; i++) {
        revoke_session(i, NOW_S + 600);
    }
    cr_assert_eq(all.n_used, LIMIT_AUTH_REVOCATIONS);
    revoke_session(0, NOW_S + 700); /* known already */
    cr_assert_eq(all.n_used, LIMIT_AUTH_REVOCATIONS);
    cr_assert_not(revocations_hit(&all, &other, &other, 0, NOW_S - 60));
    revoke_session(LIMIT_AUTH_REVOCATIONS, NOW_S + 600);
    cr_assert_eq(all.n_used, 0);
    cr_assert(revocations_hit(&all, &first, &first, 0, NOW_S - 60));
    cr_assert(revocations_hit(&all, &other, &other, 0, NOW_S - 60));
    cr_assert(revocations_hit(&all, &other, &other, 0, NOW_S + TOKEN_SKEW_S));
    cr_assert_not(revocations_hit(&all, &other, &other, 0, NOW_S + TOKEN_SKEW_S + 1));
    revoke_session(2, NOW_S + 600);
    cr_assert_eq(all.n_used, 1);
    cr_assert(revocations_hit(&all, &(struct auth_id){{1, 1}}, &first, 0, NOW_S - 60));
    revocations_clear(&all);
    cr_assert_not(revocations_hit(&all, &first, &first, 0, NOW_S - 60), "another epoch");
}
