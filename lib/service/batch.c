#include "service/batch.h"

#include <string.h>

#include "base/limits.h"

static bool
is_urgent(const struct job *job)
{
    return call_remaining_ms(&job->served->call) < LIMIT_URGENT_MS;
}

static bool
must_not_meet(const struct job *a, const struct job *b)
{
    if (a->writes != b->writes || a->rolled_back || b->rolled_back || a->has_steps ||
        b->has_steps) {
        return true;
    }
    if (a->has_affinity && b->has_affinity && a->affinity == b->affinity) {
        return true;
    }
    return a->keyed && b->keyed && memcmp(a->scope, b->scope, sizeof(a->scope)) == 0;
}

unsigned
batch_split(struct job *jobs, size_t n)
{
    bool urgent[LIMIT_FRAME_CALLS] = {false};
    unsigned n_urgent = 0;
    unsigned n_rounds;

    for (size_t i = 0; i < n; i++) {
        urgent[i] = is_urgent(&jobs[i]); /* once: time passes */
        if (urgent[i]) {
            jobs[i].round = n_urgent++;
        }
    }
    n_rounds = n_urgent;
    for (size_t i = 0; i < n; i++) {
        if (urgent[i]) {
            continue;
        }
        jobs[i].round = n_urgent;
        for (size_t j = 0; j < i; j++) {
            if (!urgent[j] && jobs[j].round >= jobs[i].round && must_not_meet(&jobs[i], &jobs[j])) {
                jobs[i].round = jobs[j].round + 1;
            }
        }
        if (jobs[i].round >= n_rounds) {
            n_rounds = jobs[i].round + 1;
        }
    }
    return n_rounds;
}
