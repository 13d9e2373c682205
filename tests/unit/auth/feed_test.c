/* The thread that asks the authority, against a server that stands for one. */
#include "auth/feed.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fixture.h"
#include "rpc/server.h"
#include "support/capture.h"

enum { PATIENCE_MS = 20000, PAGES = 4, ASKED_MAX = 256 };

/* What the authority answers: the page that `after` asks for, or the last there is. */
static struct answer pages[PAGES];
static atomic_uint n_pages;
static atomic_bool failing, talking_nonsense, held;
static atomic_int slow_ms;

/* What it was asked. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct asked {
    char epoch[37];
    int32_t after;
    int64_t at_us;
} asked[ASKED_MAX];
static atomic_uint n_asked;

static struct rpc_server *server;
static struct auth_verifier *verifier;
static struct auth_feed *feed;
static char url[64];

static void
note(const Depot__Auth__V1__PullAuthorityRequest *request)
{
    pthread_mutex_lock(&mutex);
    if (n_asked < ASKED_MAX) {
        struct asked *now = &asked[n_asked];

        snprintf(now->epoch, sizeof(now->epoch), "%s", request->epoch);
        now->after = request->after;
        now->at_us = clock_us();
        n_asked++;
    }
    pthread_mutex_unlock(&mutex);
}

static Depot__Auth__V1__PullAuthorityResponse *
answer_to(const Depot__Auth__V1__PullAuthorityRequest *request)
{
    unsigned wanted = strcmp(request->epoch, EPOCH) == 0 ? (unsigned)request->after : 0;

    note(request);
    return &pages[wanted < n_pages ? wanted : n_pages - 1].message;
}

static void
execute(void *worker, struct rpc_served *const *calls, size_t n)
{
    (void)worker;
    while (held) {
        poll(NULL, 0, 2);
    }
    poll(NULL, 0, slow_ms);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(calls[i]->method, &depot__auth__v1__authority__pull_authority__method);
        calls[i]->reply =
            &answer_to((const Depot__Auth__V1__PullAuthorityRequest *)calls[i]->request)->base;
        calls[i]->status =
            failing ? call_fail(&calls[i]->call, &reason_db_unavailable, "Not now.") : STATUS_OK;
        if (talking_nonsense) {
            calls[i]->reply = pb_new(calls[i]->call.arena, calls[i]->method->reply);
        }
    }
}

static const struct pb_service *const services[] = {
    &depot__inventory__v1__inventory_service__service, &depot__auth__v1__authority__service, NULL};

static void
server_up(void)
{
    struct rpc_server_options options = {
        .listen_url = url[0] == '\0' ? "tcp://127.0.0.1:0" : url,
        .workers = 2,
        .services = services,
        .executor = {.execute = execute},
    };
    struct error error;

    cr_assert_eq(rpc_server_open(&options, &server, &error), STATUS_OK, "%s", error.text);
    snprintf(url, sizeof(url), "%s", rpc_server_url(server));
}

static void
server_down(void)
{
    held = false;
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
    server = NULL;
}

static void
feed_up(void)
{
    struct error error;

    cr_assert_eq(auth_feed_open(verifier, url, &(struct rpc_tls){0}, &feed, &error), STATUS_OK,
                 "%s", error.text);
}

static void
open_verifier(void)
{
    verifier = auth_verifier_new(60000);
    n_pages = 1;
    for (unsigned i = 0; i < PAGES; i++) {
        answer_init(&pages[i], 0, 2);
        pages[i].message.last = (int32_t)i;
    }
}

static void
close_all(void)
{
    if (feed != NULL) {
        auth_feed_close(feed);
    }
    if (server != NULL) {
        server_down();
    }
    auth_verifier_free(verifier);
}

TestSuite(feed, .init = open_verifier, .fini = close_all, .timeout = 120);

static bool
wait_for(bool (*holds)(void))
{
    int64_t until_us = clock_us() + PATIENCE_MS * 1000;

    while (!holds()) {
        if (clock_us() > until_us) {
            return false;
        }
        poll(NULL, 0, 2);
    }
    return true;
}

static bool
is_ready(void)
{
    const char *why;

    return auth_verifier_ready(verifier, &why);
}

static bool
asked_twice(void)
{
    return n_asked >= 2;
}

static bool
knows_a_revocation(void)
{
    struct auth_verifier_counts counts;

    auth_verifier_counts(verifier, &counts);
    return counts.n_revocations > 0;
}

static int64_t
age_ms(void)
{
    struct auth_verifier_counts counts;

    auth_verifier_counts(verifier, &counts);
    return counts.age_ms;
}

Test(feed, asks_at_once_and_then_for_what_is_new)
{
    int64_t start_us = clock_us();

    pages[0].message.last = 0;
    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    cr_assert_lt(clock_us() - start_us, 2000000);
    cr_assert_str_eq(asked[0].epoch, "");
    cr_assert_eq(asked[0].after, 0);
    cr_assert(wait_for(asked_twice));
    cr_assert_str_eq(asked[1].epoch, EPOCH);
    cr_assert_eq(asked[1].after, 0);
}

Test(feed, asks_every_250_ms)
{
    unsigned before, n;

    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    before = n_asked;
    poll(NULL, 0, 2000);
    n = n_asked - before;
    cr_assert_leq(n, 9);
    cr_assert_geq(n, 4);
    cr_assert_lt(age_ms(), 1000);
}

Test(feed, more_is_asked_for_at_once)
{
    n_pages = 4;
    for (unsigned i = 0; i < 4; i++) {
        pages[i].message.more = i < 3;
        pages[i].message.last = (int32_t)i + 1;
    }
    answer_revoke_session(&pages[3], SESSION);
    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    cr_assert(knows_a_revocation());
    cr_assert_geq(n_asked, 4);
    cr_assert_eq(asked[1].after, 1);
    cr_assert_eq(asked[3].after, 3);
    cr_assert_lt(asked[3].at_us - asked[0].at_us, LIMIT_AUTH_PULL_MS * 1000);
}

/* It says so for ever and never gets any further: it is not asked without a pause. */
Test(feed, more_that_never_comes)
{
    unsigned before;

    pages[0].message.more = true;
    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    before = n_asked;
    poll(NULL, 0, 1000);
    cr_assert_leq(n_asked - before, 5);
    cr_assert_not(is_ready());
}

/* A logout holds within a second. */
Test(feed, what_is_revoked_is_known_soon)
{
    int64_t start_us;

    answer_revoke_session(&pages[1], SESSION);
    pages[0].message.last = 1;
    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    cr_assert_not(knows_a_revocation());
    start_us = clock_us();
    n_pages = 2;
    cr_assert(wait_for(knows_a_revocation));
    cr_assert_lt(clock_us() - start_us, 1000000);
}

/* The longest pause between two questions since the n-th. */
static int64_t
longest_pause_us(unsigned n)
{
    int64_t longest_us = 0;

    for (unsigned i = n + 1; i < n_asked; i++) {
        int64_t pause_us = asked[i].at_us - asked[i - 1].at_us;

        longest_us = pause_us > longest_us ? pause_us : longest_us;
    }
    return longest_us;
}

static size_t
count_in_log(const struct capture *log, const char *part)
{
    char *text = capture_text(log);
    size_t n = count_lines(text, part);

    free(text);
    return n;
}

static struct capture log_lines;

static bool
said_away(void)
{
    return count_in_log(&log_lines, "authority_away") > 0;
}

static bool
said_back(void)
{
    return count_in_log(&log_lines, "authority_back") > 0;
}

static void
expect_log(size_t away, size_t back)
{
    char *text = capture_text(&log_lines);

    cr_assert_eq(count_lines(text, "authority_away"), away, "%s", text);
    cr_assert_eq(count_lines(text, "authority_back"), back, "%s", text);
    free(text);
}

Test(feed, goes_on_when_the_authority_was_away)
{
    int64_t back_us;

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
    back_us = clock_us();
    server_up();
    cr_assert(wait_for(said_back));
    cr_assert(wait_for(knows_a_revocation));
    cr_assert_lt(clock_us() - back_us, 4000000);
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
    unsigned before;

    log_open("test", LOG_INFO);
    capture_begin(&log_lines);
    failing = true;
    server_up();
    feed_up();
    cr_assert(wait_for(said_away));
    before = n_asked;
    poll(NULL, 0, 5000);
    cr_assert_leq(n_asked - before, 30, "asked %u times", n_asked - before);
    cr_assert_geq(n_asked - before, 4);
    cr_assert_lt(longest_pause_us(before), 1200000, "never more than a second");
    cr_assert_not(is_ready());
    failing = false;
    talking_nonsense = true;
    poll(NULL, 0, 1500);
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

static void
expect_prompt_end(void)
{
    int64_t start_us = clock_us();

    auth_feed_close(feed);
    feed = NULL;
    cr_assert_lt(clock_us() - start_us, 500000);
}

Test(feed, closing_waits_for_nobody)
{
    server_up();
    feed_up();
    cr_assert(wait_for(is_ready));
    expect_prompt_end();
    held = true;
    feed_up();
    poll(NULL, 0, 400); /* a question is under way */
    expect_prompt_end();
    server_down();
    feed_up(); /* nobody is there; at once, and after a while */
    expect_prompt_end();
    feed_up();
    poll(NULL, 0, 400);
    expect_prompt_end();
}

Test(feed, an_address_that_is_none)
{
    struct error error;

    cr_assert_eq(auth_feed_open(verifier, "accounts:1", NULL, &feed, &error),
                 STATUS_INVALID_ARGUMENT);
    cr_assert_null(feed);
    cr_assert_neq(error.text[0], '\0');
}

/* Many threads wait most of the time; that must cost nothing. */
Test(feed, little_to_do_takes_little_time)
{
    struct timespec before, after;
    int64_t took_us;

    server_up();
    feed_up();
    cr_assert(wait_for(asked_twice));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    poll(NULL, 0, 2000);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    took_us = (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
    cr_assert_lt(took_us, 100000, "%ld us in 2 s, with the server", (long)took_us);
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

    cr_assert_eq(auth_feed_open_local(verifier, &source, &feed, &error), STATUS_OK, "%s",
                 error.text);
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
    expect_prompt_end();
}

Test(feed, without_a_network_and_not_now)
{
    unsigned before;

    log_open("test", LOG_INFO);
    capture_begin(&log_lines);
    failing = true;
    local_up();
    cr_assert(wait_for(said_away));
    cr_assert_not(is_ready());
    before = n_asked;
    poll(NULL, 0, 5000);
    cr_assert_geq(n_asked - before, 4);
    cr_assert_leq(n_asked - before, 30);
    cr_assert_lt(longest_pause_us(before), 1200000, "never more than a second");
    failing = false;
    cr_assert(wait_for(is_ready));
    cr_assert(wait_for(said_back));
    expect_log(1, 1);
    free(capture_end(&log_lines));
}
