#include "feed_case.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "depot/auth/v1/authority.schema.h"
#include "depot/inventory/v1/inventory.schema.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "rpc/server.h"

enum { PATIENCE_MS = 60000 };

struct answer pages[PAGES];
atomic_uint n_pages;
atomic_bool failing, talking_nonsense, held;
atomic_uint n_held;
atomic_int slow_ms;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
struct asked asked[ASKED_MAX];
atomic_uint n_asked;

static struct rpc_server *server;
struct auth_verifier *fed;
struct auth_feed *feed;
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

Depot__Auth__V1__PullAuthorityResponse *
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
    n_held += held;
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

void
server_up(void)
{
    struct rpc_server_options options = {
        .listen_url = url[0] == '\0' ? "tcp://127.0.0.1:0" : url,
        .workers = 6,
        .services = services,
        .executor = {.execute = execute},
    };
    struct error error;

    cr_assert_eq(rpc_server_open(&options, &server, &error), STATUS_OK, "%s", error.text);
    snprintf(url, sizeof(url), "%s", rpc_server_url(server));
}

void
server_down(void)
{
    held = false;
    cr_assert_eq(rpc_server_close(server, PATIENCE_MS), 0);
    server = NULL;
}

void
feed_up(void)
{
    struct error error;

    cr_assert_eq(auth_feed_open(fed, url, &(struct rpc_tls){0}, &feed, &error), STATUS_OK, "%s",
                 error.text);
}

void
feed_case_open(void)
{
    fed = auth_verifier_new(60000);
    n_pages = 1;
    for (unsigned i = 0; i < PAGES; i++) {
        answer_init(&pages[i], 0, 2);
        pages[i].message.last = (int32_t)i;
    }
}

void
feed_case_close(void)
{
    if (feed != NULL) {
        auth_feed_close(feed);
    }
    if (server != NULL) {
        server_down();
    }
    auth_verifier_free(fed);
}

bool
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

bool
is_ready(void)
{
    const char *why;

    return auth_verifier_ready(fed, &why);
}

bool
asked_twice(void)
{
    return n_asked >= 2;
}

bool
is_holding(void)
{
    return n_held > 0;
}

static unsigned n_wanted;

static bool
asked_enough(void)
{
    return n_asked >= n_wanted;
}

int64_t
time_of_questions_us(unsigned more)
{
    int64_t start_us = clock_us();

    n_wanted = n_asked + more;
    cr_assert(wait_for(asked_enough));
    return clock_us() - start_us;
}

/* From the n-th question to the next. */
static int64_t
pause_after_us(unsigned n)
{
    return asked[n + 1].at_us - asked[n].at_us;
}

int64_t
shortest_pause_us(unsigned from, unsigned to)
{
    int64_t shortest_us = INT64_MAX;

    for (unsigned i = from; i < to; i++) {
        shortest_us = pause_after_us(i) < shortest_us ? pause_after_us(i) : shortest_us;
    }
    return shortest_us;
}

bool
knows_a_revocation(void)
{
    struct auth_verifier_counts counts;

    auth_verifier_counts(fed, &counts);
    return counts.n_revocations > 0;
}

int64_t
age_ms(void)
{
    struct auth_verifier_counts counts;

    auth_verifier_counts(fed, &counts);
    return counts.age_ms;
}

static size_t
count_in_log(const struct capture *log, const char *part)
{
    char *text = capture_text(log);
    size_t n = count_lines(text, part);

    free(text);
    return n;
}

struct capture log_lines;

bool
said_away(void)
{
    return count_in_log(&log_lines, "authority_away") > 0;
}

bool
said_back(void)
{
    return count_in_log(&log_lines, "authority_back") > 0;
}

void
expect_log(size_t away, size_t back)
{
    char *text = capture_text(&log_lines);

    cr_assert_eq(count_lines(text, "authority_away"), away, "%s", text);
    cr_assert_eq(count_lines(text, "authority_back"), back, "%s", text);
    free(text);
}

void
expect_patience(void)
{
    enum { QUESTIONS = 8, FIRST = QUESTIONS / 2 };
    unsigned before = n_asked;

    /* From the fourth on pauses are as long as they get, less a random part of three quarters. */
    cr_assert_geq(time_of_questions_us(QUESTIONS),
                  (QUESTIONS - FIRST) * LIMIT_AUTH_BACKOFF_MS * 1000 / 4);
    cr_assert_lt(shortest_pause_us(before + FIRST, before + QUESTIONS - 1),
                 LIMIT_AUTH_BACKOFF_MS * 1000 * 6 / 5);
}
