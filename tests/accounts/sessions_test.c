/* Sessions over many steps, and by several at once: what one method's table cannot say. */
#include <pthread.h>

#include "accounts/refresh_token.h"
#include "desk.h"
#include "service/secret.h"

static struct desk desk;

static void
open_desk(void)
{
    desk_open(&desk);
}

static void
close_desk(void)
{
    desk_close(&desk);
}

TestSuite(sessions, .init = open_desk, .fini = close_desk, .timeout = 120);

static const Depot__Accounts__V1__Tokens *
refreshed(const char *token)
{
    struct asked asked = desk_refresh(&desk, token);

    return tokens_of(&asked);
}

static void
expect_refused(const char *token)
{
    struct asked asked = desk_refresh(&desk, token);

    expect_reason(&asked, &reason_refresh_failed);
}

static void
expect_revoked(const char *session)
{
    const Depot__Auth__V1__PullAuthorityResponse *news = desk_pull(&desk, "", 0);

    cr_assert_eq(news->n_revocations, 1);
    cr_assert_str_eq(news->revocations[0]->session_id, session);
}

/* The answer is the same, any number of times, until its token has been used; the access token is
 * a fresh one each time. */
Test(sessions, lost_reply)
{
    const Depot__Accounts__V1__Tokens *first = desk_tokens(&desk), *second, *again;

    second = refreshed(first->refresh_token);
    for (int i = 0; i < 5; i++) {
        again = refreshed(first->refresh_token);
        cr_assert_str_eq(again->refresh_token, second->refresh_token);
        cr_assert_str_neq(again->access_token, second->access_token);
    }
    (void)refreshed(second->refresh_token);
    cr_assert_eq(desk_pull(&desk, "", 0)->n_revocations, 0);
    expect_refused(first->refresh_token);
}

/* The thief's chain and the victim's end together, and their access tokens with them. */
Test(sessions, reuse_ends_all)
{
    const Depot__Accounts__V1__Tokens *first = desk_tokens(&desk), *other = desk_tokens(&desk);
    const char *second = refreshed(first->refresh_token)->refresh_token;
    const char *third = refreshed(second)->refresh_token;
    struct token_claims claims;

    cr_assert_eq(desk_read(&desk, first->access_token, &claims), TOKEN_GOOD);
    expect_refused(first->refresh_token);
    expect_revoked(claims.session);
    expect_refused(third);
    expect_refused(second);
    expect_refused(first->refresh_token);
    expect_revoked(claims.session);
    (void)refreshed(other->refresh_token);
}

/* A chain of fifty, whose first token comes back at its end. */
Test(sessions, long_chain)
{
    const char *first = desk_tokens(&desk)->refresh_token, *newest = first;

    for (int i = 0; i < 50; i++) {
        const char *next = refreshed(newest)->refresh_token;

        cr_assert_str_neq(next, newest);
        newest = next;
    }
    desk_expect(&desk, "SELECT token_number FROM session", "50");
    expect_refused(first);
    desk_expect(&desk, "SELECT count(*) FROM session", "0");
    expect_refused(newest);
}

static const char *
renumbered(const char *text, uint32_t number)
{
    struct refresh_token token;

    cr_assert(refresh_token_read(text, &token));
    token.number = number;
    return refresh_token_text(&desk.arena, &token);
}

/* Whoever guesses, with all that is no secret, ends nobody's session. */
Test(sessions, forged)
{
    const char *first = desk_tokens(&desk)->refresh_token;
    const char *second = refreshed(first)->refresh_token;
    const char *third = refreshed(second)->refresh_token;
    struct refresh_token token;

    for (uint32_t number = 1; number < 10; number++) {
        expect_refused(renumbered(first, number));
    }
    expect_refused(renumbered(first, INT32_MAX - 1));
    cr_assert(refresh_token_read(third, &token));
    token.secret[0] ^= 1;
    for (token.number = 0; token.number < 5; token.number++) {
        expect_refused(refresh_token_text(&desk.arena, &token));
    }
    desk_expect(&desk, "SELECT token_number FROM session", "2");
    (void)refreshed(third);
}

/* With another SECRET_KEY the newest token is good; of older ones nothing is known. */
Test(sessions, secret_changed)
{
    const char *first = desk_tokens(&desk)->refresh_token;
    const char *second = refreshed(first)->refresh_token;
    const char *third;
    struct error error;

    cr_assert_eq(service_secret_open("000102030405060708090a0b0c0d0e0f"
                                     "101112131415161718191a1b1c1d1e1f",
                                     &error),
                 STATUS_OK);
    desk_upkeep(&desk);
    expect_refused(first);
    third = refreshed(second)->refresh_token;
    expect_refused(first);
    cr_assert_str_eq(refreshed(second)->refresh_token, third);
    (void)refreshed(third);
}

struct racer {
    pthread_t thread;
    unsigned worker;
    struct arena arena;
    const char *token;
    const struct reason *reason;
    const char *next;
};

static void *
race(void *argument)
{
    Depot__Accounts__V1__RefreshRequest request = DEPOT__ACCOUNTS__V1__REFRESH_REQUEST__INIT;
    struct racer *self = argument;
    struct asked asked;

    request.refresh_token = (char *)self->token;
    asked = desk_ask_at(&desk, self->worker, &self->arena, &as_nobody,
                        &depot__accounts__v1__accounts_service__refresh__method, &request.base);
    self->reason = asked.reason;
    if (asked.reason == NULL) {
        self->next = ((const Depot__Accounts__V1__Tokens *)asked.reply)->refresh_token;
    }
    return NULL;
}

static void
run_racers(struct racer *racers, size_t n, const char *token)
{
    for (size_t i = 0; i < n; i++) {
        racers[i] = (struct racer){.worker = (unsigned)i, .token = token};
        arena_init(&racers[i].arena, LIMIT_ARENA_BLOCK_BYTES, 0);
        cr_assert_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < n; i++) {
        pthread_join(racers[i].thread, NULL);
    }
}

static void
forget_racers(struct racer *racers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        arena_fini(&racers[i].arena);
    }
}

/* All who come at once get the same answer, and the session goes on one step. */
Test(sessions, at_once)
{
    const char *token = desk_tokens(&desk)->refresh_token;
    struct racer racers[BENCH_WORKERS];
    char number[16];

    for (int round = 1; round <= 20; round++) {
        run_racers(racers, BENCH_WORKERS, token);
        for (size_t i = 0; i < BENCH_WORKERS; i++) {
            cr_assert_null(racers[i].reason);
            cr_assert_str_eq(racers[i].next, racers[0].next);
        }
        token = arena_strdup(&desk.arena, racers[0].next);
        forget_racers(racers, BENCH_WORKERS);
        snprintf(number, sizeof(number), "%d", round);
        desk_expect(&desk, "SELECT token_number FROM session", number);
    }
    desk_expect(&desk, "SELECT count(*) FROM depot_audit WHERE action = 'Refresh'", "20");
}

/* An old token that comes several times at once ends the session once. */
Test(sessions, reused_at_once)
{
    const char *first = desk_tokens(&desk)->refresh_token;
    struct racer racers[BENCH_WORKERS];

    (void)refreshed(refreshed(first)->refresh_token);
    run_racers(racers, BENCH_WORKERS, first);
    for (size_t i = 0; i < BENCH_WORKERS; i++) {
        cr_assert_eq(racers[i].reason, &reason_refresh_failed);
    }
    forget_racers(racers, BENCH_WORKERS);
    cr_assert_eq(desk_pull(&desk, "", 0)->n_revocations, 1);
    desk_expect(&desk, "SELECT count(*) FROM depot_audit WHERE outcome = 'REFRESH_REUSED'", "1");
}

/* Every answer says what the account is by then. */
Test(sessions, present_account)
{
    const char *token = desk_tokens(&desk)->refresh_token;
    struct token_claims claims;

    desk_run(&desk, "UPDATE account SET role = 'MANAGER', generation = 2, username = 'ada2' "
                    "WHERE username = 'ada'");
    cr_assert_eq(desk_read(&desk, refreshed(token)->access_token, &claims), TOKEN_GOOD);
    cr_assert_eq(claims.role, PB_ROLE_MANAGER);
    cr_assert_eq(claims.generation, 2);
    cr_assert_str_eq(claims.name, "ada2");
}
