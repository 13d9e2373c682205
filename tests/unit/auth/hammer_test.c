/* Many threads check while revocations come in: what was revoked before is refused, always. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "auth/verifier.h"
#include "base/clock.h"
#include "base/limits.h"
#include "depot/rpc/v1/reasons.schema.h"
#include "fixture.h"

enum { TOKENS = 200, THREADS = 8, ROUNDS = 40 };

static struct auth_verifier *verifier;
static struct text tokens[TOKENS];
static char sessions[TOKENS][37];
static atomic_uint n_revoking, n_revoked; /* the first ones; revoking: perhaps, by now */
static atomic_uint n_wrong, n_good, n_refused;
static atomic_bool ended;

static void
judge(const struct call *call, unsigned n, enum status status, unsigned revoked_before)
{
    if (status == STATUS_OK) {
        n_good++;
        n_wrong += n < revoked_before || strcmp(call->caller.session, sessions[n]) != 0;
    } else {
        n_refused++;
        n_wrong += n >= n_revoking || call->problem.reason != &reason_token_revoked;
    }
}

static void *
run_checks(void *closure)
{
    unsigned n = (unsigned)(uintptr_t)closure;
    struct arena arena;

    arena_init(&arena, LIMIT_ARENA_BLOCK_BYTES, 0);
    while (!ended) {
        unsigned revoked_before = n_revoked;
        struct call call;
        enum status status;

        n = (n * 31 + 7) % TOKENS;
        arena_reset(&arena);
        call_init(&call, &arena);
        status = auth_verifier_check(verifier, &call, tokens[n].text, tokens[n].bytes);
        judge(&call, n, status, revoked_before);
    }
    arena_fini(&arena);
    return NULL;
}

static void
revoke_one_more(struct answer *answer)
{
    unsigned n = n_revoked;

    answer_init(answer, 0, n % 2 == 0 ? 2 : 1); /* a key beside theirs comes and goes */
    answer_revoke_session(answer, sessions[n]);
    n_revoking = n + 1;
    cr_assert(auth_verifier_learn(verifier, &answer->message, clock_us()));
    n_revoked = n + 1;
}

Test(hammer, checks_and_revocations, .timeout = 120)
{
    static struct answer answer;
    pthread_t threads[THREADS];
    struct auth_verifier_counts counts;

    verifier = auth_verifier_new(60000);
    answer_init(&answer, 0, 2);
    cr_assert(auth_verifier_learn(verifier, &answer.message, clock_us()));
    for (unsigned i = 0; i < TOKENS; i++) {
        struct token_claims claims = claims_now(0);

        snprintf(sessions[i], sizeof(sessions[i]), "0195a3c0-7c00-7000-9000-%012x", i);
        memcpy(claims.session, sessions[i], sizeof(claims.session));
        tokens[i] = write_token(&claims, 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, run_checks, (void *)(uintptr_t)i), 0);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        revoke_one_more(&answer);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    ended = true;
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    auth_verifier_counts(verifier, &counts);
    auth_verifier_free(verifier);
    cr_assert_eq(n_wrong, 0);
    cr_assert_gt(n_good, 0);
    cr_assert_gt(n_refused, 0);
    cr_assert_eq(counts.n_tokens, TOKENS);
    cr_assert_lt(counts.verified, TOKENS * (THREADS + 1));
}
