/*
 * What a check of an access token costs: the first one, and one that is remembered, by one thread
 * and by several while revocations come in. Also the program to run under ThreadSanitizer, under
 * which Criterion does not start.
 *
 *     bench_verifier [threads [checks]]
 */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/base64url.h"
#include "auth/policy.h"
#include "auth/verifier.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/uuid.h"

enum { TOKENS = 1000, THREADS_MAX = 64, CALLS_PER_RESET = 64 };

static struct auth_verifier *verifier;
static struct buf tokens[TOKENS];
static unsigned char secret[TOKEN_SECRET_BYTES];
static struct token_key key = {.kid = "bench-key-000000"};
static atomic_bool ended;
static unsigned n_checks = 2000000;

static void
learn(const char *revoked_session)
{
    Depot__Auth__V1__VerificationKey said = DEPOT__AUTH__V1__VERIFICATION_KEY__INIT;
    Depot__Auth__V1__VerificationKey *keys[] = {&said};
    Depot__Auth__V1__Revocation revocation = DEPOT__AUTH__V1__REVOCATION__INIT;
    Depot__Auth__V1__Revocation *revocations[] = {&revocation};
    Depot__Auth__V1__PullAuthorityResponse news = DEPOT__AUTH__V1__PULL_AUTHORITY_RESPONSE__INIT;
    struct buf text = BUF_INIT;

    base64url_put(&text, key.public_key, sizeof(key.public_key));
    buf_putc(&text, '\0');
    said.kid = key.kid;
    said.algorithm = (char *)"EdDSA";
    said.public_key = text.data;
    news.epoch = (char *)"bench";
    news.issuer = (char *)"https://depot.example";
    news.audience = (char *)"depot";
    news.keys = keys;
    news.n_keys = 1;
    news.revocations = revocations;
    news.n_revocations = revoked_session == NULL ? 0 : 1;
    revocation.session_id = (char *)revoked_session;
    revocation.matters_s = 600;
    ASSERT(auth_verifier_learn(verifier, &news, clock_us()));
    buf_fini(&text);
}

static void
make_token(struct buf *out)
{
    struct token_claims claims = {.name = "anna", .role = PB_ROLE_MEMBER, .generation = 1};

    memcpy(claims.kid, key.kid, sizeof(claims.kid));
    uuid_v7(claims.subject);
    uuid_v7(claims.session);
    uuid_v7(claims.id);
    claims.not_before_s = time(NULL);
    claims.expires_s = claims.not_before_s + TOKEN_LIFE_MAX_S;
    token_write(out, &claims, "https://depot.example", "depot", secret);
}

/* Checks one token after another; `begin` is the first. */
static void
check(unsigned begin, unsigned n)
{
    struct arena arena;
    struct call call;

    arena_init(&arena, 16 * 1024, 0);
    for (unsigned i = 0; i < n; i++) {
        const struct buf *token = &tokens[(begin + i) % TOKENS];

        if (i % CALLS_PER_RESET == 0) {
            arena_reset(&arena);
            call_init(&call, &arena);
        }
        ASSERT(auth_verifier_check(verifier, &call, token->data, token->length_bytes) == STATUS_OK);
    }
    arena_fini(&arena);
}

static int64_t
cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *
run_checks(void *closure)
{
    int64_t start_ns = cpu_ns();

    check((unsigned)(uintptr_t)closure, n_checks);
    printf("  %4ld ns of CPU for each\n", (long)((cpu_ns() - start_ns) / n_checks));
    return NULL;
}

/* Every 5 ms something is revoked: each token must be held against it once more. */
static void *
run_learn(void *closure)
{
    unsigned *n = closure;
    struct timespec pause = {.tv_nsec = 5000000};
    char session[UUID_TEXT_BYTES];

    while (!ended) {
        uuid_v7(session);
        learn(session);
        ++*n;
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void
run_threads(unsigned n_threads)
{
    pthread_t threads[THREADS_MAX], learner;
    unsigned n_learnt = 0;

    printf("%u threads, %u checks each, while revocations come:\n", n_threads, n_checks);
    ASSERT(pthread_create(&learner, NULL, run_learn, &n_learnt) == 0);
    for (unsigned i = 0; i < n_threads; i++) {
        ASSERT(pthread_create(&threads[i], NULL, run_checks, (void *)(uintptr_t)(i * 7)) == 0);
    }
    for (unsigned i = 0; i < n_threads; i++) {
        pthread_join(threads[i], NULL);
    }
    ended = true;
    pthread_join(learner, NULL);
    printf("  %u revocations\n", n_learnt);
}

int
main(int argc, char **argv)
{
    unsigned n_threads = argc > 1 ? (unsigned)atoi(argv[1]) : 2;
    int64_t start_ns;

    ASSERT(sodium_init() >= 0 && n_threads <= THREADS_MAX);
    n_checks = argc > 2 ? (unsigned)atoi(argv[2]) : n_checks;
    crypto_sign_keypair(key.public_key, secret);
    for (unsigned i = 0; i < TOKENS; i++) {
        make_token(&tokens[i]);
    }
    verifier = auth_verifier_new(60000);
    learn(NULL);
    printf("a token has %zu bytes\n", tokens[0].length_bytes);
    start_ns = cpu_ns();
    check(0, TOKENS);
    printf("first check: %ld ns of CPU\n", (long)((cpu_ns() - start_ns) / TOKENS));
    start_ns = cpu_ns();
    check(0, n_checks);
    printf("remembered: %ld ns of CPU\n", (long)((cpu_ns() - start_ns) / n_checks));
    run_threads(n_threads);
    for (unsigned i = 0; i < TOKENS; i++) {
        buf_fini(&tokens[i]);
    }
    auth_verifier_free(verifier);
    return 0;
}
