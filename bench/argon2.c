/*
 * How many passwords this machine hashes in a second, with nothing else around: what bounds logins.
 * Prints the number. The parameters are those that accounts has unless told otherwise.
 *
 *     bench_argon2 [threads [seconds]]
 */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/clock.h"

enum { THREADS_MAX = 64, MEMORY_BYTES = 19 * 1024 * 1024, PASSES = 2 };

static atomic_uint n_hashes;
static int64_t end_us;

static void *
hash(void *unused)
{
    static const char password[] = "somebody who measures";
    char made[crypto_pwhash_STRBYTES];

    (void)unused;
    while (clock_us() < end_us) {
        ASSERT(crypto_pwhash_str_alg(made, password, sizeof(password) - 1, PASSES, MEMORY_BYTES,
                                     crypto_pwhash_ALG_ARGON2ID13) == 0);
        atomic_fetch_add(&n_hashes, 1);
    }
    return NULL;
}

int
main(int argc, char **argv)
{
    int n_threads = argc > 1 ? atoi(argv[1]) : 1;
    int seconds = argc > 2 ? atoi(argv[2]) : 5;
    int64_t start_us;
    pthread_t threads[THREADS_MAX];

    ASSERT(n_threads > 0 && n_threads <= THREADS_MAX && seconds > 0 && sodium_init() >= 0);
    start_us = clock_us();
    end_us = start_us + seconds * (int64_t)1000000;
    for (int i = 0; i < n_threads; i++) {
        ASSERT(pthread_create(&threads[i], NULL, hash, NULL) == 0);
    }
    for (int i = 0; i < n_threads; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%.1f\n", n_hashes * 1e6 / (double)(clock_us() - start_us));
    return 0;
}
