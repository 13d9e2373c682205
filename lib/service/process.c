#include "service/process.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"

atomic_bool process_stopping;
static atomic_int n_signals;
static sigset_t waiting_mask; /* in force while the main thread waits */

static void
on_signal(int number)
{
    (void)number;
    process_stopping = true;
    n_signals++;
}

int
process_signals(void)
{
    return n_signals;
}

void
process_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void
process_hold_signals(void)
{
    sigset_t held;

    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    pthread_sigmask(SIG_BLOCK, &held, &waiting_mask);
}

void
process_wait_signal(int seen, int64_t wait_ms)
{
    int64_t end_us = clock_us() + wait_ms * 1000;

    while (n_signals <= seen) {
        int64_t left_us = end_us - clock_us();
        struct timespec left = {.tv_sec = (time_t)(left_us / 1000000),
                                .tv_nsec = (long)(left_us % 1000000 * 1000)};

        if (wait_ms >= 0 && left_us <= 0) {
            return;
        }
        ppoll(NULL, 0, wait_ms < 0 ? NULL : &left, &waiting_mask);
    }
}

bool
process_wait(int wait_ms)
{
    process_wait_signal(0, wait_ms);
    return !process_stopping;
}
