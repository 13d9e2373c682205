/*
 * Sessions as their clients and their thieves know them: refresh tokens that come late, twice and
 * from before; keys that change and logouts while others are served; the authority that is away.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/load.h"
#include "support/problem.h"
#include "support/stack.h"

static struct stack stack;

/* Programs are started with it later, too. */
static const char *const quick[] = {"SIGNING_KEY_LEAD=1", NULL};

static void
setup(void)
{
    stack_start(&stack, &(struct stack_options){.replicas = 2, .accounts = quick});
}

static void
teardown(void)
{
    stack_stop(&stack);
}

TestSuite(sessions, .init = setup, .fini = teardown, .timeout = 300);
TestSuite(authority, .fini = teardown, .timeout = 300);

struct tokens {
    char access[STACK_TOKEN_BYTES], refresh[STACK_TOKEN_BYTES];
};

/* Asks for the next tokens; the status, and on success the tokens. */
static int
refresh(const char *token, struct tokens *next)
{
    struct http_response response;
    char body[STACK_TOKEN_BYTES + 32];
    char *access, *refresh;
    int status;

    snprintf(body, sizeof(body), "{\"refreshToken\":\"%s\"}", token);
    stack_send_as(&stack, "", &response, "POST", "/v1/auth/refresh", body);
    status = response.status;
    if (status == 200) {
        access = http_member(&response, "accessToken");
        refresh = http_member(&response, "refreshToken");
        snprintf(next->access, sizeof(next->access), "%s", access);
        snprintf(next->refresh, sizeof(next->refresh), "%s", refresh);
        free(access);
        free(refresh);
    } else {
        problem_expect(&response, "REFRESH_FAILED", "refresh");
    }
    http_free(&response);
    return status;
}

static void
log_in(struct tokens *tokens)
{
    stack_login(&stack, "admin", STACK_ADMIN_PASSWORD, tokens->access, tokens->refresh);
}

static int
status_of(const char *token)
{
    return stack_status_as(&stack, token, "GET", "/v1/cars", NULL);
}

static bool
is_let_in(void *token)
{
    return status_of(token) == 200;
}

static bool
is_kept_out(void *token)
{
    return status_of(token) == 401;
}

/* The answer was lost, any number of times, until its refresh token has been used. */
Test(sessions, a_lost_answer_logs_nobody_out)
{
    struct tokens first, second, again, third;

    log_in(&first);
    cr_assert_eq(refresh(first.refresh, &second), 200);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(refresh(first.refresh, &again), 200);
        cr_assert_str_eq(again.refresh, second.refresh);
        cr_assert_eq(status_of(again.access), 200);
    }
    cr_assert_eq(refresh(again.refresh, &third), 200);
    cr_assert_str_neq(third.refresh, second.refresh);
    cr_assert_eq(status_of(third.access), 200);
}

/* Somebody comes with a token from before: all of the session ends, everywhere. */
Test(sessions, a_stolen_token_ends_the_session)
{
    struct tokens first, second, third, none;

    log_in(&first);
    cr_assert_eq(refresh(first.refresh, &second), 200);
    cr_assert_eq(refresh(second.refresh, &third), 200);
    cr_assert_eq(refresh(first.refresh, &none), 401);
    cr_assert_eq(refresh(third.refresh, &none), 401);
    cr_assert(wait_until(is_kept_out, third.access, 30));
    cr_assert_eq(status_of(stack.token), 200, "another session of the account");
}

/* Letters changed in any place: nothing of it is ours, so nothing ends. */
Test(sessions, a_guessed_token_ends_nothing)
{
    struct tokens first, second, third, none;
    char guess[STACK_TOKEN_BYTES];
    size_t length;

    log_in(&first);
    cr_assert_eq(refresh(first.refresh, &second), 200);
    cr_assert_eq(refresh(second.refresh, &third), 200);
    length = strlen(first.refresh);
    for (size_t i = 4; i < length; i += 3) {
        snprintf(guess, sizeof(guess), "%s", first.refresh);
        guess[i] = guess[i] == 'A' ? 'B' : 'A';
        cr_assert_eq(refresh(guess, &none), 401, "%s", guess);
    }
    cr_assert_eq(refresh(third.refresh, &none), 200);
}

struct racer {
    pthread_t thread;
    const char *token;
    struct tokens next;
    int status;
};

static void *
race(void *argument)
{
    struct racer *self = argument;

    self->status = refresh(self->token, &self->next);
    return NULL;
}

Test(sessions, two_at_once_get_the_same)
{
    struct racer racers[8];
    struct tokens tokens, next;
    const size_t n = sizeof(racers) / sizeof(racers[0]);

    log_in(&tokens);
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < n; i++) {
            racers[i] = (struct racer){.token = tokens.refresh};
            cr_assert_eq(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
        }
        for (size_t i = 0; i < n; i++) {
            pthread_join(racers[i].thread, NULL);
            cr_assert_eq(racers[i].status, 200);
            cr_assert_str_eq(racers[i].next.refresh, racers[0].next.refresh);
        }
        tokens = racers[0].next;
    }
    cr_assert_eq(refresh(tokens.refresh, &next), 200);
}

/* --- keys --- */

static int
count_keys(void)
{
    char *text = stack_expect(&stack, 200, "GET", "/.well-known/jwks.json", NULL, NULL);
    int n = 0;

    for (const char *at = text; (at = strstr(at, "\"kid\"")) != NULL; at++) {
        n++;
    }
    free(text);
    return n;
}

static bool
has_two_keys(void *closure)
{
    (void)closure;
    return count_keys() >= 2;
}

/* The operator's command, as `make rotate-keys` runs it. */
static void
operate(const char *method, const char *request)
{
    char program[512], url[sizeof(stack.database.url) + 32];
    const char *argv[] = {test_program("accounts/accounts", program, sizeof(program)), "call",
                          method, request, NULL};
    const char *environment[] = {
        url, "SECRET_KEY=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "SIGNING_KEY_LEAD=1", NULL};
    struct process process = {0};
    char *log;
    int code;

    snprintf(url, sizeof(url), "DATABASE_URL=%s", stack.database.url);
    process_start(&process, argv, environment);
    code = process_wait(&process, 60);
    log = process_log(&process);
    cr_assert_eq(code, 0, "%s: %d %s", method, code, log);
    free(log);
    process_stop(&process);
}

/* The part of a token that names its key. */
static void
head_of(const char *token, char head[static 256])
{
    snprintf(head, 256, "%.*s", (int)strcspn(token, "."), token);
}

static bool
signs_with_another(void *old_head)
{
    struct tokens tokens;
    char head[256];

    log_in(&tokens);
    head_of(tokens.access, head);
    return strcmp(head, old_head) != 0 && status_of(tokens.access) == 200;
}

/* Nobody notices: old tokens stay good, new ones are good at once. */
Test(sessions, keys_change_under_load)
{
    static struct load load;
    char head[256];

    head_of(stack.token, head);
    load_start(&load, &stack);
    cr_assert(load_advance(&load, 50, 60));
    operate("RotateKeys", "{}");
    cr_assert(wait_until(has_two_keys, NULL, 30));
    cr_assert(wait_until(signs_with_another, head, 60));
    cr_assert(load_advance(&load, 50, 60));
    load_stop(&load);
    cr_assert_eq(atomic_load(&load.refused), 0);
    load_verify(&load);
    cr_assert_eq(status_of(stack.token), 200);
}

Test(sessions, everything_is_taken_back)
{
    struct tokens tokens, next;

    log_in(&tokens);
    operate("RevokeAll", "{}");
    cr_assert(wait_until(is_kept_out, stack.token, 30));
    cr_assert(wait_until(is_kept_out, tokens.access, 30));
    cr_assert_eq(refresh(tokens.refresh, &next), 401);
    log_in(&tokens);
    cr_assert(wait_until(is_let_in, tokens.access, 30));
}

/* --- logging out while everybody is served --- */

struct user {
    pthread_t thread;
    char token[STACK_TOKEN_BYTES];
    atomic_bool *stop, *known; /* known: the gateway has heard of all logouts */
    atomic_int let_in, kept_out, let_in_again;
};

struct more {
    atomic_int *count;
    int wanted;
};

static bool
has_more(void *closure)
{
    struct more *more = closure;

    return atomic_load(more->count) >= more->wanted;
}

/* Until so many more answers were like that. */
static void
wait_for_more(atomic_int *count, int n)
{
    cr_assert(wait_until(has_more, &(struct more){count, atomic_load(count) + n}, 60));
}

static void *
use(void *argument)
{
    struct user *self = argument;

    while (!atomic_load(self->stop)) {
        bool known = atomic_load(self->known);
        int status = status_of(self->token);

        self->let_in += status == 200;
        self->let_in_again += status == 200 && known;
        self->kept_out += status == 401;
    }
    return NULL;
}

static bool
gateway_knows_of_three(void *closure)
{
    char *metrics = stack_expect(&stack, 200, "GET", "/metrics", NULL, NULL);
    const char *line = strstr(metrics, "\ndepot_auth_revocations ");
    bool knows = line != NULL && strtol(strchr(line + 1, ' '), NULL, 10) >= 3;

    (void)closure;
    free(metrics);
    return knows;
}

/* Who was let out while others are served is never let in again, once it has got around. */
Test(sessions, a_logout_is_for_good)
{
    struct user users[4] = {0};
    atomic_bool stop = false, known = false;
    struct http_response response;

    for (size_t i = 0; i < 4; i++) {
        stack_login(&stack, "admin", STACK_ADMIN_PASSWORD, users[i].token, NULL);
        users[i].stop = &stop;
        users[i].known = &known;
        cr_assert_eq(pthread_create(&users[i].thread, NULL, use, &users[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        wait_for_more(&users[i].let_in, 20);
    }
    for (size_t i = 0; i < 3; i++) {
        stack_send_as(&stack, users[i].token, &response, "POST", "/v1/auth/logout", "{}");
        cr_assert_eq(response.status, 204, "%s", response.body);
        http_free(&response);
        cr_assert(wait_until(is_kept_out, users[i].token, 30));
    }
    cr_assert(wait_until(gateway_knows_of_three, NULL, 30));
    atomic_store(&known, true);
    for (size_t i = 0; i < 4; i++) {
        wait_for_more(i < 3 ? &users[i].kept_out : &users[i].let_in, 100);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(users[i].thread, NULL);
        cr_assert_eq(users[i].kept_out > 0, i < 3);
        cr_assert(i == 3 || users[i].let_in_again == 0);
    }
}

/* --- without the authority --- */

/* Long enough for a busy machine to be asked once within it. */
enum { MAX_AGE_S = 8 };

/* Refused by the gateway itself: a replica that has heard later may go on for a moment. */
static bool
is_unknown(void *token)
{
    char *metrics = stack_expect(&stack, 200, "GET", "/metrics", NULL, NULL);
    const char *line = strstr(metrics, "\ndepot_auth_knowledge_age_seconds ");
    bool old = line != NULL && strtod(strchr(line + 1, ' '), NULL) > MAX_AGE_S;

    free(metrics);
    return old && status_of(token) == 503;
}

/* What was known is good for a while, then nobody is let in by it; when the authority is back, all
 * is. */
Test(authority, may_be_away_for_a_while)
{
    static const char *const impatient[] = {"REVOCATION_MAX_AGE=8", NULL};
    struct http_response response;

    stack_start(&stack,
                &(struct stack_options){
                    .replicas = 2, .services = impatient, .accounts = quick, .gateway = impatient});
    process_stop(&stack.accounts);
    cr_assert_eq(status_of(stack.token), 200);
    cr_assert(stack_wait_not_ready(&stack, 60));
    cr_assert(wait_until(is_unknown, stack.token, 60));
    stack_send(&stack, &response, "GET", "/v1/cars", NULL, NULL);
    problem_expect(&response, "ACCESS_UNKNOWN", "without the authority");
    http_free(&response);
    stack_start_accounts(&stack);
    cr_assert(wait_until(is_let_in, stack.token, 60));
    cr_assert(stack_wait_ready(&stack, 60));
}
