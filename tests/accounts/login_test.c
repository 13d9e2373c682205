#include <pthread.h>

#include "base/clock.h"
#include "desk.h"
#include "support/hold.h"
#include "support/rpc_case.h"

#define LOGIN "POST", "/v1/auth/login"
#define TOKENS                                                                                     \
    "{\"accessToken\":\"<text>\",\"refreshToken\":\"<text>\",\"expiresIn\":600,"                   \
    "\"tokenType\":\"Bearer\"}"
#define LAST_EVENT                                                                                 \
    "SELECT concat_ws(' ', actor_id, actor, action, object, client_address, request_id, outcome) " \
    "FROM depot_audit ORDER BY id DESC LIMIT 1"
#define INACTIVE "UPDATE account SET active = false;"

TestSuite(login, .init = passwords_open, .fini = passwords_close, .timeout = 120);

Test(login, cases)
{
    char *seed = with_key(SEED_ADA SEED_MIA), *inactive = with_key(SEED_ADA INACTIVE);
    const struct rpc_case cases[] = {
        {"by name", seed, LOGIN, "{\"username\":\"ada\",\"password\":\"" PASSWORD "\"}", 200,
         TOKENS, LAST_EVENT, ADA " ada Login ada 192.0.2.1 test OK"},
        {"a session begins", seed, LOGIN, "{\"username\":\"ada\",\"password\":\"" PASSWORD "\"}",
         200, TOKENS,
         "SELECT concat_ws(' ', account_id, token_number, client_address, expire_time - "
         "create_time)"
         " FROM session",
         ADA " 0 192.0.2.1 30 days"},
        {"the login is noted", seed, LOGIN, "{\"username\":\"ada\",\"password\":\"" PASSWORD "\"}",
         200, TOKENS,
         "SELECT login_time IS NOT NULL AND version = 1 AND password_hash = '" PASSWORD_HASH
         "' FROM account WHERE username = 'ada'",
         "t"},
        {"any case", seed, LOGIN, "{\"username\":\"ADA\",\"password\":\"" PASSWORD "\"}", 200,
         TOKENS, NULL, NULL},
        {"by e-mail address", seed, LOGIN,
         "{\"email\":\"Ada@Example.org\",\"password\":\"" PASSWORD "\"}", 200, TOKENS, LAST_EVENT,
         ADA " ada Login Ada@Example.org 192.0.2.1 test OK"},
        {"the address as a name", seed, LOGIN,
         "{\"username\":\"ada@example.org\",\"password\":\"" PASSWORD "\"}", 200, TOKENS, NULL,
         NULL},
        {"of others too", seed, LOGIN, "{\"username\":\"MIA\",\"password\":\"" PASSWORD "\"}", 200,
         TOKENS, NULL, NULL},
        {"a letter that is only like another", seed, LOGIN,
         "{\"username\":\"m\\u0130a\",\"password\":\"" PASSWORD "\"}", 401,
         JSON_PROBLEM("UNAUTHENTICATED", "LOGIN_FAILED"), NULL, NULL},
        {"a name is no address", seed, LOGIN, "{\"email\":\"ada\",\"password\":\"" PASSWORD "\"}",
         200, TOKENS, NULL, NULL},
        {"wrong password", seed, LOGIN, "{\"username\":\"ada\",\"password\":\"not the one\"}", 401,
         JSON_PROBLEM("UNAUTHENTICATED", "LOGIN_FAILED"), LAST_EVENT,
         " Login ada 192.0.2.1 test LOGIN_FAILED"},
        {"no session then", seed, LOGIN, "{\"username\":\"ada\",\"password\":\"not the one\"}", 401,
         JSON_PROBLEM("UNAUTHENTICATED", "LOGIN_FAILED"), "SELECT count(*) FROM session", "0"},
        {"unknown", seed, LOGIN, "{\"username\":\"zoe\",\"password\":\"" PASSWORD "\"}", 401,
         JSON_PROBLEM("UNAUTHENTICATED", "LOGIN_FAILED"), LAST_EVENT,
         " Login zoe 192.0.2.1 test LOGIN_FAILED"},
        {"the unknown are counted, too", seed, LOGIN,
         "{\"username\":\"zoe\",\"password\":\"" PASSWORD "\"}", 401,
         JSON_PROBLEM("UNAUTHENTICATED", "LOGIN_FAILED"),
         "SELECT count(*) FROM login_failure WHERE failures = 1", "3"},
        {"inactive", inactive, LOGIN, "{\"username\":\"ada\",\"password\":\"" PASSWORD "\"}", 403,
         JSON_PROBLEM("PERMISSION_DENIED", "ACCOUNT_INACTIVE"), LAST_EVENT,
         " Login ada 192.0.2.1 test ACCOUNT_INACTIVE"},
        {"inactive, wrong password", inactive, LOGIN,
         "{\"username\":\"ada\",\"password\":\"not the one\"}", 401,
         JSON_PROBLEM("UNAUTHENTICATED", "LOGIN_FAILED"), "SELECT count(*) FROM session", "0"},
        {"neither name nor address", seed, LOGIN, "{\"password\":\"" PASSWORD "\"}", 400,
         JSON_INVALID("REQUIRED", POINTER("/username")), "SELECT count(*) FROM depot_audit", "0"},
        {"both", seed, LOGIN,
         "{\"username\":\"ada\",\"email\":\"ada@example.org\",\"password\":\"" PASSWORD "\"}", 400,
         JSON_INVALID("BAD_FORMAT", POINTER("/email")), NULL, NULL},
        {"no password", seed, LOGIN, "{\"username\":\"ada\"}", 400,
         JSON_INVALID("REQUIRED", POINTER("/password")), NULL, NULL},
        {"no key to sign with", SEED_ADA, LOGIN,
         "{\"username\":\"ada\",\"password\":\"" PASSWORD "\"}", 503,
         JSON_PROBLEM("UNAVAILABLE", "NOT_READY"), NULL, NULL},
    };

    rpc_cases_run_as(&accounts_service, &as_nobody, cases, N_OF(cases));
    free(inactive);
    free(seed);
}

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

TestSuite(login_work, .init = open_desk, .fini = close_desk, .timeout = 120);

/* What the token says is what the account is. */
Test(login_work, token)
{
    const Depot__Accounts__V1__Tokens *tokens = desk_tokens(&desk);
    struct token_claims claims;

    desk_run(&desk, "UPDATE account SET generation = 7 WHERE username = 'ada'");
    tokens = desk_tokens(&desk);
    cr_assert_eq(desk_read(&desk, tokens->access_token, &claims), TOKEN_GOOD);
    cr_assert_str_eq(claims.subject, ADA);
    cr_assert_str_eq(claims.name, "ada");
    cr_assert_str_eq(claims.scope, "");
    cr_assert_eq(claims.role, PB_ROLE_MEMBER);
    cr_assert_eq(claims.generation, 7);
    cr_assert_not(claims.is_program);
    cr_assert_eq(claims.expires_s - claims.not_before_s, 600);
    desk_expect(&desk, "SELECT id FROM session ORDER BY id DESC LIMIT 1", claims.session);
}

static uint64_t
work_of(const char *username, const char *password, const struct reason *reason)
{
    uint64_t before = password_count();
    struct asked asked = desk_log_in(&desk, username, password);

    if (reason == NULL) {
        (void)tokens_of(&asked);
    } else {
        expect_reason(&asked, reason);
    }
    return password_count() - before;
}

/* Whoever measures how long it takes learns nothing. */
Test(login_work, is_the_same_for_everybody)
{
    desk_run(&desk, "UPDATE account SET active = false WHERE username = 'eve'");
    cr_assert_eq(work_of("ada", PASSWORD, NULL), 1);
    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    cr_assert_eq(work_of("nobody", "not the one", &reason_login_failed), 1);
    cr_assert_eq(work_of("eve", PASSWORD, &reason_account_inactive), 1);
    cr_assert_eq(work_of("eve", "not the one", &reason_login_failed), 1);
}

/* A hash of lower parameters is renewed, for who has the password only. */
Test(login_work, renews_stale_hashes)
{
    static const char hash[] = "SELECT left(password_hash, 30) FROM account WHERE username = 'ada'";

    desk_run(&desk, "UPDATE account SET password_hash = '" PASSWORD_HASH_STALE "'");
    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    desk_expect(&desk, hash, "$argon2id$v=19$m=8192,t=1,p=1$");
    cr_assert_eq(work_of("ada", PASSWORD, NULL), 2);
    desk_expect(&desk, hash, "$argon2id$v=19$m=19456,t=2,p=1");
    cr_assert_eq(work_of("ada", PASSWORD, NULL), 1);
}

/* A busy machine may take longer than the wait: failures are almost a minute ahead meanwhile, and
 * one fewer, as if a minute had not been forgotten. */
enum { AHEAD_MS = 59 * 1000 };
#define AHEAD                                                                                      \
    "UPDATE login_failure SET last_time = last_time + interval '59 s', failures = failures - 1"
#define BACK                                                                                       \
    "UPDATE login_failure SET last_time = last_time - interval '59 s', failures = failures + 1"

/* Whoever fails now has to wait for so long. */
static void
expect_wait(int32_t wait_ms)
{
    int64_t start_us = clock_us();
    struct asked asked;
    int64_t left_ms;

    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    desk_run(&desk, AHEAD);
    asked = desk_log_in(&desk, "ada", PASSWORD);
    expect_reason(&asked, &reason_login_backoff);
    left_ms = asked.call.problem.retry_after_ms - AHEAD_MS;
    cr_assert_leq(left_ms, wait_ms);
    cr_assert_geq(left_ms, wait_ms - (clock_us() - start_us) / 1000 - 1);
    cr_assert_eq(work_of("ADA", PASSWORD, &reason_login_backoff), 0);
    desk_run(&desk, BACK);
}

/* After five failures the pair waits, a second, then twice as long; a login forgets it all. */
Test(login_work, waits_after_failures)
{
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    }
    expect_wait(1000);
    cr_assert_eq(work_of("eve", PASSWORD, NULL), 1);
    desk_run(&desk, "UPDATE login_failure SET last_time = last_time - interval '1 second'");
    expect_wait(2000);
    desk_run(&desk, "UPDATE login_failure SET last_time = last_time - interval '2 seconds'");
    cr_assert_eq(work_of("ada", PASSWORD, NULL), 1);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    }
    cr_assert_eq(work_of("ada", PASSWORD, NULL), 1);
}

/* Failures are forgotten, one a minute, and no more than 64 are remembered. */
Test(login_work, forgets_failures)
{
    (void)desk_tokens(&desk); /* what is counted for the account is no concern here */
    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    desk_run(&desk, "UPDATE login_failure SET failures = 20, "
                    "last_time = now() - interval '5 minutes 10 seconds'");
    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    desk_expect(&desk, "SELECT DISTINCT failures FROM login_failure", "16");
    desk_run(&desk, "UPDATE login_failure SET failures = 64, "
                    "last_time = now() - interval '61 seconds'");
    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    desk_expect(&desk, "SELECT DISTINCT failures FROM login_failure", "64");
    desk_run(&desk, "UPDATE login_failure SET last_time = now() - interval '1 day'");
    cr_assert_eq(work_of("ada", "not the one", &reason_login_failed), 1);
    desk_expect(&desk, "SELECT DISTINCT failures FROM login_failure", "1");
}

/* A try from a network of its own: 198.18.0.0/15 is for that (RFC 2544). */
static const struct reason *
try_from_elsewhere(const char *username, const char *password)
{
    static unsigned n;
    char address[32];
    struct asked asked;

    n++;
    snprintf(address, sizeof(address), "198.18.%u.%u", n / 250, n % 250);
    desk.address = address;
    asked = desk_log_in(&desk, username, password);
    desk.address = NULL;
    if (asked.reason == &reason_login_backoff) {
        cr_assert_eq(asked.call.problem.retry_after_ms, 1000);
    }
    return asked.reason;
}

/* How many of so many tries, from as many networks, end like that. */
static size_t
count_from_elsewhere(size_t n, const char *username, const char *password,
                     const struct reason *reason)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        found += try_from_elsewhere(username, password) == reason;
    }
    return found;
}

/* As if many others had failed just now. */
static void
be_under_attack(const char *username)
{
    cr_assert_eq(try_from_elsewhere(username, "not the one"), &reason_login_failed);
    desk_run(&desk, "UPDATE login_failure SET failures = 64, last_time = now()");
}

/* Whether some of a few tries from there are refused. Each one fails, but makes no pair wait. */
static bool
is_thinned_from(const char *address, const char *username)
{
    bool refused = false;

    desk.address = address;
    for (int i = 0; i < 12; i++) {
        struct asked asked = desk_log_in(&desk, username, "not the one");

        refused = asked.reason == &reason_login_backoff || refused;
        desk_run(&desk, "UPDATE login_failure SET failures = 1 WHERE failures < 50");
    }
    desk.address = NULL;
    return refused;
}

/* Whose account others try to guess, each from a network of its own, logs in at once where a
 * session goes on, and after a few tries anywhere else. Bounds of what is by chance are such that
 * one run of a hundred thousand misses them. */
Test(login_work, locks_nobody_out)
{
    size_t guesses;

    (void)desk_tokens(&desk);
    guesses = count_from_elsewhere(200, "ada", "not the one", &reason_login_failed);
    cr_expect(guesses >= 50 + 15 && guesses <= 50 + 65, "%zu guesses", guesses);
    for (int i = 0; i < 12; i++) {
        cr_assert_eq(work_of("ada", PASSWORD, NULL), 1);
    }
    cr_expect_gt(count_from_elsewhere(40, "ada", PASSWORD, NULL), 0);
    cr_expect_gt(count_from_elsewhere(40, "ada", PASSWORD, &reason_login_backoff), 0);
}

/* Who guesses sees no difference between an account with a session somewhere else, one without any
 * and none at all. */
Test(login_work, tells_nobody_whom_others_try)
{
    static const char *const names[] = {"ada", "eve", "nobody"};

    (void)desk_tokens(&desk);
    for (size_t i = 0; i < N_OF(names); i++) {
        size_t refused;

        be_under_attack(names[i]);
        refused = count_from_elsewhere(60, names[i], "not the one", &reason_login_backoff);
        cr_expect(refused >= 30 && refused < 60, "%zu of %s", refused, names[i]);
    }
}

/* What is refused costs nothing, and when it is over it is over. */
Test(login_work, forgets_what_others_tried)
{
    uint64_t before;
    size_t refused;

    be_under_attack("ada");
    before = password_count();
    refused = count_from_elsewhere(20, "ada", "not the one", &reason_login_backoff);
    cr_expect_eq(password_count() - before, 20 - refused);
    desk_run(&desk, "UPDATE login_failure SET last_time = now() - interval '16 minutes'");
    cr_expect_eq(count_from_elsewhere(12, "ada", PASSWORD, NULL), 12);
}

/* An IPv6 network counts as one, what is not known does not count, nor does a session that is over.
 */
Test(login_work, knows_networks)
{
    desk.address = "2001:db8:0:1::1";
    (void)desk_tokens(&desk);
    desk.address = "";
    (void)desk_tokens(&desk);
    desk_expect(&desk, "SELECT string_agg(network, ' ' ORDER BY id) FROM session",
                "2001:db8:0:1::/64 ");
    be_under_attack("ada");
    cr_expect_not(is_thinned_from("2001:db8:0:1:ffff::9", "ada"));
    cr_expect(is_thinned_from("2001:db8:0:2::1", "ada"));
    cr_expect(is_thinned_from("", "ada"));
    desk_run(&desk, "UPDATE session SET expire_time = now()");
    cr_expect(is_thinned_from("2001:db8:0:1:ffff::9", "ada"));
}

struct late {
    pthread_t thread;
    struct arena arena;
    const struct reason *reason;
};

static void *
log_in_late(void *argument)
{
    Depot__Accounts__V1__LoginRequest request = DEPOT__ACCOUNTS__V1__LOGIN_REQUEST__INIT;
    struct late *self = argument;

    request.username = "ada";
    request.password = PASSWORD;
    self->reason = desk_ask_at(&desk, 1, &self->arena, &as_nobody,
                               &depot__accounts__v1__accounts_service__login__method, &request.base)
                       .reason;
    return NULL;
}

/* Between the two queries the password is changed: the old one lets nobody in. */
Test(login_work, holds_against_the_account_as_it_is)
{
    struct late late = {0};
    struct hold hold;

    arena_init(&late.arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    hold_table(&hold, &desk.bench.database, "login_failure");
    cr_assert_eq(pthread_create(&late.thread, NULL, log_in_late, &late), 0);
    hold_expect_waiting(&hold, 1);
    desk_run(&desk, "UPDATE account SET generation = generation + 1");
    hold_release(&hold);
    pthread_join(late.thread, NULL);
    arena_fini(&late.arena);
    cr_assert_eq(late.reason, &reason_login_failed);
    desk_expect(&desk, "SELECT count(*) FROM session", "0");
}
