/* The thread that asks the authority, against a server that stands for one. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "feed_case.h"
#include "support/capture.h"

TestSuite(feed, .init = feed_case_open, .fini = feed_case_close, .timeout = 120);

Test(feed, asks_at_once_and_then_for_what_is_new)
{
    pages[0].message.last = 0;
    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    cr_assert_str_eq(asked[0].epoch, "");
    cr_assert_eq(asked[0].after, 0);
    cr_assert(wait_for(asked_twice));
    cr_assert_str_eq(asked[1].epoch, EPOCH);
    cr_assert_eq(asked[1].after, 0);
}

Test(feed, asks_every_250_ms)
{
    const int64_t pause_us = LIMIT_AUTH_PULL_MS * 1000;
    unsigned before;

    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    before = n_asked;
    /* On a busy machine some are on their way for long, and then come close after each other. */
    cr_assert_geq(time_of_questions_us(8), 4 * pause_us);
    cr_assert_lt(shortest_pause_us(before, before + 7), 2 * pause_us);
    cr_assert_geq(age_ms(), 0);
}

Test(feed, more_is_asked_for_at_once)
{
    n_pages = PAGES;
    for (unsigned i = 0; i < PAGES; i++) {
        pages[i].message.more = i < PAGES - 1;
        pages[i].message.last = (int32_t)i + 1;
    }
    answer_revoke_session(&pages[PAGES - 1], SESSION);
    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    cr_assert(knows_a_revocation());
    cr_assert_geq(n_asked, PAGES);
    cr_assert_eq(asked[1].after, 1);
    cr_assert_eq(asked[PAGES - 1].after, PAGES - 1);
    cr_assert_lt(shortest_pause_us(0, PAGES - 1), LIMIT_AUTH_PULL_MS * 1000 / 2);
}

/* It says so for ever and never gets any further: it is not asked without a pause. */
Test(feed, more_that_never_comes)
{
    pages[0].message.more = true;
    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    cr_assert_geq(time_of_questions_us(6), 2 * LIMIT_AUTH_PULL_MS * 1000);
    cr_assert_not(is_ready());
}

/* A logout holds within a second: with the next answer, whatever that says besides. */
Test(feed, what_is_revoked_is_known_soon)
{
    unsigned before;

    answer_revoke_session(&pages[1], SESSION);
    pages[0].message.last = 1;
    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    cr_assert_not(knows_a_revocation());
    n_pages = 2;
    before = n_asked;
    (void)time_of_questions_us(2); /* the second is asked when the first was answered */
    cr_assert(knows_a_revocation());
    cr_assert_eq(asked[before + 1].after, pages[1].message.last);
}

Test(feed, goes_on_when_the_authority_was_away)
{
    log_open("test", LOG_INFO);
    capture_begin(&log_lines);
    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    expect_log(0, 0);
    server_down();
    cr_assert(wait_for(said_away));
    poll(NULL, 0, 2500);
    expect_log(1, 0);
    cr_assert(is_ready(), "with what was known");
    cr_assert_gt(age_ms(), 2500);
    n_pages = 2;
    answer_revoke_session(&pages[1], SESSION);
    pages[0].message.last = 1;
    pages[0].message.more = true;
    server_up();
    cr_assert(wait_for(said_back));
    cr_assert(wait_for(knows_a_revocation));
    expect_log(1, 1);
    free(capture_end(&log_lines));
}

/* It was never there: one line, and it is found when it comes. */
Test(feed, an_authority_that_comes_late)
{
    log_open("test", LOG_INFO);
    capture_begin(&log_lines);
    server_up(); /* for an address */
    server_down();
    feed_up();
    cr_assert(wait_for(said_away));
    cr_assert_not(is_ready());
    server_up();
    cr_assert(wait_for(is_ready));
    cr_assert(wait_for(said_back));
    expect_log(1, 1);
    free(capture_end(&log_lines));
}

Test(feed, an_authority_that_cannot_answer)
{
    log_open("test", LOG_INFO);
    capture_begin(&log_lines);
    failing = true;
    server_up();
    feed_up();
    cr_assert(wait_for(said_away));
    expect_patience();
    cr_assert_not(is_ready());
    talking_nonsense = true;
    failing = false;
    (void)time_of_questions_us(3);
    cr_assert_not(is_ready());
    expect_log(1, 0);
    talking_nonsense = false;
    cr_assert(wait_for(said_back));
    cr_assert(is_ready());
    expect_log(1, 1);
    free(capture_end(&log_lines));
}

/* As when its database has much to do: every answer takes longer than the first may. */
Test(feed, an_authority_that_is_slow_is_not_away)
{
    slow_ms = 2 * LIMIT_AUTH_PULL_TIMEOUT_MS + 200;
    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
}

/* --- opening and closing --- */

static int64_t
time_of_end_us(void)
{
    int64_t start_us = clock_us();

    auth_feed_close(feed);
    feed = NULL;
    return clock_us() - start_us;
}

/* Whoever waits for an answer does so every time, a machine that is busy only now and then. */
static void
expect_prompt_end(bool (*first)(void))
{
    int64_t best_us = INT64_MAX;

    for (int i = 0; i < 5 && best_us >= LIMIT_AUTH_PULL_TIMEOUT_MS * 500; i++) {
        int64_t time_us;

        n_held = 0;
        feed_up();
        cr_assert(first == NULL || wait_for(first));
        time_us = time_of_end_us();
        best_us = time_us < best_us ? time_us : best_us;
    }
    cr_assert_lt(best_us, LIMIT_AUTH_PULL_TIMEOUT_MS * 500);
}

Test(feed, closing_waits_for_nobody)
{
    log_open("test", LOG_INFO);
    server_up();
    expect_prompt_end(is_ready);
    held = true;
    expect_prompt_end(is_holding);
    server_down();
    expect_prompt_end(NULL); /* nobody is there; at once, and after a while */
    capture_begin(&log_lines);
    expect_prompt_end(said_away);
    free(capture_end(&log_lines));
}

Test(feed, an_address_that_is_none)
{
    struct error error;

    cr_assert_eq(auth_feed_open(fed, "accounts:1", NULL, &feed, &error), STATUS_INVALID_ARGUMENT);
    cr_assert_null(feed);
    cr_assert_neq(error.text[0], '\0');
}

/* Many threads wait most of the time; that must cost nothing. One that does not takes half the time
 * at least. */
Test(feed, little_to_do_takes_little_time)
{
    struct timespec before, after;
    int64_t start_us, time_us, took_us;

    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    start_us = clock_us();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    poll(NULL, 0, 2000);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    time_us = clock_us() - start_us;
    took_us = (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
    cr_assert_lt(took_us, time_us / 6, "%ld us in %ld us, with the server", (long)took_us,
                 (long)time_us);
}

/* --- the authority's own --- */

static bool
pull(void *closure, const Depot__Auth__V1__PullAuthorityRequest *request, struct arena *arena,
     const Depot__Auth__V1__PullAuthorityResponse **answer)
{
    cr_assert_eq(closure, &pages);
    cr_assert_not_null(arena_alloc(arena, 1000));
    *answer = answer_to(request);
    return !failing;
}

static void
local_up(void)
{
    struct auth_source source = {.closure = &pages, .pull = pull};
    struct error error;

    cr_assert_eq(auth_feed_open_local(fed, &source, &feed, &error), STATUS_OK, "%s", error.text);
}

Test(feed, without_a_network)
{
    n_pages = 3;
    pages[0].message.last = 1;
    pages[0].message.more = true;
    pages[1].message.last = 2;
    answer_revoke_session(&pages[2], SESSION);
    local_up();
    cr_assert(wait_for(is_ready));
    cr_assert(wait_for(knows_a_revocation));
    cr_assert_str_eq(asked[0].epoch, "");
    cr_assert_str_eq(asked[2].epoch, EPOCH);
    cr_assert_eq(asked[2].after, 2);
    auth_feed_close(feed);
    feed = NULL;
}

Test(feed, without_a_network_and_not_now)
{
    log_open("test", LOG_INFO);
    capture_begin(&log_lines);
    failing = true;
    local_up();
    cr_assert(wait_for(said_away));
    cr_assert_not(is_ready());
    expect_patience();
    failing = false;
    cr_assert(wait_for(is_ready));
    cr_assert(wait_for(said_back));
    expect_log(1, 1);
    free(capture_end(&log_lines));
}
